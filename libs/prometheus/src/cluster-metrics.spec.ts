import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { Registry, register } from 'prom-client';
import { ClusterModule, ClusterStore } from '@nest-cluster/core';
import { ClusterMetricsModule } from './cluster-metrics.module.js';
import { metricsController } from './metrics.controller.js';

function alone(name: string): DynamicModule {
  const nowhere = { name: 'nowhere', discover: () => Promise.resolve([]) };
  return ClusterModule.forRoot(nowhere, {
    name,
    size: 1,
    port: 0,
    dataPort: 0,
    thread: 'main',
    cluster: name,
  });
}

async function start(...imports: DynamicModule[]) {
  @Module({ imports })
  class App {}
  const app = await NestFactory.create(App, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const address = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  return {
    app,
    store: app.get(ClusterStore),
    scrape: async () => (await fetch(`${address}/metrics`)).text(),
  };
}

const valueOf = (text: string, metric: string) => new RegExp(`^${metric} (.*)$`, 'm').exec(text)?.[1];

describe('ClusterMetricsModule', () => {
  it('puts the metrics where PrometheusModule serves them, and takes them out again', async () => {
    const { app, scrape, store } = await start(
      alone('one'),
      PrometheusModule.register({ defaultMetrics: { enabled: false } }),
      ClusterMetricsModule.forRoot(),
    );
    await store.whenReady();
    await store.set('a', 1);
    store.subscribe('*', () => undefined);
    const text = await scrape();
    expect(valueOf(text, 'cluster_store_size')).toBe('1');
    expect(valueOf(text, 'cluster_store_writes_total')).toBe('1');
    expect(valueOf(text, 'cluster_store_subscriptions')).toBe('1');
    expect(valueOf(text, 'cluster_store_replication_seconds_count')).toBe('1');
    expect(valueOf(text, 'cluster_discovery_errors_total{strategy="nowhere"}')).toBe('0');
    // Each observation is counted once, however often somebody looks.
    expect(valueOf(await scrape(), 'cluster_store_replication_seconds_count')).toBe('1');
    await app.close();
    expect(register.getSingleMetric('cluster_size')).toBeUndefined();
  });

  it('keeps several applications of one process apart', async () => {
    const [first, second] = [new Registry(), new Registry()];
    const apps = await Promise.all(
      [first, second].map((registry, index) =>
        start(
          alone(`app-${index}`),
          PrometheusModule.register({
            controller: metricsController(registry),
            defaultMetrics: { enabled: false },
          }),
          ClusterMetricsModule.forRoot({ registry }),
        ),
      ),
    );
    await Promise.all(apps.map(({ store }) => store.whenReady()));
    await apps[1]?.store.set('only here', 1);
    const sizes = await Promise.all(
      apps.map(async ({ scrape }) => valueOf(await scrape(), 'cluster_store_size')),
    );
    expect(sizes).toEqual(['0', '1']);
    expect(register.getSingleMetric('cluster_size')).toBeUndefined();
    await Promise.all(apps.map(({ app }) => app.close()));
  });

  it('refuses a registry that holds the metrics of another node', async () => {
    const registry = new Registry();
    const { app } = await start(alone('one'), ClusterMetricsModule.forRoot({ registry }));
    await expect(start(alone('two'), ClusterMetricsModule.forRoot({ registry }))).rejects.toThrow(
      /a Registry of its own/,
    );
    await app.close();
  });
});
