/**
 * The metrics as Prometheus itself takes them: promtool finds nothing to say about them, a real server scrapes three nodes
 * and answers for every metric, the alert rules do what they promise, and the dashboard asks for nothing that is not there.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DemoCluster } from '../support/demo-cluster.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

const DEPLOY = join(__dirname, '../../deploy');

const METRICS = [
  'cluster_expected_size',
  'cluster_size',
  'cluster_green',
  'cluster_leader',
  'cluster_leader_elections_total',
  'cluster_store_ready',
  'cluster_store_size',
  'cluster_store_subscriptions',
  'cluster_store_partitions_total',
  'cluster_store_connections_total',
  'cluster_store_disconnections_total',
  'cluster_store_conflicts_total',
  'cluster_store_writes_total',
  'cluster_store_replication_seconds_count',
  'cluster_link_bytes_total{direction="in"}',
  'cluster_link_bytes_total{direction="out"}',
  'cluster_frames_rejected_total{reason="unknownKey"}',
  'cluster_probe_seconds_count',
  'cluster_main_thread_lag_seconds',
  'cluster_discovery_errors_total{strategy="gossip"}',
  'cluster_leader_token',
];

function promtool(args: readonly string[], input?: string): string {
  return execFileSync('promtool', args, { input, encoding: 'utf8', cwd: join(DEPLOY, 'prometheus') });
}

describe('the metrics of three nodes', () => {
  let cluster: DemoCluster;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nest-cluster-prometheus-'));
    cluster = await DemoCluster.start(3);
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are as Prometheus wants metrics to be', async () => {
    const response = await cluster.node('n1@test').fetch('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(promtool(['check', 'metrics'], await response.text())).toBe('');
  });

  it('are scraped by a real Prometheus, which answers for each of them', async () => {
    const targets = [...cluster.nodes.values()].map((node) => new URL(node.address('/')).host);
    const server = await Prometheus.start(folder, targets);
    try {
      await until('all three are scraped', async () => (await server.query('sum(up)'))[0]?.value === 3);
      for (const metric of METRICS) {
        const series = await until(`${metric} is answered for three nodes`, async () => {
          const found = await server.query(metric);
          return found.length === 3 ? found : undefined;
        });
        for (const { value } of series) expect(value).not.toBeNaN();
      }
      expect((await server.query('sum(cluster_leader)'))[0]?.value).toBe(1);
      expect((await server.query('min(cluster_green)'))[0]?.value).toBe(1);
      expect((await server.query('max(cluster_leader_token) - min(cluster_leader_token)'))[0]?.value).toBe(0);
      expect((await server.query('min(cluster_store_writes_total)'))[0]?.value).toBeGreaterThanOrEqual(0);
    } finally {
      await server.stop();
    }
  });
});

describe('the alert rules', () => {
  it('are valid, and fire when and only when they should', () => {
    expect(promtool(['check', 'rules', 'nest-cluster.rules.yml'])).toContain('SUCCESS: 10 rules found');
    expect(promtool(['check', 'config', 'prometheus.yml'])).toContain('valid prometheus config');
    expect(promtool(['test', 'rules', 'nest-cluster.rules.test.yml'])).toContain('SUCCESS');
  });
});

describe('the Grafana dashboard', () => {
  it('asks for metrics that are there, in words that Prometheus understands', () => {
    const dashboard = JSON.parse(
      readFileSync(join(DEPLOY, 'grafana/nest-cluster.json'), 'utf8'),
    ) as Dashboard;
    const asked = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const expressions = asked.map((expression) => expression.replaceAll('$__rate_interval', '1m'));
    const known = new Set(METRICS.map((metric) => metric.replace(/\{.*/, '')));
    const named = new Set(expressions.flatMap((expression) => expression.match(/cluster_\w+/g) ?? []));
    for (const metric of named) expect(known).toContain(metric.replace(/_bucket$/, '_count'));
    for (const metric of known)
      expect([...named].map((name) => name.replace(/_bucket$/, '_count'))).toContain(metric);
    const folder = mkdtempSync(join(tmpdir(), 'nest-cluster-dashboard-'));
    const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr }));
    const file = join(folder, 'panels.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    expect(promtool(['check', 'rules', file])).toContain(`SUCCESS: ${rules.length} rules found`);
    rmSync(folder, { recursive: true });
  });
});

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}

/** A server of its own for one test. */
class Prometheus {
  private constructor(
    private readonly process: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(folder: string, targets: readonly string[]): Promise<Prometheus> {
    const config = join(folder, 'prometheus.yml');
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s' },
        scrape_configs: [{ job_name: 'demo', static_configs: [{ targets }] }],
      }),
    );
    const port = await freePort();
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    const server = new Prometheus(child, port);
    await until('Prometheus is ready', async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok);
    return server;
  }

  async query(query: string): Promise<readonly { readonly value: number }[]> {
    const response = await fetch(
      `http://127.0.0.1:${this.port}/api/v1/query?${new URLSearchParams({ query }).toString()}`,
    );
    const body = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return body.data.result.map(({ value: [, value] }) => ({ value: Number(value) }));
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    await gone;
  }
}
