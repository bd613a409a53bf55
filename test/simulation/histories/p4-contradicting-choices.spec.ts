// {a,c} | {b} in manual recovery: two nodes are told opposite sides before they can hear of each other's choice.
import type { History } from '@nest-cluster/testing';
import { expectOver, meet, parted, tell } from './tell.js';

/** What one side had, or both, and the same on all nodes. */
function expectOneOutcome(h: History, keys: number): void {
  const names = h.names();
  const shown = (key: string): string | undefined => {
    const all = h.all(names, key);
    expect(new Set(all).size).toBe(1);
    return all[0];
  };
  expect([shown('old'), shown('fill0'), shown(`fill${keys - 1}`)]).toEqual(['1', 'f', 'f']);
  expect([
    ['1', '1', undefined],
    [undefined, undefined, '1'],
    ['1', '1', '1'],
  ]).toContainEqual(['of-a', 'of-c', 'of-b'].map(shown));
}

tell(
  'P4: of two choices for opposite sides in one instant one counts, and its side is there afterwards',
  (seed) => {
    const h = parted({ nodes: 'abc', seed }, 500, 'ac', 'b');
    meet(h);
    h.delay('a', 'b', 200);
    h.choose('a', 'b');
    h.choose('b', 'a');
    h.pass(400);
    h.heal();
    h.pass(30_000);
    expectOver(h);
    expectOneOutcome(h, 500);
  },
);

tell('P4: two choices in one instant, the second at a node that is not heard, come to an end', (seed) => {
  const store = { batchBytesMax: 1_024, batchEntriesMax: 64 };
  const h = parted({ nodes: 'abc', seed, store }, 3_000, 'ac', 'b');
  meet(h);
  h.delay('a', 'c', 125);
  h.delay('b', 'c', 125);
  h.choose('a', 'c');
  h.choose('c', 'b');
  h.pass(250);
  h.heal();
  h.pass(30_000);
  expectOver(h);
  expectOneOutcome(h, 3_000);
});

tell('P4: a choice that nobody contradicts is carried out', (seed) => {
  const h = parted({ nodes: 'abc', seed }, 500, 'ac', 'b');
  meet(h);
  h.choose('b', 'a');
  h.pass(10_000);
  expectOver(h);
  expectOneOutcome(h, 500);
  expect(h.all('abc', 'of-a')).toEqual(['1', '1', '1']);
});
