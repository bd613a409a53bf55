// Three nodes are expected and a fourth joins: the quorum rises to three. The fourth is killed.
import { cluster, tell } from './tell.js';

const SURPLUS_MS = 30_000;

tell('L5: a quorum that a surplus node had raised falls when that node is dead', (seed) => {
  const h = cluster({ nodes: 'abcd', size: 3, seed });
  h.begin();
  h.until('somebody leads', () => h.leaders().length === 1);
  h.pass(5_000);

  h.kill('d');
  h.pass(SURPLUS_MS);
  expect(h.view('a')).toMatchObject({ expected: 3, quorum: 2, state: 'green' });

  h.kill(h.leaders().join(''));
  h.until('one of the two that are left leads', () => h.leaders().length === 1);
});

tell('L5: a quorum that a surplus node had raised stays while that node may be elsewhere', (seed) => {
  const h = cluster({ nodes: 'abcd', size: 3, seed });
  h.begin();
  h.until('somebody leads', () => h.leaders().length === 1);
  h.pass(5_000);

  h.part('ab', 'cd');
  h.pass(60_000);
  expect(h.leaders()).toEqual([]);
});
