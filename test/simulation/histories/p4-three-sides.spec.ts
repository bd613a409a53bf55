// {a,b} | {c} | {d} in manual recovery: one side of c and d is kept, and what then waits is merged.
import type { History } from '@nest-cluster/testing';
import { meet, parted, tell } from './tell.js';

const ROUNDS = 18;

/** The partition that waits at this node for it and another. */
function between(h: History, name: string, other: string): string | undefined {
  return h
    .waiting(name)
    .find(({ sides }) => sides.some(({ nodes }) => nodes.some((node) => node.name === other)))?.id;
}

tell(
  'P4: with three sides a choice for two of them leaves nothing that cannot be chosen',
  (seed) => {
    const h = parted({ nodes: 'abcd', seed }, 10, 'ab', 'c', 'd');
    h.cut('ab', 'cd');
    h.until('c and d wait', () => h.waiting('c').length > 0 && h.waiting('d').length > 0);
    h.pass(1_000);
    meet(h);
    h.pass(1_500);
    h.choose('d', 'c', between(h, 'd', 'c') ?? '');
    h.pass(5_000);
    for (let round = 0; round < ROUNDS; round++) {
      const told = h
        .names()
        .split('')
        .find((name) => h.waiting(name).length > 0);
      if (told === undefined) break;
      h.choose(told, 'merge');
      h.pass(2_500);
    }
    for (const name of h.names()) expect(h.waiting(name)).toEqual([]);
    for (const key of ['old', 'of-a', 'of-b', 'of-c'])
      expect(h.all('abcd', key)).toEqual(['1', '1', '1', '1']);
  },
  [1, 2, 3, 4, 5, 6, 7, 8],
);
