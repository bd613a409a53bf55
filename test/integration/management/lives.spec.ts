/**
 * What the calls list of a name that was restarted (M8).
 */
import { DocumentedCalls } from '../../support/documented-calls.js';
import { ADAPTERS, ManagedNode, MeetingPlace } from '../../support/management-app.js';
import { until } from '../../support/until.js';

const RESTARTS = 3;

interface Listed {
  readonly name: string;
  readonly incarnation: string;
  readonly status: string;
  readonly startedAt: number;
  readonly upSince: number;
}

describe.each(ADAPTERS)('M8: nodes after restarts, on %s', (adapter) => {
  const place = new MeetingPlace();
  const running = new Map<string, ManagedNode>();
  /** Of n2, the one that is up last. */
  const lives: string[] = [];
  let calls: DocumentedCalls;

  async function start(name: string): Promise<ManagedNode> {
    const node = await ManagedNode.start({ name, size: 3, place, adapter });
    running.set(name, node);
    await until('all that run see each other', () =>
      [...running.values()].every(({ cluster }) => cluster.size.current === running.size),
    );
    return node;
  }

  beforeAll(async () => {
    const { origin, document } = await start('n1@test');
    calls = new DocumentedCalls(origin, document);
    for (let run = 0; run <= RESTARTS; run++) {
      await running.get('n2@test')?.close();
      lives.push((await start('n2@test')).cluster.self.incarnation);
    }
  });
  afterAll(() => Promise.all([...running.values()].map((node) => node.close())));

  const list = async (asked: DocumentedCalls, query = '') => {
    const { body } = await asked.call('GET', `/cluster/nodes${query}`);
    return body as unknown as readonly Listed[];
  };
  const names = async (query: string) => (await list(calls, query)).map(({ name }) => name);

  it('lists one life of each name', async () => {
    for (const query of ['', '?past=false']) expect(await names(query)).toEqual(['n1@test', 'n2@test']);
    const { body } = await calls.call('GET', '/cluster');
    expect(body['nodes']).toMatchObject([
      { name: 'n1@test', status: 'up' },
      { name: 'n2@test', status: 'up', incarnation: lives.at(-1) },
    ]);
  });

  it('has past lives on request, in order, each before the one that is up', async () => {
    const listed = await list(calls, '?past=true');
    expect(listed.map(({ incarnation }) => incarnation).slice(1)).toEqual(lives);
    expect(listed.map(({ status }) => status)).toEqual(['up', 'left', 'left', 'left', 'up']);
  });

  it('knows since when a node was up that was gone before it could be met', async () => {
    const late = await start('n3@test');
    const listed = await until('it has heard of every life', async () => {
      const all = await list(new DocumentedCalls(late.origin, late.document), '?past=true');
      return all.length === 2 + lives.length && all;
    });
    const past = listed.filter(({ status }) => status === 'left');
    expect(past.map(({ upSince }) => upSince)).toEqual(past.map(({ startedAt }) => startedAt));
    expect(await names('')).toEqual(['n1@test', 'n2@test', 'n3@test']);
  });

  it.each(['?past=maybe', '?past=', '?past=1', '?past=TRUE', '?past=true&past=true'])(
    'refuses %s',
    async (query) => {
      const { status, body } = await calls.call('GET', `/cluster/nodes${query}`);
      expect([status, body['code']]).toEqual([400, 'BAD_REQUEST']);
    },
  );
});
