/**
 * Five hosts, split into three and two, with writes on both sides (P1 to P4, S3, S4).
 */
import { randomBytes } from 'node:crypto';
import { Lan } from '../support/lan.js';
import { green, sameContent, STORE_NODE, StoreDriver } from '../support/store-driver.js';
import { until } from '../support/until.js';

interface Heard {
  readonly type: string;
  readonly sides?: readonly (readonly string[])[];
  readonly conflicts?: number;
  readonly conflictKeys?: readonly string[];
  readonly dropped?: number;
  readonly droppedKeys?: readonly string[];
}

const HOSTS = [1, 2, 3, 4, 5];
const names = (hosts: readonly number[]) => hosts.map((host) => `n${host}@lan`);

async function heard(node: StoreDriver, type: string): Promise<Heard[]> {
  return (await node.ask<Heard[]>('heard')).filter((event) => event.type === type);
}

describe.each(['automatic', 'manual'])('five hosts, recovery %s', (recovery) => {
  let lan: Lan;
  let nodes: StoreDriver[];
  const [n1, n2, n3, n4, n5] = HOSTS.map((host) => () => nodes[host - 1] as StoreDriver) as [
    () => StoreDriver,
    () => StoreDriver,
    () => StoreDriver,
    () => StoreDriver,
    () => StoreDriver,
  ];

  beforeAll(async () => {
    lan = new Lan(HOSTS.length);
    const env = {
      CLUSTER_SECRET: randomBytes(16).toString('hex'),
      CLUSTER_SIZE: '5',
      CLUSTER_RECOVERY: recovery,
      CLUSTER_DISCOVERY_INTERVAL_MS: '1000',
      RESOLVER: 'mergeFields',
    };
    nodes = HOSTS.map((host) => new StoreDriver(lan.start(host, `n${host}@lan`, env, STORE_NODE).process));
    await green(nodes);
  }, 60_000);

  afterAll(() => lan.close());

  async function apart(): Promise<void> {
    lan.split([4, 5]);
    await until('each side sees itself alone', async () => {
      const up = await Promise.all(
        nodes.map(
          async (node) =>
            (await node.ask<{ status: string }[]>('nodes')).filter(({ status }) => status !== 'down').length,
        ),
      );
      return up.join() === '3,3,3,2,2';
    });
  }

  async function writeOnBothSides(round: string): Promise<void> {
    for (let number = 0; number < 20; number++) {
      await n1().ask('set', `${round}-both-${number}`, { majority: number });
      await n4().ask('set', `${round}-both-${number}`, { minority: number }, { ack: 'local' });
      await n2().ask('set', `${round}-left-${number}`, number);
      await n5().ask('set', `${round}-right-${number}`, number, { ack: 'local' });
      // One after the other on one side: nobody is to be asked about these.
      await n3().ask('set', `${round}-left-${number}`, number + 1);
    }
    await n2().ask('delete', `${round}-gone-left`);
    await n5().ask('delete', `${round}-gone-right`, { ack: 'local' });
  }

  async function prepare(round: string): Promise<void> {
    for (const key of ['gone-left', 'gone-right', 'kept'])
      await n1().ask('set', `${round}-${key}`, 1, { ack: 'all' });
  }

  async function sidesAreNamed(type: string): Promise<void> {
    for (const node of nodes) {
      const [event] = await until(`${type} is heard`, async () => {
        const events = await heard(node, type);
        return events.length > 0 && events;
      });
      expect(event?.sides).toHaveLength(2);
      for (const side of event?.sides ?? [])
        expect(
          side.every((name) => names([1, 2, 3]).includes(name)) ||
            side.every((name) => names([4, 5]).includes(name)),
        ).toBe(true);
    }
  }

  if (recovery === 'automatic') {
    it('merges at contact: all hold the same, the resolver decided what was concurrent and nothing else', async () => {
      await prepare('r');
      await apart();
      await writeOnBothSides('r');
      const healed = Date.now();
      lan.heal();
      await green(nodes);
      const { size } = await sameContent(nodes);
      console.log(`${size} entries, the same on all ${Date.now() - healed} ms after the cable was mended`);
      expect(size).toBe(61);
      for (const node of nodes) {
        expect(await node.ask('get', 'r-both-7')).toEqual({ majority: 7, minority: 7 });
        const keys = await node.ask<string[]>('keys');
        expect(keys.filter((key) => key.includes('gone'))).toEqual([]);
        const asked = await node.ask<{ key: string }[]>('resolved');
        expect(asked.filter(({ key }) => !key.startsWith('r-both-'))).toEqual([]);
      }
      await sidesAreNamed('partitionDetected');
      await sidesAreNamed('partitionHealed');
      expect(await Promise.all(nodes.map(async (node) => (await node.state()).conflicts))).toEqual(
        nodes.map(() => 20),
      );
      const reports = await Promise.all(nodes.map((node) => heard(node, 'partitionHealed')));
      expect(reports.every((events) => events.some(({ conflicts }) => conflicts === 20))).toBe(true);
    });
    return;
  }

  async function waiting(node: StoreDriver): Promise<string> {
    return until('the partition waits', async () => {
      const partitions = await node.ask<{ id: string; state: string; sides: string[][] }[]>('partitions');
      return partitions.find(({ state, sides }) => state === 'waiting' && sides.flat().length === 5)?.id;
    });
  }

  it('merges nothing until told; keep drops what the dry run listed', async () => {
    await prepare('k');
    await apart();
    await writeOnBothSides('k');
    lan.heal();
    const ids = await Promise.all(nodes.map(waiting));
    expect(await n1().ask('get', 'k-both-3')).toEqual({ majority: 3 });
    expect(await n4().ask('get', 'k-both-3')).toEqual({ minority: 3 });
    expect(await n1().ask('get', 'k-right-3')).toBeNull();
    const diff = await n1().ask<{
      sides: { written: string[]; deleted: string[]; conflicts: string[]; total: number }[];
    }>('diff', ids[0]);
    const [other] = diff.sides;
    const changes = [
      ...(other?.written ?? []),
      ...(other?.deleted ?? []),
      ...(other?.conflicts ?? []),
    ].sort();
    expect(other).toMatchObject({ total: 41 });
    expect(other?.conflicts.length).toBe(20);
    await n3().ask('resolve', ids[2], { choose: 'keep', side: 'n1@lan' });
    await green(nodes);
    const { size } = await sameContent(nodes);
    expect(size).toBe(42);
    expect(await n5().ask('get', 'k-both-3')).toEqual({ majority: 3 });
    expect(await n5().ask('get', 'k-gone-right')).toBe(1);
    const [report] = await heard(n4(), 'partitionHealed');
    expect(report?.dropped).toBe(41);
    expect([...(report?.droppedKeys ?? [])].sort()).toEqual(changes);
  });

  it('merges what waits when it is switched to automatic on any node', async () => {
    await prepare('a');
    await apart();
    await writeOnBothSides('a');
    lan.heal();
    await Promise.all(nodes.map(waiting));
    await n5().ask('recovery', 'automatic');
    await green(nodes);
    await sameContent(nodes);
    expect(await n2().ask('get', 'a-both-3')).toEqual({ majority: 3, minority: 3 });
  });
});
