/**
 * Nothing is known but what is seen: the last stable view counts. It grows at once, and shrinks only on the side that kept
 * most of it, where nodes that said goodbye are no part of it. Two sides that never met can both have a leader, so the
 * guarantee is no more than best effort.
 */
import type { NodeInfo, NodeName } from '../node.js';
import { arrivals, farewells, type View } from './attendance.js';
import type { Electorate } from './electorate.js';
import { FixedElectorate } from './fixed-electorate.js';
import { majority } from './majority.js';

export class ObservedElectorate extends FixedElectorate implements Electorate {
  readonly guarantee = 'best-effort';
  readonly everybody = Infinity;
  private stable = 0;
  private upCount = 0;
  /** Names that said goodbye since the view was stable, and did not come back. */
  private readonly departed = new Set<NodeName>();
  private settlesAt: number;

  constructor(
    startedAt: number,
    private readonly stableViewMs: number,
  ) {
    super();
    this.settlesAt = startedAt + stableViewMs;
  }

  get expected(): number {
    return Math.max(1, this.stable, this.upCount);
  }

  get quorum(): number {
    return this.stable === 0 ? Infinity : majority(this.stable);
  }

  seat(node: NodeInfo): string {
    return node.name;
  }

  observe(view: View, now: number): void {
    const { upCount } = view;
    for (const { node } of farewells(view)) {
      if (this.departed.size < this.stable) this.departed.add(node.name);
    }
    for (const { node } of arrivals(view)) this.departed.delete(node.name);
    if (upCount !== this.upCount) this.settlesAt = now + this.stableViewMs;
    this.upCount = upCount;
    if (this.stable > 0 && upCount > this.stable) this.stable = upCount;
    if (now < this.settlesAt) return;
    this.settlesAt = Infinity;
    if (this.stable > 0 && upCount < majority(this.stable - this.departed.size)) return;
    this.stable = upCount;
    this.departed.clear();
  }

  nextDeadline(): number {
    return this.settlesAt;
  }
}
