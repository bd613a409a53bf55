import { diagnose, disagreements, rifts, sightOf, sights } from './diagnosis.js';
import type { ClusterAnswer, NodeAnswer } from './types.js';

const NOW = 1_000_000;

function node(name: string, sees: readonly string[], change: Partial<NodeAnswer> = {}): NodeAnswer {
  return {
    name,
    incarnation: `life of ${name}`,
    address: '127.0.0.1:1',
    status: 'up',
    self: name === 'a',
    leader: name === 'a',
    startedAt: 0,
    upSince: 0,
    voteSilent: false,
    sees,
    view: {
      state: 'green',
      size: { expected: 3, current: 3 },
      leader: { node: 'a', token: 1, guarantee: 'quorum' },
      store: { ready: true, size: 0 },
      traffic: { bytesIn: 0, bytesOut: 0 },
      at: NOW,
    },
    ...change,
  };
}

function cluster(nodes: readonly NodeAnswer[], change: Partial<ClusterAnswer> = {}): ClusterAnswer {
  return {
    cluster: 'test',
    self: 'a',
    state: 'green',
    recovery: 'automatic',
    member: true,
    size: { expected: 3, current: 3 },
    quorum: 2,
    leader: { node: 'a', token: 1, guarantee: 'quorum' },
    since: { state: 0, leader: 0 },
    nodes,
    store: { ready: true, size: 0, replicas: { all: 2, inSync: 2 }, conflicts: 0, subscriptions: 0 },
    partitions: [],
    ...change,
  };
}

const ALL = ['a', 'b', 'c'];
const weights = (findings: ReturnType<typeof diagnose>) =>
  findings.map(({ weight, text }) => `${weight}: ${text}`);

describe('the diagnosis', () => {
  it('finds nothing where all is well', () => {
    expect(diagnose(cluster(ALL.map((name) => node(name, ALL))), NOW)).toEqual([]);
  });

  it('finds one-way cuts, and says in which direction', () => {
    const nodes = [node('a', ALL), node('b', ['a', 'b']), node('c', ALL)];
    expect(rifts(nodes, NOW)).toMatchObject([{ sight: { kind: 'oneWay', from: 'b', to: 'c' } }]);
    expect(weights(diagnose(cluster(nodes), NOW))).toEqual([
      'warning: One-way cut: c hears b, but b does not hear c.',
    ]);
  });

  it('finds cuts in both directions', () => {
    const nodes = [node('a', ALL), node('b', ['a', 'b']), node('c', ['a', 'c'])];
    expect(weights(diagnose(cluster(nodes), NOW))).toEqual(['warning: b and c do not see each other.']);
  });

  it('takes the word of the other one for a node that does not answer', () => {
    const silent = node('c', [], { view: null });
    const sees = sights([node('a', ['a', 'c']), silent], NOW);
    expect(sightOf(node('a', ['a', 'c']), silent, sees)).toEqual({ kind: 'both' });
    expect(sightOf(silent, silent, sees)).toEqual({ kind: 'unknown' });
  });

  it('finds nodes that disagree on who leads, and on who is there', () => {
    const other = node('b', ALL);
    const view = other.view && {
      ...other.view,
      leader: { node: 'b', token: 2, guarantee: 'quorum' },
      size: { expected: 3, current: 2 },
    };
    const found = disagreements([node('a', ALL), { ...other, view }, node('c', ALL)], NOW);
    expect(found).toEqual([
      'Nodes disagree on who leads. For a, c, a (token 1) leads. For b, b (token 2) leads.',
      'Nodes disagree on who is there. For a, c, 3 nodes are up. For b, 2 nodes are up.',
    ]);
  });

  it('finds a node that is complete and yet not green, and nodes in different states', () => {
    const yellow = node('a', ALL);
    const view = yellow.view && { ...yellow.view, state: 'yellow' as const };
    const nodes = [{ ...yellow, view }, node('b', ALL), node('c', ALL)];
    expect(weights(diagnose(cluster(nodes, { state: 'yellow' }), NOW))).toEqual([
      'warning: a does not exchange entries with every node. Is its data port reached?',
      'warning: Nodes are not all in the same state. For a, yellow is the state. For b, c, green is the state.',
    ]);
  });

  it('does not believe views that are old', () => {
    const old = node('b', ALL);
    const view = old.view && { ...old.view, at: NOW - 60_000, leader: null };
    expect(disagreements([node('a', ALL), { ...old, view }], NOW)).toEqual([]);
  });

  it('names what is worst first', () => {
    const nodes = [
      node('a', ['a', 'b']),
      node('b', ['a', 'b'], { status: 'suspect' }),
      node('c', [], { status: 'down', view: null }),
    ];
    const partitions = [
      { id: '1', state: 'waiting', sides: [['a'], ['b']], detectedAt: 0, report: null },
    ] as const;
    const found = diagnose(
      cluster(nodes, { state: 'red', size: { expected: 3, current: 1 }, leader: null, partitions }),
      NOW,
    );
    expect(weights(found)).toEqual([
      'alarm: No quorum: 1 of 3 nodes are up, 2 are needed. Nobody can lead.',
      'alarm: A partition waits for your choice: merge the sides, or keep one.',
      'warning: Down: c.',
      'warning: Suspected to be down: b.',
    ]);
  });
});
