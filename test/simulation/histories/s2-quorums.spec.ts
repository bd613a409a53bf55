// Who counts for a quorum: voters alone.
import { cluster, tell } from './tell.js';

tell('S2: nodes without a vote confirm nothing', (seed) => {
  const h = cluster({ nodes: 'abcde', voters: 'abc', seed });
  h.begin();
  h.part('ade', 'bc');
  const alone = h.write('a', 'k1', '1', 'quorum');
  h.confirm('b', 'k2', '1', 'quorum');
  h.until('the write of a is given up', () => alone.state !== 'waiting');
  expect(alone.state).toBe('CLUSTER_QUORUM_UNAVAILABLE');

  h.heal();
  h.settle();
  h.pass(5_000);
  expect(h.all('abcde', 'k1')).toEqual(['1', '1', '1', '1', '1']);
  expect(h.all('abcde', 'k2')).toEqual(['1', '1', '1', '1', '1']);
});

// {a,b} | {c,d,e}: c writes w with a quorum. {a,b,e} | {c,d}: e is restarted among nodes that never had w. It is ready with
// what they have (S7), and w is there as soon as the cut heals.
tell(
  'S2: a confirmed write outlives a cut in which a holder is restarted among nodes that lack it',
  (seed) => {
    const h = cluster({ nodes: 'abcde', seed });
    h.begin();
    h.part('ab', 'cde');
    h.confirm('c', 'w', '1', 'quorum');
    h.kill('e');
    h.start('e');
    h.cut('abe', 'cd');
    h.until('e is ready', () => h.isReady('e'));
    h.write('e', 'w2', '1');
    h.pass(20_000);
    expect(h.all('cd', 'w')).toEqual(['1', '1']);

    h.heal();
    h.settle();
    h.pass(5_000);
    expect(h.all('abcde', 'w')).toEqual(['1', '1', '1', '1', '1']);
  },
);

tell(
  'S2: after hundreds of lives of one node stores are equal, and take writes',
  (seed) => {
    const h = cluster({ nodes: 'abc', seed });
    h.begin();
    h.fill('a', 50);
    for (let life = 0; life < 300; life++) {
      h.kill('c');
      h.start('c');
      h.until('c is ready', () => h.isReady('c'));
      h.write('c', `of-c${life % 10}`, `${life}`, 'local');
      h.pass(50);
    }
    h.settle();
    h.confirm('c', 'last', '1', 'all');
    h.pass(2_000);
    for (const name of 'abc') expect(h.size(name)).toBe(61);
    expect(h.all('abc', 'of-c9')).toEqual(['299', '299', '299']);
  },
  [1],
);
