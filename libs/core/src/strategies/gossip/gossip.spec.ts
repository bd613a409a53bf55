import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type {
  ClusterStrategy,
  ContactPoint,
  StrategyContext,
  StrategyRejection,
} from '../../ports/cluster-strategy.js';
import { gossip } from './gossip.js';
import type { GossipOptions } from './gossip.js';

const GROUP = '230.1.1.251';

/** Resolves once the condition holds; Jest's own timeout ends the wait otherwise. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** A node as its strategy sees it. */
class Node {
  readonly found: ContactPoint[] = [];
  readonly rejected: StrategyRejection[] = [];
  readonly details: string[] = [];
  readonly strategy: ClusterStrategy;
  readonly context: StrategyContext;

  constructor(port: number, own: number, more: Partial<StrategyContext> = {}, options: GossipOptions = {}) {
    this.strategy = gossip({ port, ...options }).create({});
    this.context = {
      cluster: 'shop',
      secrets: [],
      self: {
        name: `n${own}@here`,
        incarnation: randomBytes(16).toString('hex'),
        host: '127.0.0.1',
        port: own,
      },
      loopbackOnly: true,
      found: (contacts) => this.found.push(...contacts),
      wake: () => undefined,
      rejected: (reason, detail) => {
        this.rejected.push(reason);
        this.details.push(detail);
      },
      ...more,
    };
  }

  async start(): Promise<this> {
    await this.strategy.start?.(this.context);
    return this;
  }

  discover(): Promise<readonly ContactPoint[]> {
    return this.strategy.discover(AbortSignal.timeout(5_000));
  }

  hears(own: number): boolean {
    return this.found.includes(`127.0.0.1:${own}`);
  }
}

/** Somebody on the same network who records everything and can send anything. */
class Stranger {
  readonly heard: Buffer[] = [];
  private constructor(
    private readonly socket: Socket,
    private readonly port: number,
  ) {
    socket.on('message', (datagram) => this.heard.push(datagram));
  }

  static async on(port: number): Promise<Stranger> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true }).bind(port);
    await once(socket, 'listening');
    socket.addMembership(GROUP, '127.0.0.1');
    socket.setMulticastInterface('127.0.0.1');
    return new Stranger(socket, port);
  }

  send(datagram: Buffer): void {
    this.socket.send(datagram, this.port, GROUP);
  }

  close(): void {
    this.socket.close();
  }
}

