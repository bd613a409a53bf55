import { inspect } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterError } from '@nest-cluster/protocol';
import type { ClusterStrategy, Environment, StrategyDefinition } from '../ports/cluster-strategy.js';
import { DEFAULTS, type ClusterOptions } from './cluster-options.js';
import type { LeadershipProvider } from '../ports/leadership-provider.js';
import { planeConfig } from './plane-config.js';
import { unusedOptions } from './read-leadership-provider.js';
import { readFacts } from './strategy-facts.js';
import { resolveOptions } from './resolve-options.js';

const secret = 'a secret that is long enough';

function complaints(options: ClusterOptions, env: Environment = {}): string[] {
  try {
    resolveOptions(options, env);
    return [];
  } catch (error) {
    if (!(error instanceof ClusterError) || error.code !== 'CLUSTER_OPTIONS_INVALID') throw error;
    return error.message.split('\n').slice(1);
  }
}

describe('resolveOptions', () => {
  it('shows a number that is none as what it is', () => {
    expect(complaints({ size: NaN })).toEqual([expect.stringContaining('size: NaN, must be')]);
  });

  it('tells which options of leadership a provider cannot use', () => {
    const env = { CLUSTER_PRIORITY: '3', CLUSTER_CANDIDATE: 'false' };
    const { leadershipGiven } = resolveOptions({ leadership: { leaseMs: 800 } }, env);
    const provider = { name: 'own' } as LeadershipProvider;
    expect(unusedOptions(provider, leadershipGiven)).toEqual([
      'priority (CLUSTER_PRIORITY) has no effect: leadership by own does not use it',
      'leadership.leaseMs (CLUSTER_LEASE_MS) has no effect: leadership by own does not use it',
    ]);
    expect(unusedOptions({ ...provider, honours: ['priority', 'leaseMs'] }, leadershipGiven)).toEqual([]);
  });

  it('needs nothing, and then binds loopback only (W2)', () => {
    expect(resolveOptions({}, {})).toMatchObject({
      cluster: 'nest-cluster',
      recovery: 'automatic',
      minority: 'available',
      thread: 'worker',
      priority: 0,
      insecure: false,
      waitForQuorum: false,
      size: undefined,
      name: undefined,
      port: undefined,
      bind: '127.0.0.1',
      strategy: { name: 'gossip' },
      security: { kind: 'plain' },
      leadership: DEFAULTS.leadership,
      membership: DEFAULTS.membership,
      store: DEFAULTS.store,
    });
  });

  it.each<[string, string, object]>([
    ['CLUSTER_NAME', 'blue', { cluster: 'blue' }],
    ['CLUSTER_NODE_NAME', 'a@b', { name: 'a@b' }],
    ['CLUSTER_SIZE', '3', { size: 3 }],
    ['CLUSTER_BIND', '127.0.0.2', { bind: '127.0.0.2' }],
    ['CLUSTER_PORT', '0', { port: 0 }],
    ['CLUSTER_PORT', '4000', { port: 4000 }],
    ['CLUSTER_ADVERTISE', 'host.example:4000', { advertise: 'host.example:4000' }],
    ['CLUSTER_ADVERTISE', '[::1]', { advertise: '[::1]' }],
    ['CLUSTER_DATA_PORT', '4001', { dataPort: 4001 }],
    ['CLUSTER_PRIORITY', '-5', { priority: -5 }],
    ['CLUSTER_RECOVERY', 'manual', { recovery: 'manual' }],
    ['CLUSTER_MINORITY', 'read-only', { minority: 'read-only' }],
    ['CLUSTER_WAIT_FOR_QUORUM', 'true', { waitForQuorum: true }],
    ['CLUSTER_WAIT_FOR_QUORUM', '1500', { waitForQuorum: 1500 }],
    ['CLUSTER_DISCOVERY_INTERVAL_MS', '700', { discoveryIntervalMs: 700 }],
    ['CLUSTER_DISCOVERY_TIMEOUT_MS', '800', { discoveryTimeoutMs: 800 }],
    ['CLUSTER_SHUTDOWN_TIMEOUT_MS', '900', { shutdownTimeoutMs: 900 }],
    ['CLUSTER_THREAD', 'main', { thread: 'main' }],
    ['CLUSTER_INSECURE', 'true', { insecure: true }],
    ['CLUSTER_SECRET', 'one, two', { security: { kind: 'psk', secrets: ['one', 'two'] } }],
    ['CLUSTER_RENEW_MS', '400', { leadership: { ...DEFAULTS.leadership, renewMs: 400 } }],
    ['CLUSTER_STALL_MS', '700', { leadership: { ...DEFAULTS.leadership, stallMs: 700 } }],
    ['CLUSTER_CANDIDATE', 'false', { leadership: { ...DEFAULTS.leadership, candidate: false } }],
    ['CLUSTER_STABLE_VIEW_MS', '10', { leadership: { ...DEFAULTS.leadership, stableViewMs: 10 } }],
    ['CLUSTER_MEMBERSHIP_SUSPICION_MS', '999', { membership: { ...DEFAULTS.membership, suspicionMs: 999 } }],
    [
      'CLUSTER_MEMBERSHIP_SUSPICION_STRETCH',
      '1.5',
      { membership: { ...DEFAULTS.membership, suspicionStretch: 1.5 } },
    ],
    ['CLUSTER_STORE_MAX_VALUE_BYTES', '2048', { store: { maxValueBytes: 2048 } }],
    ['CLUSTER_STRATEGY', 'epmd', { strategy: { name: 'epmd' } }],
    ['CLUSTER_STRATEGY', 'gossip', { strategy: { name: 'gossip' } }],
  ])('reads %s=%s', (variable, value, expected) => {
    expect(resolveOptions({}, { [variable]: value })).toMatchObject(expected);
  });

  it('renews a shorter lease as often in its life (L6)', () => {
    const { leadership } = resolveOptions({}, { CLUSTER_LEASE_MS: '800' });
    expect(leadership).toMatchObject({ leaseMs: 800, renewMs: 200, stallMs: 1_200 });
  });

  it('names the other strategies by variable', () => {
    const env = { CLUSTER_SIZE: '3', CLUSTER_NAMESPACE: 'ns', CLUSTER_SERVICE: 'web', HOSTNAME: 'web-0' };
    const named = (name: string, more: Environment) =>
      resolveOptions({}, { ...env, ...more, CLUSTER_STRATEGY: name });
    expect(named('static', { CLUSTER_HOSTS: 'a:1,b:2' }).strategy).toMatchObject({ name: 'static' });
    expect(named('dns', { CLUSTER_DNS_QUERY: 'web.example' }).strategy).toMatchObject({ name: 'dns' });
    expect(named('statefulset', {}).strategy).toMatchObject({ name: 'statefulset' });
  });

  it('lets options go before variables, and takes empty variables for none', () => {
    const env = { CLUSTER_SIZE: '5', CLUSTER_NAME: '' };
    expect(resolveOptions({ size: 3 }, env)).toMatchObject({ size: 3, cluster: 'nest-cluster' });
  });

  it('reports every problem at once, with option, value, rule and variable', () => {
    const options = {
      size: 0,
      recovery: 'never',
      leadership: { leaseMs: 'soon' },
    } as unknown as ClusterOptions;
    expect(complaints(options, { CLUSTER_PORT: 'tcp://10.0.0.1:80' })).toEqual([
      '  - size: 0, must be a whole number from 1 to 4096 (CLUSTER_SIZE)',
      '  - port: "tcp://10.0.0.1:80", must be a whole number from 0 to 65535 (CLUSTER_PORT)',
      '  - recovery: "never", must be one of automatic, manual (CLUSTER_RECOVERY)',
      '  - leadership.leaseMs: "soon", must be a whole number from 200 to 3600000 (CLUSTER_LEASE_MS)',
    ]);
  });

  it('reports unknown options with the nearest known name', () => {
    const options = { sise: 3, leadership: { leaseMS: 1 }, store: 7 } as unknown as ClusterOptions;
    expect(complaints(options)).toEqual([
      '  - store: 7, must be an object of options',
      '  - sise: 3, must be an option that is known; did you mean size?',
      '  - leadership.leaseMS: 1, must be an option that is known; did you mean leadership.leaseMs?',
    ]);
  });

  it('checks how options relate', () => {
    expect(complaints({ leadership: { leaseMs: 1_000, renewMs: 500 } })).toEqual([
      '  - leadership.renewMs: 500, must be less than half of leadership.leaseMs, 500 (CLUSTER_RENEW_MS)',
    ]);
    expect(complaints({ membership: { probeIntervalMs: 100, probeTimeoutMs: 100 } })).toHaveLength(1);
    expect(complaints({ membership: { redialMinMs: 100, redialMaxMs: 50 } })).toHaveLength(1);
  });

  it('gathers the problems of the strategy too', () => {
    const strategy: StrategyDefinition = {
      name: 'mine',
      problems: () => [{ option: 'mine.port', value: -1, rule: 'a port', variable: 'MINE_PORT' }],
      create: () => ({ name: 'mine', discover: () => Promise.resolve([]) }),
    };
    expect(complaints({ strategy, size: 0 })).toEqual([
      '  - size: 0, must be a whole number from 1 to 4096 (CLUSTER_SIZE)',
      '  - mine.port: -1, must be a port (MINE_PORT)',
    ]);
  });

  it('says what to install for a strategy that is not there', () => {
    const found = complaints({}, { CLUSTER_STRATEGY: 'kubernetes' });
    // Installed beside this package, or not.
    expect(found.join()).toMatch(/npm install @nest-cluster\/kubernetes|kubernetes\.selector: not set/);
    expect(complaints({}, { CLUSTER_STRATEGY: 'carrier-pigeon' })).toEqual([
      '  - strategy: "carrier-pigeon", must be one of gossip, epmd, dns, statefulset, static, kubernetes (CLUSTER_STRATEGY)',
    ]);
  });

  describe('W2: without a secret', () => {
    it('binds nothing but loopback, and says what to set', () => {
      const [problem] = complaints({ bind: '0.0.0.0' });
      expect(problem).toContain('CLUSTER_SECRET');
      expect(problem).toContain('insecure: true');
      for (const bind of ['127.0.0.1', 'localhost', '::1']) expect(complaints({ bind })).toEqual([]);
    });

    it('binds anything with `insecure`, with a secret, or with certificates', () => {
      const pem = '-----BEGIN CERTIFICATE-----';
      expect(complaints({ bind: '0.0.0.0', insecure: true })).toEqual([]);
      expect(complaints({ bind: '0.0.0.0', secret })).toEqual([]);
      expect(complaints({ bind: '0.0.0.0', certificates: { ca: pem, cert: pem, key: pem } })).toEqual([]);
    });

    it('binds all addresses by default once there is one', () => {
      expect(['0.0.0.0', '::']).toContain(resolveOptions({ secret }, {}).bind);
    });
  });

  describe('secrets and certificates', () => {
    it('are not shown by what prints the options', () => {
      const options = resolveOptions({ secret }, { CLUSTER_MANAGEMENT_TOKEN: secret });
      expect(options.security).toEqual({ kind: 'psk', secrets: [secret] });
      expect(inspect(options, { depth: Infinity })).not.toContain(secret);
      expect(JSON.stringify(options)).not.toContain(secret);
    });

    let folder: string;
    beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'options-'))));
    afterAll(() => rmSync(folder, { recursive: true }));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };

    it('come from files too', () => {
      const CLUSTER_SECRET_FILE = file('secret', 'new\nold\n');
      expect(resolveOptions({}, { CLUSTER_SECRET_FILE }).security).toEqual({
        kind: 'psk',
        secrets: ['new', 'old'],
      });
      const pem = '-----BEGIN CERTIFICATE-----\n';
      const env = {
        CLUSTER_TLS_CA_FILE: file('ca', pem),
        CLUSTER_TLS_CERT_FILE: file('cert', pem),
        CLUSTER_TLS_KEY_FILE: file('key', pem),
      };
      expect(resolveOptions({}, env).security).toEqual({
        kind: 'certificates',
        ca: pem,
        cert: pem,
        key: pem,
      });
    });

    it('are named when they are missing, empty, incomplete or double, and never shown', () => {
      expect(complaints({ secret: '' })).toEqual([expect.stringContaining('secret: (hidden)')]);
      expect(complaints({}, { CLUSTER_SECRET_FILE: '/not/there' })).toEqual([
        expect.stringMatching(/secret: .*ENOENT.*\(CLUSTER_SECRET_FILE\)/),
      ]);
      expect(complaints({ certificates: { ca: 'x', cert: 'y', key: 'z' } })).toHaveLength(3);
      expect(complaints({ secret: [1] as unknown as string[] })).toHaveLength(1);
      expect(complaints({ secret: [`${secret}, x`] })).toEqual([expect.stringContaining('commas')]);
      expect(() => resolveOptions({}, { CLUSTER_SECRET: '   ' })).toThrow(/secret: .*not blank/);
      const pem = '-----BEGIN CERTIFICATE-----';
      expect(complaints({ secret, certificates: { ca: pem, cert: pem, key: pem } })).toHaveLength(1);
      expect(complaints({ certificates: { ca: pem } as never })).toHaveLength(1);
    });
  });
});

