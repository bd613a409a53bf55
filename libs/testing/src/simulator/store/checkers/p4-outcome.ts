/**
 * P4: whatever was chosen, however often and by whom, in the end all nodes show what one side had, or what several had
 * merged; never less.
 */
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';
import type { StoreNode } from '../store-node.js';

type Words = ReadonlyMap<string, ReadonlySet<string>>;

interface Side {
  readonly nodes: readonly StoreNode[];
  /** What it shows before somebody chooses. */
  readonly shown: Words;
}

export class Outcomes implements StoreChecker {
  private sides: readonly Side[] = [];

  constructor(private readonly fleet: StoreFleet) {}

  /** These sides have grown apart, and somebody chooses next. */
  expect(sides: readonly (readonly StoreNode[])[]): void {
    this.sides = sides.flatMap((nodes) => {
      const [first] = nodes;
      return first === undefined ? [] : [{ nodes, shown: this.counted(first) }];
    });
  }

  turnedPage(): void {
    this.sides = [];
  }

  rested(): void {
    const { fleet, sides } = this;
    const [node] = fleet.living;
    if (sides.length === 0 || node === undefined) return;
    const shown = this.counted(node);
    const outcomes = this.choices().map((chosen) => this.merged(chosen));
    if (outcomes.some((outcome) => this.isSame(shown, outcome))) return;
    const all = this.merged(sides);
    const missing = [...all.keys()].filter((key) => !shown.has(key));
    fleet.violate(
      'P4',
      `${node.name} shows neither what one side had nor what several had merged; ` +
        `${missing.length} of ${all.size} keys are missing: ${missing.slice(0, 3).join(' ')}`,
    );
  }

  private counted(node: StoreNode): Words {
    const counted = [...this.fleet.content(node)].filter(([key]) => this.fleet.isCounted(key));
    return new Map(counted.map(([key, text]) => [key, new Set(text.split(' '))]));
  }

  /** One side or more. */
  private choices(): (readonly Side[])[] {
    const { sides } = this;
    return Array.from({ length: 2 ** sides.length - 1 }, (_, index) =>
      sides.filter((_side, at) => ((index + 1) >> at) % 2 === 1),
    );
  }

  /** The words of these sides that none of them has followed. */
  private merged(sides: readonly Side[]): Words {
    const gone = this.followedBy(new Set(sides.flatMap(({ nodes }) => nodes)));
    const merged = new Map<string, Set<string>>();
    for (const { shown } of sides)
      for (const [key, words] of shown)
        for (const word of words)
          if (!gone.has(word)) merged.set(key, (merged.get(key) ?? new Set<string>()).add(word));
    return merged;
  }

  private followedBy(nodes: ReadonlySet<StoreNode>): ReadonlySet<string> {
    const { story } = this.fleet;
    const followed = new Set<string>();
    for (const { node, seen } of story.operations.values())
      if (nodes.has(node)) for (const word of story.closureOf(seen)) followed.add(word);
    return followed;
  }

  private isSame(shown: Words, outcome: Words): boolean {
    if (shown.size !== outcome.size) return false;
    for (const [key, words] of outcome) {
      const there = shown.get(key);
      if (there === undefined || [...there].some((word) => !words.has(word))) return false;
      if (this.fleet.settings.union && there.size !== words.size) return false;
    }
    return true;
  }
}
