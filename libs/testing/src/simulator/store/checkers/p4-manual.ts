/**
 * P4: in manual recovery nothing of one side is seen on the other until somebody chooses; a dry run tells what then
 * happens; what is kept stays as it is, and what is dropped is gone.
 */
import type { PartitionDiff } from '@nest-cluster/protocol';
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';
import type { StoreNode } from '../store-node.js';
import type { Operation } from '../story.js';
import { countMerge, type Parted } from './p3-report.js';

export class Quarantine implements StoreChecker {
  diff: PartitionDiff | undefined;
  private sides: readonly (readonly StoreNode[])[] = [];
  private readonly words = new Map<string, number>();

  constructor(private readonly fleet: StoreFleet) {}

  /** From here on the sides hear nothing of each other. */
  begin(sides: readonly (readonly StoreNode[])[]): void {
    this.sides = sides;
    this.words.clear();
    this.diff = undefined;
  }

  /** Somebody chose. */
  end(): void {
    this.sides = [];
  }

  turnedPage(): void {
    this.end();
  }

  asked({ word, node }: Operation): void {
    const side = this.sides.findIndex((nodes) => nodes.includes(node));
    if (word !== '' && side >= 0) this.words.set(word, side);
  }

  told(_node: StoreNode, effect: Parameters<NonNullable<StoreChecker['told']>>[1]): void {
    if (effect.type === 'diff') this.diff = effect.diff;
  }

  changed(node: StoreNode, change: Parameters<NonNullable<StoreChecker['changed']>>[1]): void {
    const side = this.sides.findIndex((nodes) => nodes.includes(node));
    if (side < 0 || change.type !== 'written') return;
    const leaked = this.fleet.wordsOf(change.value).find((word) => (this.words.get(word) ?? side) !== side);
    if (leaked !== undefined)
      this.fleet.violate('P4', `${node.name} shows ${leaked} of the other side, and nobody chose to merge`);
  }

  /** What the dry run of this node said, beside what an outsider counts. */
  compareDiff(node: StoreNode, { sides, changed }: Parted): void {
    const { diff } = this;
    const index = sides.findIndex((nodes) => nodes.includes(node));
    const own = changed[index] ?? new Set<string>();
    const theirs = changed[1 - index] ?? new Set<string>();
    const [here, beyond] = [sides[index]?.[0], sides[1 - index]?.[0]].map((one) =>
      one === undefined ? new Map<string, string>() : this.fleet.content(one),
    ) as [Map<string, string>, Map<string, string>];
    const { conflicts } = countMerge(own, theirs, here, beyond);
    const expected = { there: theirs.size, conflicts, here: own.size };
    const there = diff?.sides[0];
    // Deleted keys are listed as far as the logs reach back.
    const isWithin = (
      total: number | undefined,
      keys: ReadonlySet<string>,
      shown: Map<string, string>,
    ): boolean =>
      total !== undefined && total <= keys.size && total >= [...keys].filter((key) => shown.has(key)).length;
    if (
      !isWithin(there?.total, theirs, beyond) ||
      there?.conflicts.length !== expected.conflicts ||
      !isWithin(diff?.here.total, own, here)
    )
      this.fleet.violate(
        'P4',
        `the dry run of ${node.name} told ${there?.total} changes there, ${there?.conflicts.length} conflicts, ` +
          `${diff?.here.total} changes here; it is ${expected.there}, ${expected.conflicts}, ${expected.here}`,
      );
  }

  /** After `keep` everybody shows what that side had. */
  compareKept(kept: ReadonlyMap<string, string>, all: readonly StoreNode[]): void {
    for (const node of all) {
      const content = this.fleet.content(node);
      for (const key of new Set([...kept.keys(), ...content.keys()]))
        if (this.fleet.isCounted(key) && kept.get(key) !== content.get(key))
          this.fleet.violate(
            'P4',
            `${node.name} shows ${content.get(key)} of ${key}, and ${kept.get(key)} was to be kept`,
          );
    }
  }
}
