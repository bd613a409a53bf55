// {a} | {b,c} in manual recovery, `keep` a: the kept side goes away again after each part of the copy.
import type { History } from '@nest-cluster/testing';
import { meet, parted, tell } from './tell.js';

const KEYS = 600;
const SMALL_PARTS = { batchBytesMax: 1_024, batchEntriesMax: 64 };
/** Milliseconds from the choice to the end of the kept side: from nothing copied to everything. */
const MOMENTS = [0, 2, 8, 30, 100];

/** All that everybody had before the split is at every node that is ready. */
function expectOld(h: History, names: string): void {
  for (const name of names) {
    if (!h.isReady(name)) continue;
    expect(h.get(name, 'old')).toBe('1');
    expect(h.size(name)).toBeGreaterThan(KEYS);
  }
}

tell(
  'P4: a kept side that dies right after the choice costs nobody the old store',
  (seed) => {
    for (const ms of MOMENTS) {
      const h = parted({ nodes: 'abc', seed, store: SMALL_PARTS }, KEYS, 'a', 'bc');
      meet(h);
      h.choose('b', 'a');
      h.pass(ms);
      h.kill('a');
      h.until('b and c are ready', () => h.isReady('b') && h.isReady('c'));
      expectOld(h, 'bc');
      h.pass(30_000);
      expectOld(h, 'bc');
    }
  },
  [1, 2],
);

tell(
  'P4: a kept side that is cut off right after the choice costs nobody the old store',
  (seed) => {
    for (const ms of MOMENTS) {
      const h = parted({ nodes: 'abcde', seed, store: SMALL_PARTS }, KEYS, 'ab', 'cde');
      meet(h);
      h.choose('c', 'a');
      h.pass(ms);
      h.cut('ab', 'cde');
      h.pass(10_000);
      expectOld(h, 'cde');
      h.restart('ab');
      h.heal();
      h.pass(30_000);
      // What could not be carried out waits for a choice again.
      const waiting = h
        .names()
        .split('')
        .find((name) => h.waiting(name).length > 0);
      if (waiting !== undefined) h.choose(waiting, 'merge');
      h.settle();
      expectOld(h, 'abcde');
    }
  },
  [1, 2],
);