describe('planeConfig', () => {
  const strategy = (more: Partial<ClusterStrategy> = {}): ClusterStrategy => ({
    name: 'mine',
    discover: () => Promise.resolve([]),
    ...more,
  });
  const config = (options: ClusterOptions, more?: Partial<ClusterStrategy>, env: Environment = {}) =>
    planeConfig(resolveOptions(options, env), readFacts(strategy(more)), 0);

  it('takes any port where discovery tells it to others, else the one that all know', () => {
    expect(config({}).port).toBe(45_893);
    expect(config({}, { carriesPort: true }).port).toBe(0);
    expect(config({ port: 7 }, { carriesPort: true }).port).toBe(7);
  });

  it('lets the strategy say who votes and how this node is called, where no option does', () => {
    const more = { voters: () => ['a', 'b'], identity: () => ({ name: 'a', host: 'a.example' }) };
    expect(config({}, more)).toMatchObject({ voters: ['a', 'b'], name: 'a', advertise: 'a.example' });
    expect(config({ name: 'x', advertise: 'y' }, more)).toMatchObject({ name: 'x', advertise: 'y' });
  });

  it('names nodes after package, process and host, and no two alike', () => {
    const first = config({}, {}, { CLUSTER_NODE_BASENAME: 'web' }).name;
    const second = config({}, {}, { CLUSTER_NODE_BASENAME: 'web' }).name;
    expect(first).toMatch(/^web-[\d-]+@.+/);
    expect(second).not.toBe(first);
  });

  it('advertises an address that others reach when all are bound', () => {
    expect(config({}).advertise).toBeUndefined();
    expect(config({ secret }).advertise).toMatch(/./);
    expect(config({ secret }).advertise).not.toMatch(/^(0\.0\.0\.0|::)$/);
  });

  it('advertises the address of the strategy, where all are bound', () => {
    const more = { identity: () => ({ host: '10.7.0.5' }) };
    expect(config({ secret }, more).advertise).toBe('10.7.0.5');
    expect(config({ secret, bind: '10.7.0.6' }, more).advertise).toBeUndefined();
    expect(config({ secret, advertise: 'y' }, more).advertise).toBe('y');
  });

  it('stands for no election of its own where another engine decides', () => {
    const provider = {} as NonNullable<ClusterOptions['leadership']>['provider'];
    expect(config({ leadership: { provider } }).leadership.candidate).toBe(false);
  });
});
