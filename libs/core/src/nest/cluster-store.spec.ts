/**
 * The store as applications see it: several of them in this process, on a network that a test can cut.
 */
import { Injectable, Logger, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MemoryNetwork } from '../engine/index.js';
import type { ConflictingWrite } from '../ports/store-provider.js';
import type { PartitionDetectedEvent, PartitionHealedEvent } from './cluster-event.js';
import type { ClusterOptions } from './cluster-options.js';
import { ClusterModule } from './cluster.module.js';
import { Cluster } from './cluster.js';
import { ClusterStore } from './cluster-store.js';
import { mergeFields, type ConflictResolver } from './conflict-resolver.js';
import {
  OnPartitionDetected,
  OnPartitionHealed,
  OnStoreDeleted,
  OnStoreReady,
  OnStoreWritten,
} from './handler.decorators.js';
import type { StoreDeletedEvent, StoreWrittenEvent } from './store-event.js';
import type { StoreEvent } from './store-subscriptions.js';

@Injectable()
class Ear {
  readonly heard: string[] = [];
  readonly partitions: (PartitionDetectedEvent | PartitionHealedEvent)[] = [];

  isDestroyed = false;
  beforeApplicationShutdown: () => unknown = () => undefined;

  onModuleDestroy(): void {
    this.isDestroyed = true;
  }

  @OnStoreWritten('late')
  late(): void {
    this.heard.push(this.isDestroyed ? 'late, after its module was destroyed' : 'late');
  }

  @OnStoreWritten('user:*')
  written({ key, value, node }: StoreWrittenEvent<{ n: number }>): void {
    this.heard.push(`${key}=${value.n} by ${node}`);
  }

  @OnStoreDeleted('user:*')
  deleted({ key, reason }: StoreDeletedEvent): void {
    this.heard.push(`${key} ${reason}`);
  }

  @OnStoreReady()
  ready(): void {
    this.heard.push('ready');
  }

  @OnPartitionDetected()
  @OnPartitionHealed()
  apart(event: PartitionDetectedEvent | PartitionHealedEvent): void {
    this.partitions.push(event);
  }
}

interface Node {
  readonly app: INestApplicationContext;
  readonly store: ClusterStore;
  readonly ear: Ear;
}

let network: MemoryNetwork;
let running: INestApplicationContext[];
const addresses = new Set<string>();

async function start(name: string, options: ClusterOptions = {}): Promise<Node> {
  @Module({
    imports: [
      ClusterModule.forRoot({
        strategy: { name: 'known', discover: async () => [...addresses] },
        name,
        thread: 'main',
        size: 3,
        insecure: true,
        bind: name,
        port: 7000,
        dataPort: 7001,
        transport: network.transport,
        discoveryIntervalMs: 100,
        membership: {
          probeIntervalMs: 50,
          probeTimeoutMs: 30,
          suspicionMs: 150,
          redialMinMs: 50,
          redialMaxMs: 200,
        },
        leadership: { leaseMs: 400 },
        ...options,
        store: { clockIntervalMs: 50, writeTimeoutMs: 400, ...options.store },
      }),
    ],
    providers: [Ear],
  })
  class App {}
  addresses.add(`${name}:7000`);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  running.push(app);
  return { app, store: app.get(ClusterStore), ear: app.get(Ear) };
}

async function three(options: ClusterOptions = {}): Promise<readonly [Node, Node, Node]> {
  const nodes = [await start('a', options), await start('b', options), await start('c', options)] as const;
  await eventually(() => nodes.every(({ app }) => app.get(Cluster).state === 'green'));
  return nodes;
}

async function alone(): Promise<Node> {
  const node = await start('a', { size: 1 });
  await node.store.whenReady();
  return node;
}

