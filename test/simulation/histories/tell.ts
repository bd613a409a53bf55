/**
 * Written histories: each a test that plays the same steps with several seeds, because incarnations, delays and elections
 * differ with each.
 */
import { History, PRODUCT } from '@nest-cluster/testing';
import type { HistoryOptions } from '@nest-cluster/testing';

const SEEDS = [1, 2, 3, 4, 5, 6];

export function tell(title: string, play: (seed: number) => void, seeds: readonly number[] = SEEDS): void {
  it(title, () => {
    for (const seed of seeds) play(seed);
  });
}

export function cluster(options: HistoryOptions): History {
  return new History(PRODUCT, options);
}

/** A cluster in manual recovery whose sides have grown apart over keys that all had; each node wrote one of its own. */
export function parted(options: HistoryOptions, keys: number, ...sides: string[]): History {
  const h = cluster(options);
  h.begin();
  h.recovery('a', 'manual');
  h.confirm('a', 'old', '1', 'all');
  h.fill('a', keys);
  h.part(...sides);
  for (const name of h.names()) h.write(name, `of-${name}`, '1');
  h.pass(3_000);
  return h;
}

/** The sides meet again, and everybody waits for a choice. */
export function meet(h: History): void {
  h.heal();
  h.until('everybody waits for a choice', () =>
    h
      .names()
      .split('')
      .every((name) => h.waiting(name).length > 0),
  );
  h.pass(1_500);
}

/** After a choice: nothing waits, everybody is ready, and takes writes. */
export function expectOver(h: History): void {
  h.settle();
  for (const name of h.names()) expect(h.waiting(name)).toEqual([]);
  h.confirm('b', 'after', '1', 'quorum');
}
