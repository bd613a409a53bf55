/**
 * What the network does to packets, as one state that several faults add to.
 */
import type { Way } from '../history/records.js';

export interface LinkState {
  readonly cut: readonly Way[];
  /** Ways that lose packets, and how many of a hundred. */
  readonly lossy: readonly (readonly [way: Way, percent: number])[];
}

export const ALL_OPEN: LinkState = { cut: [], lossy: [] };

/** Both ways between every host of one group and every host of another. */
export function between(...groups: readonly (readonly number[])[]): Way[] {
  return groups.flatMap((group, at) =>
    groups.flatMap((other, otherAt) =>
      at === otherAt ? [] : group.flatMap((from) => other.map((to): Way => [from, to])),
    ),
  );
}

/** Every way between these hosts. */
export function among(hosts: readonly number[]): Way[] {
  return between(...hosts.map((host) => [host]));
}

/** What several faults do at the same time; where two lose packets, the greater loss counts. */
export function together(states: readonly LinkState[]): LinkState {
  const cut = new Map(states.flatMap((state) => state.cut.map((way) => [way.join('>'), way] as const)));
  const lossy = new Map<string, readonly [Way, number]>();
  for (const [way, percent] of states.flatMap((state) => state.lossy)) {
    const key = way.join('>');
    if (percent > (lossy.get(key)?.[1] ?? 0)) lossy.set(key, [way, percent]);
  }
  return { cut: [...cut.values()], lossy: [...lossy.values()] };
}

/** On the bridge, where neither side's kernel knows of it. */
export function linkRules({ cut, lossy }: LinkState): string {
  const drops = cut.map(([from, to]) => `iifname "p${from}" oifname "p${to}" drop`);
  const losses = lossy.map(
    ([[from, to], percent]) => `iifname "p${from}" oifname "p${to}" numgen random mod 100 < ${percent} drop`,
  );
  const rules = [...drops, ...losses].map((rule) => `    ${rule}\n`).join('');
  return `table bridge chaos
delete table bridge chaos
table bridge chaos {
  chain forward {
    type filter hook forward priority 0;
${rules}  }
}
`;
}