async function eventually(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !holds();) {
    if (Date.now() > end) throw new Error(`in vain: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const seesAlone = ({ app }: Node) => eventually(() => app.get(Cluster).size.current === 1);
const content = ({ store }: Node) => JSON.stringify([...store.entries()].sort());
const same = (nodes: readonly Node[]) => eventually(() => new Set(nodes.map(content)).size === 1);

function cutOff(alone: string, others: readonly string[]): void {
  for (const other of others) network.cut(alone, other);
}

beforeEach(() => {
  network = new MemoryNetwork();
  running = [];
  addresses.clear();
  Logger.overrideLogger(false);
});

afterEach(async () => {
  await Promise.all(running.map((app) => app.close()));
});

describe('ClusterStore', () => {
  it('shows what one node writes on all, once a write to all has resolved (S1)', async () => {
    const nodes = await three();
    const value = { n: 1, list: [new Date(5)] };
    await nodes[0].store.set('user:1', value, { ack: 'all' });
    value.n = 2;
    for (const { store } of nodes) {
      expect(await store.get('user:1')).toEqual({ n: 1, list: [new Date(5)] });
      expect(store.peek('user:1')).toEqual({ n: 1, list: [new Date(5)] });
      expect([store.has('user:1'), store.has('user:2'), store.size]).toEqual([true, false, 1]);
    }
    await nodes[1].store.set('other', undefined, { ack: 'all' });
    expect([...nodes[2].store.keys()].sort()).toEqual(['other', 'user:1']);
    expect([...nodes[2].store.keys('u*')]).toEqual(['user:1']);
    expect(nodes[2].store.reduce((sum, _, key) => sum + key.length, 0)).toBe(11);
    expect(await nodes[2].store.delete('user:1', { ack: 'all' })).toBe(true);
    expect(await nodes[0].store.delete('user:1', { ack: 'all' })).toBe(false);
    await nodes[0].store.clear({ ack: 'all' });
    expect(nodes.map(({ store }) => store.size)).toEqual([0, 0, 0]);
  });

  it('tells handlers and subscribers each change once, in order, on every node (S6)', async () => {
    const nodes = await three();
    const seen: string[] = [];
    const listener = (event: StoreEvent): void =>
      void ('key' in event && seen.push(`${event.type} ${event.key}`));
    nodes[2].store.subscribe('user:1', listener);
    nodes[2].store.subscribe('user:1', listener);
    const end = nodes[2].store.subscribe('*:2', listener);
    expect(nodes[2].store.status.subscriptions).toBe(2);
    for (let n = 0; n < 3; n++) await nodes[0].store.set('user:1', { n });
    await nodes[1].store.set('order:2', 1, { ack: 'all' });
    end();
    await nodes[1].store.set('order:2', 2, { ack: 'all' });
    await nodes[0].store.delete('user:1', { ack: 'all' });
    const expected = ['user:1=0 by a', 'user:1=1 by a', 'user:1=2 by a', 'user:1 deleted'];
    for (const { ear } of nodes) expect(ear.heard).toEqual(['ready', ...expected]);
    const written = 'storeWritten user:1';
    expect(seen).toEqual([written, written, written, 'storeWritten order:2', 'storeDeleted user:1']);
    expect(nodes[2].store.unsubscribe('user:1', listener)).toBe(true);
    expect(nodes[2].store.unsubscribe('user:1', listener)).toBe(false);
  });

  it('lets listeners throw, hang and write, without any effect on others (S6)', async () => {
    const { store } = await alone();
    const seen: unknown[] = [];
    store.subscribe('k', () => {
      throw new Error('of the test');
    });
    store.subscribe('k', () => new Promise(() => undefined));
    store.subscribe('k', (event) => {
      if (event.type !== 'storeWritten' || event.value !== 1) return;
      void store.set('k', 2);
      seen.push(['right after', store.peek('k')]);
    });
    store.subscribe('k', (event) => event.type === 'storeWritten' && seen.push(event.value));
    await store.set('k', 1);
    await eventually(() => store.peek('k') === 2);
    expect(seen).toEqual([['right after', 2], 1, 2]);
  });

  it('ends handlers with the module that owns them, and goes on until the application is gone (N2)', async () => {
    const { app, store, ear } = await alone();
    await store.set('late', 1);
    const heard: unknown[] = [];
    store.subscribe('late', (event) => heard.push(event.type));
    // The first hook after the modules were destroyed.
    app.get(Ear).beforeApplicationShutdown = () => store.set('late', 2);
    await app.close();
    expect(heard).toEqual(['storeWritten']);
    expect(ear.heard).toEqual(['ready', 'late']);
  });

  it('tells a listener that was too slow how much it has missed', async () => {
    const { store } = await alone();
    let go = (): void => undefined;
    const seen: StoreEvent[] = [];
    store.subscribe('k', (event) => {
      seen.push(event);
      return seen.length === 1 ? new Promise<void>((resolve) => (go = resolve)) : undefined;
    });
    for (let n = 0; n < 10_011; n++) await store.set('k', n);
    go();
    await eventually(() => seen.at(-1)?.type === 'storeMissed');
    expect(seen).toHaveLength(10_002);
    expect(seen.at(-1)).toMatchObject({ missed: 10 });
  });

  it.each([
    ['', 1, 'CLUSTER_KEY_INVALID'],
    ['\ud800', 1, 'CLUSTER_KEY_INVALID'],
    ['k'.repeat(513), 1, 'CLUSTER_KEY_INVALID'],
    ['x'.repeat(1_048_576), 1, 'CLUSTER_KEY_INVALID'],
    ['k', { f: () => 1 }, 'CLUSTER_VALUE_INVALID'],
    ['k', Symbol('s'), 'CLUSTER_VALUE_INVALID'],
    ['k', 'x'.repeat(1_048_576), 'CLUSTER_VALUE_TOO_LARGE'],
  ])('refuses a bad key or value, writes nothing, and goes on: %#', async (key, value, code) => {
    const { store } = await alone();
    await expect(store.set(key, value)).rejects.toMatchObject({ code });
    await expect(store.set('k', 1, { ttl: 0 })).rejects.toMatchObject({ code: 'CLUSTER_OPTIONS_INVALID' });
    expect(store.size).toBe(0);
    await store.set('__proto__', 'fine');
    await store.set('largest', 'x'.repeat(1_048_576 - 4));
    expect([...store.keys()]).toEqual(['__proto__', 'largest']);
  });

  it('rejects reads before it has the store, or lets them wait (S7)', async () => {
    const { store } = await start('a', { size: 3 });
    await expect(store.get('k')).rejects.toMatchObject({ code: 'CLUSTER_STORE_NOT_READY' });
    expect(() => store.peek('k')).toThrow(expect.objectContaining({ code: 'CLUSTER_STORE_NOT_READY' }));
    await expect(store.get('k', { wait: 20 })).rejects.toMatchObject({ code: 'CLUSTER_STORE_NOT_READY' });
    await expect(store.set('k', 1)).rejects.toMatchObject({ code: 'CLUSTER_STORE_NOT_READY' });
    const waiting = store.get('k', { wait: true });
    await Promise.all([start('b'), start('c')]);
    expect(await waiting).toBeUndefined();
    expect(store.ready).toBe(true);
  });

  it('lets entries run out by themselves, with one event on each node (S5)', async () => {
    const nodes = await three();
    await nodes[0].store.set('user:1', { n: 1 }, { ttl: 60, ack: 'all' });
    expect(nodes.map(({ store }) => store.has('user:1'))).toEqual([true, true, true]);
    await eventually(() => nodes.every(({ ear }) => ear.heard.at(-1) === 'user:1 expired'));
    expect(nodes.map(({ store }) => store.has('user:1'))).toEqual([false, false, false]);
    for (const { ear } of nodes) expect(ear.heard.filter((line) => line.endsWith('expired'))).toHaveLength(1);
  });

  it('hands the store to a node that joins, and to one that comes back (S7)', async () => {
    const [a, b] = await three();
    for (let n = 0; n < 500; n++) void a.store.set(`key-${n}`, n);
    await b.app.get(Cluster).leave();
    expect(b.store.ready).toBe(false);
    await b.app.get(Cluster).rejoin();
    await eventually(() => b.store.ready);
    await same([a, b]);
    expect(b.store.size).toBe(500);
  });
});

describe('after a partition', () => {
  it('merges by itself, asks the resolver about concurrent writes alone, and reports (S3, P1, P3)', async () => {
    const asked: string[] = [];
    @Injectable()
    class Watched implements ConflictResolver {
      resolve(key: string, writes: readonly ConflictingWrite[]): unknown {
        asked.push(key);
        return mergeFields().resolve(key, writes);
      }
    }
    const nodes = await three({ store: { resolver: Watched } });
    const [a, b, c] = nodes;
    for (const key of ['both', 'deleted', 'left', 'right'])
      await a.store.set(key, { base: 1 }, { ack: 'all' });
    cutOff('c', ['a', 'b']);
    await seesAlone(c);
    await eventually(() => a.app.get(Cluster).size.current === 2);
    await expect(c.store.set('both', { c: 1 })).rejects.toMatchObject({ code: 'CLUSTER_QUORUM_UNAVAILABLE' });
    await a.store.set('both', { a: 1 });
    await a.store.set('left', 'a');
    await c.store.set('right', 'c', { ack: 'local' });
    await a.store.delete('deleted');
    network.mend();
    await same(nodes);
    for (const { store } of nodes) {
      expect(store.peek('both')).toEqual({ a: 1, c: 1 });
      expect([store.peek('left'), store.peek('right'), store.has('deleted')]).toEqual(['a', 'c', false]);
    }
    expect(new Set(asked)).toEqual(new Set(['both']));
    await eventually(() => nodes.every(({ ear }) => ear.partitions.at(-1)?.type === 'partitionHealed'));
    const report = c.ear.partitions.at(-1);
    expect(report).toMatchObject({ type: 'partitionHealed', conflicts: 1, deletes: 1 });
    expect(report?.sides.map((side) => [...side].sort()).sort()).toEqual([['a', 'b'], ['c']]);
    expect(b.store.status.conflicts).toBe(1);
  });

  it('takes the latest when the resolver throws, or makes what cannot be kept, and counts (S3)', async () => {
    const resolver: ConflictResolver = {
      resolve(key) {
        if (key === 'throws') throw new Error('of the test');
        return Promise.resolve('too late');
      },
    };
    const nodes = await three({ store: { resolver } });
    const [a, , c] = nodes;
    cutOff('c', ['a', 'b']);
    await seesAlone(c);
    for (const key of ['throws', 'promises']) {
      await a.store.set(key, 'early');
      const at = Date.now();
      await eventually(() => Date.now() > at);
      await c.store.set(key, 'late', { ack: 'local' });
    }
    network.mend();
    await same(nodes);
    expect(nodes.map(({ store }) => [store.peek('throws'), store.peek('promises')])).toEqual(
      nodes.map(() => ['late', 'late']),
    );
    await eventually(() => nodes.every(({ store }) => store.status.resolverFailures >= 2));
  });

  it('waits for a choice in manual recovery; a dry run shows what keeping a side then drops (P4)', async () => {
    const nodes = await three({ recovery: 'manual' });
    const [a, b, c] = nodes;
    await a.store.set('both', 'base', { ack: 'all' });
    cutOff('c', ['a', 'b']);
    await seesAlone(c);
    await eventually(() => a.app.get(Cluster).size.current === 2);
    await a.store.set('both', 'majority');
    await c.store.set('both', 'lonely', { ack: 'local' });
    await c.store.set('only-c', 1, { ack: 'local' });
    network.mend();
    const waiting = ({ store }: Node) => store.partitions().find(({ state }) => state === 'waiting');
    await eventually(() => nodes.every((node) => waiting(node) !== undefined));
    expect([a, b, c].map(({ store }) => store.peek('both'))).toEqual(['majority', 'majority', 'lonely']);
    expect(a.app.get(Cluster).state).not.toBe('green');
    const partition = waiting(a)?.id ?? '';
    const diff = await a.store.diff(partition);
    expect(diff.sides[0]).toMatchObject({ written: ['only-c'], deleted: [], conflicts: ['both'], total: 2 });
    await expect(b.store.resolve(partition, { choose: 'keep', side: 'z' })).rejects.toMatchObject({
      code: 'CLUSTER_PARTITION_UNKNOWN',
    });
    await b.store.resolve(partition, { choose: 'keep', side: 'a' });
    await eventually(() => nodes.every(({ app }) => app.get(Cluster).state === 'green'));
    await same(nodes);
    expect([c.store.peek('both'), c.store.has('only-c')]).toEqual(['majority', false]);
    const healed = c.ear.partitions.find(({ type }) => type === 'partitionHealed');
    expect(healed).toMatchObject({ dropped: 2 });
  });

  it('merges what waits when recovery is switched to automatic, on any node (P4)', async () => {
    const nodes = await three({ recovery: 'manual' });
    const [a, b, c] = nodes;
    cutOff('c', ['a', 'b']);
    await seesAlone(c);
    await a.store.set('here', 1);
    await c.store.set('there', 2, { ack: 'local' });
    network.mend();
    await eventually(() =>
      nodes.every(({ store }) => store.partitions().some(({ state }) => state === 'waiting')),
    );
    b.store.setRecovery('automatic');
    await same(nodes);
    expect(c.store.size).toBe(2);
    await eventually(() => nodes.every(({ store }) => store.recovery === 'automatic'));
  });

  it('takes no other mode of recovery than there are, and no other choice (P4)', async () => {
    const { store } = await alone();
    const invalid = { code: 'CLUSTER_OPTIONS_INVALID' };
    for (const mode of ['auto', undefined])
      expect(() => store.setRecovery(mode as 'manual')).toThrow(expect.objectContaining(invalid));
    await expect(store.resolve('p', { choose: 'mrege' as 'merge' })).rejects.toMatchObject(invalid);
    expect(store.recovery).toBe('automatic');
  });

  it('says what is wrong with options and listeners that are none (S9)', async () => {
    const { store } = await alone();
    const invalid = { code: 'CLUSTER_OPTIONS_INVALID' };
    await expect(store.set('k', 1, { ttl: 5n as unknown as number })).rejects.toMatchObject(invalid);
    expect(() => store.subscribe('k', undefined as unknown as () => void)).toThrow(
      expect.objectContaining(invalid),
    );
    expect(store.status.subscriptions).toBe(0);
    await store.set('k', 1, null as unknown as undefined);
    expect(store.peek('k')).toBe(1);
  });

  it('counts only voters for a quorum where the deployment names them (S2, L5)', async () => {
    const strategy = { name: 'named', discover: async () => [...addresses], voters: () => ['a', 'b', 'c'] };
    const [a, b, c] = await three({ strategy });
    const guests = [await start('d', { strategy }), await start('e', { strategy })] as const;
    await eventually(() => guests.every(({ store }) => store.ready && store.status.replicas.inSync === 4));
    await guests[0].store.set('k', 'by a guest');
    for (const guest of ['d', 'e']) cutOff(guest, ['a', 'b', 'c']);
    await eventually(() => guests.every(({ app }) => app.get(Cluster).size.current === 2));
    const code = 'CLUSTER_QUORUM_UNAVAILABLE';
    await expect(guests[0].store.set('k', 'among guests')).rejects.toMatchObject({ code });
    await a.store.set('k', 'by a voter');
    expect([b, c].some(({ store }) => store.peek('k') === 'by a voter')).toBe(true);
  });

  it('lets the minority only read when told so (P2)', async () => {
    const [a, , c] = await three({ minority: 'read-only' });
    await a.store.set('k', 1, { ack: 'all' });
    cutOff('c', ['a', 'b']);
    await seesAlone(c);
    await expect(c.store.set('k', 2, { ack: 'local' })).rejects.toMatchObject({ code: 'CLUSTER_MINORITY' });
    expect(await c.store.get('k')).toBe(1);
    await a.store.set('k', 3);
  });
});
