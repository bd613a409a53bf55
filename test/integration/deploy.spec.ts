/**
 * The manifests and the image's recipe under `deploy/`: that they fit each other, the module, and its promises (N2, L5); and
 * that the demo runs with exactly the environment that they set.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAllYaml, loadYaml } from '@kubernetes/client-node';
import type { PolicyRule } from '@nest-cluster/testing';
import { DemoNode } from '../support/demo-node.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { fakeApiServer } from './kubernetes/api-server.js';
import {
  DEPLOY,
  environmentOf,
  manifests,
  only,
  podOf,
  text,
  type Manifest,
} from './kubernetes/manifests.js';
import { endpointSlice, slices } from './kubernetes/objects.js';

const root = join(DEPLOY, '..');
const ways = [
  ['statefulset', 'StatefulSet'],
  ['deployment', 'Deployment'],
] as const;

const hasKubectl = spawnSync('kubectl', ['version', '--client']).error === undefined;
// In CI it has to be there.
const needsKubectl = hasKubectl || Boolean(process.env['CI']);

describe.each(ways)('deploy/%s', (folder, kind) => {
  const all = manifests(folder);
  const workload = only(all, kind);
  const { spec, container } = podOf(workload);
  const env = new Map((container.env ?? []).map(({ name, value }) => [name, value]));
  const ports = new Map((container.ports ?? []).map(({ name, containerPort }) => [name, containerPort]));

  if (needsKubectl) {
    it('is what kubectl makes of it', () => {
      const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(DEPLOY, folder)], {
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, '']);
      const rendered = loadAllYaml(stdout) as readonly Manifest[];
      const byName = (one: Manifest, other: Manifest): number => (idOf(one) < idOf(other) ? -1 : 1);
      expect(rendered.toSorted(byName)).toEqual(all.toSorted(byName));
    });
  }

  it('has each object once, and every label that is selected', () => {
    expect(new Set(all.map(idOf)).size).toBe(all.length);
    const labels = (workload.spec['template'] as Manifest).metadata.labels;
    expect(labels).toEqual({ 'app.kubernetes.io/name': 'demo' });
    const selectors = [
      workload.spec['selector'],
      only(all, 'PodDisruptionBudget').spec['selector'],
      only(all, 'NetworkPolicy').spec['podSelector'],
    ];
    for (const selector of selectors) expect(selector).toEqual({ matchLabels: labels });
    for (const service of ['demo', 'demo-http'])
      expect(only(all, 'Service', service).spec['selector']).toEqual(labels);
  });

  it('names the same ports everywhere', () => {
    expect(Object.fromEntries(ports)).toEqual({ http: 3000, cluster: 45_893, 'cluster-data': 45_894 });
    expect([env.get('PORT'), env.get('CLUSTER_PORT'), env.get('CLUSTER_DATA_PORT')]).toEqual([
      '3000',
      '45893',
      '45894',
    ]);
    expect(only(all, 'Service', 'demo').spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: [
        { name: 'cluster', port: 45_893 },
        { name: 'cluster-data', port: 45_894 },
      ],
    });
    expect(only(all, 'NetworkPolicy').spec['ingress']).toMatchObject([
      // The client library's name for `from`, which is a word of its own in some language.
      { _from: [{ podSelector: {} }], ports: [{ port: 45_893 }, { port: 45_894 }] },
      { ports: [{ port: 'http' }] },
    ]);
  });

  it('gives the node time to hand over and to leave (N2)', () => {
    const [, seconds] = container.lifecycle?.preStop?.exec?.command ?? [];
    const work = Number(env.get('CLUSTER_SHUTDOWN_TIMEOUT_MS')) / 1000;
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number(seconds) + work + 5);
  });

  it('asks for liveness and readiness apart, and keeps a quorum while machines are drained', () => {
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
    expect(container.readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'http' });
    const { httpGet, periodSeconds = 0, failureThreshold = 0 } = container.startupProbe ?? {};
    expect(httpGet).toEqual(container.livenessProbe?.httpGet);
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(120);
    expect(only(all, 'PodDisruptionBudget').spec).toMatchObject({ maxUnavailable: 1 });
    expect(workload.spec['replicas']).toBeGreaterThanOrEqual(3);
    expect(spec.affinity?.podAntiAffinity).toBeDefined();
  });

  it('has no more rights than it needs', () => {
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
    });
    expect(only(all, 'ServiceAccount')['automountServiceAccountToken']).toBe(false);
    expect(Boolean(spec.automountServiceAccountToken)).toBe(kind === 'Deployment');
    expect(all.some((each) => each.kind === 'Role')).toBe(kind === 'Deployment');
    expect(all.some((each) => each.kind === 'Secret')).toBe(false);
  });

  it('gets no variables from Services', () => {
    expect(spec.enableServiceLinks).toBe(false);
  });

  it('says what the server would add to lists and strategies, so that applying it again changes nothing', () => {
    const rules = only(all, 'NetworkPolicy').spec['ingress'] as readonly {
      readonly ports: readonly object[];
    }[];
    for (const port of rules.flatMap(({ ports }) => ports)) expect(port).toHaveProperty('protocol', 'TCP');
    const { strategy, updateStrategy } = workload.spec;
    expect(strategy ?? updateStrategy).toHaveProperty('type', 'RollingUpdate');
  });

  it('sets only variables that somebody reads', () => {
    const sources = ['libs', 'apps'].flatMap((top) =>
      readdirSync(join(root, top)).flatMap((name) => sourcesUnder(join(root, top, name, 'src'))),
    );
    const read = new Set(sources.flatMap((source) => source.match(/'(?:CLUSTER_[A-Z_]+|PORT)'/g) ?? []));
    const unread = [...env.keys()].filter((name) => !read.has(`'${name}'`));
    expect(unread).toEqual([]);
  });
});

describe('the StatefulSet', () => {
  it('has as many pods as votes, under the names that the strategy expects (L5)', () => {
    const all = manifests('statefulset');
    const workload = only(all, 'StatefulSet');
    const env = environmentOf(podOf(workload).container, {
      CLUSTER_NAMESPACE: 'shop',
      CLUSTER_MANAGEMENT_TOKEN: 'x',
    });
    expect(env).toMatchObject({
      CLUSTER_STRATEGY: 'statefulset',
      CLUSTER_SIZE: '3',
      CLUSTER_SERVICE: 'demo',
    });
    expect(workload.metadata.name).toBe(env['CLUSTER_SERVICE']);
    expect(workload.spec).toMatchObject({
      replicas: 3,
      serviceName: 'demo',
      podManagementPolicy: 'Parallel',
    });
  });
});

describe('the secret', () => {
  it('is not given away', () => {
    const { stringData } = loadYaml<{ readonly stringData: object }>(text('secret.example.yaml'));
    expect(stringData).toEqual({ 'cluster-secret': '', 'management-token': '' });
    const files = readdirSync(DEPLOY, { recursive: true }).map(String);
    for (const file of files.filter((name) => name.endsWith('kustomization.yaml'))) {
      expect(text(file)).not.toMatch(/secret/i);
    }
  });
});

describe('the image', () => {
  const lines = text('Dockerfile').split('\n');

  it('is built in stages, runs as somebody who is not root, and lets signals reach Node', () => {
    expect(lines.filter((line) => line.startsWith('FROM ')).length).toBeGreaterThan(1);
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last).toContain('USER 1000');
    const command: unknown = JSON.parse(last.find((line) => line.startsWith('CMD '))?.slice(4) ?? '');
    expect(command).toEqual(['node', '--enable-source-maps', 'apps/demo/dist/main.js']);
  });
});

describe('the demo, with the environment of the manifests', () => {
  const nodes: DemoNode[] = [];
  let folder = '';
  let given: Record<string, string>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deploy-'));
    const secretFile = join(folder, 'cluster-secret');
    await writeFile(secretFile, randomBytes(24).toString('base64'));
    given = {
      PORT: '0',
      CLUSTER_DATA_PORT: '0',
      CLUSTER_SECRET_FILE: secretFile,
      CLUSTER_MANAGEMENT_TOKEN: 'a'.repeat(32),
    };
  });

  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('forms a cluster as a Deployment, hands over by the Lease, and asks for no more than its Role allows', async () => {
    const all = manifests('deployment');
    const { container } = podOf(only(all, 'Deployment'));
    const server = await fakeApiServer();
    const rules = only(all, 'Role')['rules'] as readonly PolicyRule[];
    server.fake.rights.rules = rules;
    try {
      for (const index of [0, 1, 2]) {
        const port = await freePort();
        const env = environmentOf(container, {
          ...given,
          CLUSTER_PORT: String(port),
          CLUSTER_ADVERTISE: '127.0.0.1',
          CLUSTER_KUBERNETES_POD_NAME: `demo-${index}`,
        });
        const slice = endpointSlice(`demo-${index}`, [{ ip: '127.0.0.1' }], port);
        const labels = { 'kubernetes.io/service-name': 'demo' };
        server.fake.store.create(slices('shop'), { ...slice, metadata: { name: `demo-${index}`, labels } });
        nodes.push(
          DemoNode.start(`demo-${index}`, {
            ...env,
            NODE_ENV: 'production',
            KUBECONFIG: server.kubeConfigFile,
          }),
        );
      }
      await Promise.all(nodes.map((node) => node.listening()));
      const leader = await until('all see all, and name one leader', async () => {
        const seen = await Promise.all(nodes.map((node) => node.status()));
        const leaders = new Set(seen.map((status) => status.leader?.node));
        const isWhole = seen.every(
          (status) => status.nodes.filter(({ status: is }) => is === 'up').length === 3,
        );
        return isWhole && leaders.size === 1 && [...leaders][0];
      });
      const ready = container.readinessProbe?.httpGet?.path ?? '';
      await until('all are ready', async () =>
        (await Promise.all(nodes.map((node) => node.fetch(ready)))).every(({ status }) => status === 200),
      );
      const first = nodes.find(({ name }) => name === leader);
      const others = nodes.filter((node) => node !== first);
      const token = (await others[0]?.status())?.leader?.token ?? 0;
      await first?.end('SIGTERM');
      const endedAt = Date.now();
      const next = await until('another leads', async () => {
        const status = await others[0]?.status();
        return (status?.leader?.token ?? 0) > token && status?.leader;
      });
      expect(Date.now() - endedAt).toBeLessThan(1_000);
      expect(next.node).not.toBe(leader);
      expect([...server.fake.rights.refused]).toEqual([]);
      const granted = rules.flatMap(({ resources, verbs }) =>
        verbs.map((verb) => `${verb} ${resources.join()}`),
      );
      expect([...server.fake.rights.used].toSorted()).toEqual(granted.toSorted());
      expect(rules.find(({ resources }) => resources.includes('leases'))?.resourceNames).toEqual(['demo']);
    } finally {
      await server.close();
    }
  });

  it('starts as a pod of the StatefulSet, and waits for the others', async () => {
    const { container } = podOf(only(manifests('statefulset'), 'StatefulSet'));
    const env = environmentOf(container, {
      ...given,
      CLUSTER_PORT: String(await freePort()),
      CLUSTER_NAMESPACE: 'shop',
    });
    const node = DemoNode.start('demo-0', { ...env, NODE_ENV: 'production', HOSTNAME: 'demo-0' });
    nodes.push(node);
    await node.listening();
    expect(await node.status()).toMatchObject({ self: 'demo-0', state: 'red', leader: null });
    const { livenessProbe, readinessProbe } = container;
    expect((await node.fetch(livenessProbe?.httpGet?.path ?? '')).status).toBe(200);
    expect((await node.fetch(readinessProbe?.httpGet?.path ?? '')).status).toBe(503);
  });
});

function idOf({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.name}`;
}

function sourcesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') && !/\.(spec|fixture)\.ts$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}