describe('gossip', () => {
  let port = 0;
  const closing: (() => unknown)[] = [];

  const node = (own: number, more: Partial<StrategyContext> = {}, options: GossipOptions = {}): Node => {
    const made = new Node(port, own, more, options);
    closing.push(() => made.strategy.stop?.());
    return made;
  };
  const stranger = async (): Promise<Stranger> => {
    const made = await Stranger.on(port);
    closing.push(() => made.close());
    return made;
  };

  beforeEach(async () => {
    port = await freePort();
  });

  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  it('says that this node is reached on the interface it was told to use, and nothing when it may use all', () => {
    expect(gossip({ interface: '127.0.0.1' }).create({}).identity?.()).toEqual({ host: '127.0.0.1' });
    expect(gossip({ interface: 'lo' }).create({}).identity?.()).toEqual({ host: '127.0.0.1' });
    expect(gossip({ interface: 'not-there' }).create({}).identity?.()).toEqual({});
    expect(gossip().create({}).identity?.()).toEqual({});
  });

  it('lets nodes find each other, whoever comes first (D1)', async () => {
    const first = await node(4001).start();
    const second = await node(4002).start();
    await until(() => first.hears(4002) && second.hears(4001));

    const late = await node(4003).start();
    await until(() => late.hears(4001) && late.hears(4002) && first.hears(4003) && second.hears(4003));
    expect(await late.discover()).toEqual(expect.arrayContaining(['127.0.0.1:4001', '127.0.0.1:4002']));
    expect(late.found).not.toContain('127.0.0.1:4003');
  });

  it('finds nodes again with every discovery, for as long as it runs (D2)', async () => {
    const [first, second] = [await node(4001).start(), await node(4002).start()];
    await until(() => first.hears(4002) && second.hears(4001));
    first.found.length = 0;
    expect(await second.discover()).toEqual(['127.0.0.1:4001']);
    await until(() => first.hears(4002));
  });

  it('seals what it says, and opens it with any of its secrets (W3, W4)', async () => {
    const spy = await stranger();
    const old = await node(4001, { secrets: ['old'] }).start();
    const rotated = await node(4002, { secrets: ['new', 'old'] }).start();
    // The one that has both hears the one that has only the old secret; the other way waits until its restart.
    await until(() => rotated.hears(4001) && old.rejected.includes('unknownKey'));
    expect(old.found).toEqual([]);
    expect(old.details[0]).toMatch(
      /unknown key [0-9a-f]{16}: its sender has another secret \(from 127\.0\.0\.1\)/,
    );
    expect(Buffer.concat(spy.heard).toString('latin1')).not.toMatch(/here|4001|shop/);
  });

  it('keeps clusters of unlike names or secrets apart (W4)', async () => {
    const shop = await node(4001, { secrets: ['a'] }).start();
    const bank = await node(4002, { secrets: ['a'], cluster: 'bank' }).start();
    const open = await node(4003).start();
    await until(() => shop.rejected.includes('gossipOtherCluster') && shop.rejected.includes('unknownKey'));
    await until(() => bank.rejected.includes('gossipOtherCluster') && open.rejected.includes('unknownKey'));
    expect([shop.found, bank.found, open.found]).toEqual([[], [], []]);
  });

  it('drops what is repeated, forged or damaged, and lives on (W4, W5)', async () => {
    const spy = await stranger();
    const secrets = ['a'];
    const [victim, other] = [await node(4001, { secrets }).start(), await node(4002, { secrets }).start()];
    await until(() => victim.hears(4002));
    const { length: rejectedBefore } = victim.rejected;
    expect(rejectedBefore).toBe(0);

    await other.strategy.stop?.();
    const recorded = [...spy.heard];
    victim.found.length = 0;
    for (const datagram of recorded) spy.send(datagram);
    await until(() => victim.rejected.includes('gossipReplayed'));

    const [genuine] = recorded;
    if (!genuine) throw new Error('nothing was recorded');
    const forged = Buffer.from(genuine);
    forged.writeUInt8(forged.readUInt8(40) ^ 1, 40);
    spy.send(forged);
    await until(() => victim.rejected.includes('gossipForged'));
    for (const rubbish of [Buffer.from('?'), randomBytes(60), randomBytes(9_000), genuine.subarray(0, 40)])
      spy.send(rubbish);
    await until(() => victim.rejected.filter((reason) => reason === 'gossipInvalid').length >= 4);
    expect(victim.found).toEqual([]);

    const third = await node(4003, { secrets }).start();
    await until(() => victim.hears(4003) && third.hears(4001));
  });

  it('says nothing after it stopped, and may start again (D4)', async () => {
    const gone = await node(4001).start();
    await until(() => true);
    await gone.strategy.stop?.();
    const spy = await stranger();
    const asking = await node(4002).start();
    await until(() => spy.heard.length >= 3);
    expect(asking.found).toEqual([]);
    // Incarnations are hexadecimal, and may have the same digits.
    expect(spy.heard.some((datagram) => datagram.includes('"port":4001'))).toBe(false);

    await gone.start();
    await until(() => asking.hears(4001) && gone.hears(4002));
  });

  it('gives few answers however many nodes hear a question', async () => {
    const spy = await stranger();
    const nodes = await Promise.all(Array.from({ length: 30 }, (_, n) => node(5000 + n).start()));
    await until(() => nodes.every(({ found }) => new Set(found).size === 29));
    const asks = (): number => spy.heard.filter((datagram) => datagram.includes('"ask"')).length;
    const heres = (): number => spy.heard.filter((datagram) => datagram.includes('"here"')).length;
    // Most of the five questions of each node: where this process stands still, all thirty answer before they hear each other.
    await until(() => asks() >= 120);
    await until(() => heres() > 0);
    expect(heres()).toBeLessThan(asks());
  });

  it('takes the source address for a wildcard host', async () => {
    const first = await node(4001).start();
    const { self } = first.context;
    await node(4002, { self: { ...self, incarnation: '0'.repeat(32), host: '0.0.0.0', port: 4002 } }).start();
    await until(() => first.found.length > 0);
    expect(first.found[0]).toBe('127.0.0.1:4002');
  });

  it('works by broadcast where there is no multicast', async () => {
    const options = { broadcastOnly: true };
    const [first, second] = [await node(4001, {}, options).start(), await node(4002, {}, options).start()];
    await until(() => second.hears(4001));
    expect(await second.discover()).toEqual(['127.0.0.1:4001']);
    await until(() => first.hears(4002));
  });

  it('says which interface it cannot use, and stays startable (D3)', async () => {
    const lost = node(4001, {}, { interface: 'nosuch0' });
    await expect(lost.start()).rejects.toThrow(/no network interface \(only loopback.*nosuch0: not there/);
    const notes: string[] = [];
    const options = { interface: ['nosuch0', '127.0.0.1'] };
    const chosen = await node(4002, { note: (text) => notes.push(text) }, options).start();
    expect(notes).toEqual(['left out network interfaces: nosuch0: not there']);
    const named = await node(4003, {}, { interface: 'lo' }).start();
    await until(() => chosen.hears(4003) && named.hears(4002));
  });

  it('fails to start while a program holds the port for itself, and starts afterwards (D3)', async () => {
    const holder = createSocket('udp4').bind(port, GROUP);
    await once(holder, 'listening');
    const first = node(4001);
    await expect(first.start()).rejects.toThrow(/EADDRINUSE/);
    await new Promise<void>((resolve) => holder.close(() => resolve()));
    await first.start();
    const second = await node(4002).start();
    await until(() => first.hears(4002) && second.hears(4001));
  });
});

describe('the settings of gossip', () => {
  it('come from code, then the environment, then the defaults', async () => {
    const port = await freePort();
    const env = { CLUSTER_GOSSIP_PORT: String(port), CLUSTER_GOSSIP_INTERFACE: 'nosuch0, nosuch1' };
    const { context } = new Node(port, 4001);
    await expect(gossip().create(env).start?.(context)).rejects.toThrow(
      /nosuch0: not there; nosuch1: not there/,
    );
    const byCode = gossip({ interface: 'nosuch2' }).create(env);
    await expect(byCode.start?.(context)).rejects.toThrow(/nosuch2/);
  });

  it('name every problem with option, value, rule and variable', () => {
    const env = {
      CLUSTER_GOSSIP_PORT: '70000',
      CLUSTER_GOSSIP_ADDRESS: '10.0.0.1',
      CLUSTER_GOSSIP_TTL: 'far',
      CLUSTER_GOSSIP_BROADCAST_ONLY: 'maybe',
    };
    expect(gossip().problems({})).toEqual([]);
    expect(gossip().problems(env)).toEqual([
      {
        option: 'gossip.port',
        value: '70000',
        rule: 'a port from 1 to 65535',
        variable: 'CLUSTER_GOSSIP_PORT',
      },
      expect.objectContaining({ option: 'gossip.multicastAddress', variable: 'CLUSTER_GOSSIP_ADDRESS' }),
      expect.objectContaining({ option: 'gossip.ttl', rule: 'a whole number from 0 to 255' }),
      expect.objectContaining({ option: 'gossip.broadcastOnly', value: 'maybe', rule: 'true or false' }),
    ]);
  });
});
