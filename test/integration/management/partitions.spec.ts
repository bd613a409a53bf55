/**
 * Recovery by hand over HTTP (P4): what waits, what a choice would do, and the choice, each answer held against the document.
 */
import { MemoryNetwork } from '@nest-cluster/core';
import { DocumentedCalls } from '../../support/documented-calls.js';
import { ADAPTERS, ManagedNode, MeetingPlace } from '../../support/management-app.js';
import { until } from '../../support/until.js';

const HOSTS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'] as const;
const QUICK = {
  membership: { probeIntervalMs: 100, probeTimeoutMs: 60, suspicionMs: 400, redialMaxMs: 500 },
  leadership: { leaseMs: 500, renewMs: 100, stallMs: 400 },
  discoveryIntervalMs: 200,
};

describe.each(ADAPTERS)('partitions on %s', (adapter) => {
  let network: MemoryNetwork;
  let nodes: readonly ManagedNode[];
  let calls: DocumentedCalls;
  let callsOfThird: DocumentedCalls;

  beforeAll(async () => {
    network = new MemoryNetwork();
    const place = new MeetingPlace();
    nodes = await Promise.all(
      HOSTS.map((bind, index) =>
        ManagedNode.start({
          name: `n${index + 1}@test`,
          size: HOSTS.length,
          place,
          adapter,
          cluster: { ...QUICK, bind, insecure: true, transport: network.transport, recovery: 'manual' },
        }),
      ),
    );
    await Promise.all(nodes.map((node) => node.settled()));
    const [first, , third] = nodes as readonly [ManagedNode, ManagedNode, ManagedNode];
    calls = new DocumentedCalls(first.origin, first.document);
    callsOfThird = new DocumentedCalls(third.origin, third.document);
  });
  afterAll(() => Promise.all(nodes.map((node) => node.close())));

  /** The third node is cut off, both sides write, and meet again; resolves with the partition that waits. */
  async function apart(round: string): Promise<string> {
    const [first, , third] = nodes as readonly [ManagedNode, ManagedNode, ManagedNode];
    for (const host of HOSTS.slice(0, 2)) network.cut(host, HOSTS[2]);
    await until('the sides have lost each other', () =>
      [first, third].every(({ cluster }, index) => cluster.size.current === (index === 0 ? 2 : 1)),
    );
    await first.store.set(`${round}/ours`, 1);
    await first.store.set(`${round}/both`, 'ours');
    await third.store.set(`${round}/theirs`, 1, { ack: 'local' });
    await third.store.set(`${round}/both`, 'theirs', { ack: 'local' });
    network.mend();
    return until('a partition waits', async () => {
      const { body } = await calls.call('GET', '/cluster/partitions');
      const known = body as unknown as { id: string; state: string }[];
      return known.find(({ state }) => state === 'waiting')?.id;
    });
  }

  async function differs(id: string, round: string): Promise<void> {
    const { status, body } = await calls.call('GET', `/cluster/partitions/${id}/diff`);
    expect([status, body]).toEqual([
      200,
      {
        partition: id,
        here: { keys: expect.arrayContaining([`${round}/ours`, `${round}/both`]), total: 2 },
        sides: [
          {
            side: 'n3@test',
            written: [`${round}/theirs`],
            deleted: [],
            conflicts: [`${round}/both`],
            total: 2,
          },
        ],
      },
    ]);
  }

  it('are listed with their sides, compared, and kept to one side', async () => {
    const id = await apart('keep');
    const { body } = await calls.call('GET', '/cluster');
    expect(body['partitions']).toMatchObject([
      { id, state: 'waiting', sides: [['n1@test', 'n2@test'], ['n3@test']], report: null },
    ]);
    await differs(id, 'keep');
    for (const json of [{ choose: 'keep' }, { choose: 'drop' }, { choose: 'keep', side: 7 }])
      expect((await calls.call('POST', `/cluster/partitions/${id}/resolve`, { json })).status).toBe(400);
    const stranger = { json: { choose: 'keep', side: 'nobody' } };
    expect((await calls.call('POST', `/cluster/partitions/${id}/resolve`, stranger)).status).toBe(404);
    const json = { choose: 'keep', side: 'n1@test' };
    expect((await calls.call('POST', `/cluster/partitions/${id}/resolve`, { json })).status).toBe(200);
    await until('all hold what was kept', () =>
      nodes.every(({ store }) => store.peek('keep/both') === 'ours' && !store.has('keep/theirs')),
    );
    const after = await until('it is over', async () => {
      const { body: listed } = await calls.call('GET', '/cluster/partitions');
      return (listed as unknown as { id: string; state: string; report: object | null }[]).find(
        (known) => known.id === id && known.state === 'healed',
      );
    });
    expect(after.report).toEqual({ merged: 0, conflicts: 0, deletes: 0, dropped: 0 });
    await until('the other side tells what it lost', async () => {
      const { body: listed } = await callsOfThird.call('GET', '/cluster/partitions');
      return (listed as unknown as { report: { dropped: number } | null }[]).some(
        ({ report }) => report?.dropped === 2,
      );
    });
    expect((await calls.call('POST', `/cluster/partitions/${id}/resolve`, { json })).status).toBe(409);
  });

  it('are merged', async () => {
    const id = await apart('merge');
    await differs(id, 'merge');
    const json = { choose: 'merge' };
    expect((await calls.call('POST', `/cluster/partitions/${id}/resolve`, { json })).status).toBe(200);
    await until('all hold everything', () =>
      nodes.every(
        ({ store }) =>
          store.has('merge/ours') &&
          store.has('merge/theirs') &&
          store.peek('merge/both') === nodes[0]?.store.peek('merge/both'),
      ),
    );
    await Promise.all(nodes.map((node) => node.settled()));
  });
});
