/**
 * P1, P3: of a partition that was whole and that nobody wrote into while it healed, each node tells once, with both sides,
 * and reports as many keys merged, conflicts and deletes as an outsider counts.
 */
import type { MergeReport, Partition } from '@nest-cluster/protocol';
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';
import type { StoreNode } from '../store-node.js';

export interface Parted {
  readonly sides: readonly (readonly StoreNode[])[];
  /** Keys that each side changed. */
  readonly changed: readonly ReadonlySet<string>[];
}

export class Reports implements StoreChecker {
  private readonly detected = new Map<StoreNode, Partition[]>();
  private readonly healed = new Map<StoreNode, { partition: Partition; report: MergeReport }[]>();
  private expected: Parted | undefined;
  private before = new Map<StoreNode, ReadonlyMap<string, string>>();

  constructor(private readonly fleet: StoreFleet) {}

  /** The sides are apart, and go together next. */
  expect(parted: Parted): void {
    this.expected = parted;
    this.detected.clear();
    this.healed.clear();
    this.before = new Map(parted.sides.flat().map((node) => [node, this.fleet.content(node)]));
  }

  told(node: StoreNode, effect: Parameters<NonNullable<StoreChecker['told']>>[1]): void {
    if (effect.type === 'partitionDetected')
      this.detected.set(node, [...(this.detected.get(node) ?? []), effect.partition]);
    if (effect.type === 'partitionHealed') this.healed.set(node, [...(this.healed.get(node) ?? []), effect]);
  }

  turnedPage(): void {
    this.expected = undefined;
  }

  rested(): void {
    const { expected } = this;
    this.expected = undefined;
    if (expected === undefined || expected.sides.flat().some(({ ended, drops }) => ended || drops > 0))
      return;
    expected.sides.forEach((side, index) => {
      const own = expected.changed[index] ?? new Set();
      const theirs = new Set(expected.changed.filter((_, at) => at !== index).flatMap((keys) => [...keys]));
      const there = this.before.get(expected.sides[1 - index]?.[0] as StoreNode) ?? new Map<string, string>();
      for (const node of side) this.examine(node, own, theirs, there);
    });
  }

  private examine(
    node: StoreNode,
    own: ReadonlySet<string>,
    theirs: ReadonlySet<string>,
    there: ReadonlyMap<string, string>,
  ): void {
    const detected = this.detected.get(node) ?? [];
    const healed = this.healed.get(node) ?? [];
    const [told] = healed;
    if (detected.length !== 1 || healed.length !== 1 || told === undefined)
      return this.fleet.violate(
        'P3',
        `${node.name} told of ${detected.length} partitions and of ${healed.length} that healed, instead of one`,
      );
    const now = this.fleet.content(node);
    const here = this.before.get(node) ?? new Map<string, string>();
    const deletes = [...here.keys()].filter((key) => this.fleet.isCounted(key) && !now.has(key));
    const counted = { ...countMerge(own, theirs, here, there), deletes: deletes.length };
    const { report } = told;
    if (
      report.merged !== counted.merged ||
      report.conflicts !== counted.conflicts ||
      report.deletes !== counted.deletes
    )
      this.fleet.violate(
        'P3',
        `${node.name} reports ${report.merged} merged, ${report.conflicts} conflicts, ${report.deletes} deletes; ` +
          `it was ${counted.merged}, ${counted.conflicts}, ${counted.deletes}`,
      );
  }
}

/** A write that is concurrent with a delete stays, so that only two writes make a conflict (S3). */
export function countMerge(
  own: ReadonlySet<string>,
  theirs: ReadonlySet<string>,
  here: ReadonlyMap<string, string>,
  there: ReadonlyMap<string, string>,
): { readonly merged: number; readonly conflicts: number } {
  const written = [...theirs].filter((key) => there.has(key));
  const removed = [...theirs].filter((key) => !there.has(key) && !own.has(key) && here.has(key));
  const conflicts = written.filter((key) => own.has(key) && here.has(key));
  return { merged: written.length + removed.length, conflicts: conflicts.length };
}
