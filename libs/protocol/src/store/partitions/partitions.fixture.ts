/**
 * For tests: clusters whose sides wrote apart from each other, have met again, and wait for a choice.
 */
import { Fleet, type Site } from '../fleet.fixture.js';
import type { Partition } from '../machine.js';
import type { Choice } from '../message.js';
import type { StoreOptions } from '../options.js';

export interface Sides {
  readonly fleet: Fleet;
  readonly sides: readonly (readonly Site[])[];
}

/** Sides of so many nodes each, which have met again. Each side has changed a key of all, and written three of its own. */
export function metAgain(
  sizes: readonly number[],
  more: { readonly seed?: number; readonly options?: Partial<StoreOptions> } = {},
): Sides {
  const count = sizes.reduce((sum, size) => sum + size, 0);
  const fleet = Fleet.ready(count, {
    seed: more.seed ?? 1,
    options: { recovery: 'manual', ...more.options },
  });
  fleet.lead(fleet.at(0));
  for (const key of ['base', 'shared']) fleet.set(fleet.at(0), key, 'b');
  fleet.run(2_000);
  let from = 0;
  const sides = sizes.map((size) => fleet.sites.slice(from, (from += size)));
  fleet.split(...sides);
  fleet.run(10);
  for (const [side, [first]] of sides.entries()) {
    if (first === undefined) continue;
    for (const key of ['a', 'b', 'c']) fleet.set(first, `${key}${side}`, 'v', 'local');
    fleet.set(first, 'shared', `of ${side}`, 'local');
    fleet.run(5);
  }
  fleet.run(3_000);
  fleet.heal();
  fleet.run(1_500);
  return { fleet, sides };
}

export const keep = (site: Site): Choice => ({ kind: 'keep', side: site.info.incarnation });

export function waitingAt(at: Site): Partition[] {
  return at.machine.status().partitions.filter(({ state }) => state === 'waiting');
}

/** Chooses at a node for the partition from another one; undefined when that does not wait there. */
export function choose(fleet: Fleet, at: Site, other: Site, choice: Choice): number | undefined {
  const partition = waitingAt(at).find(({ sides }) =>
    sides[1]?.nodes.some(({ incarnation }) => incarnation === other.info.incarnation),
  );
  if (partition === undefined) return undefined;
  return fleet.ask(at, (id) => ({ type: 'resolve', id, partition: partition.id, choice }));
}

/** What a node shows, by whose writes they are: `0`, `1`, `0+1`… Each side has three keys, which come and go together. */
export function sidesShown(fleet: Fleet, site: Site): string {
  const content = fleet.content(site);
  const found = [0, 1, 2].filter((side) => `a${side}` in content);
  for (const side of [0, 1, 2])
    for (const key of ['a', 'b', 'c'])
      if (`${key}${side}` in content !== found.includes(side))
        throw new Error(`${site.info.name} has a part of side ${side}: ${Object.keys(content).join(' ')}`);
  if (content['base'] !== 'b') throw new Error(`${site.info.name} has lost what all had`);
  return found.join('+');
}

export function allShown(fleet: Fleet): string[] {
  return [...new Set(fleet.alive.map((site) => sidesShown(fleet, site)))];
}

/** Everybody recovers automatically from now on, and time passes. */
export function toAutomatic(fleet: Fleet): void {
  fleet.letThrough = () => true;
  fleet.heal();
  fleet.run(2_000);
  fleet.give(fleet.alive[0] as Site, { type: 'recovery', mode: 'automatic' });
  fleet.run(15_000);
}
