/**
 * Tells the store when it may take it that nobody has one (S7): looks at the cluster whenever that changes, and now and then.
 */
import { isSettled, type Incarnation } from '@nest-cluster/protocol';
import type { ClusterView } from '../ports/control-plane.js';
import { NODE_SURROUNDINGS, type Cancel, type Surroundings } from '../ports/surroundings.js';

const LOOK_MS = 50;

export interface SettlingStore {
  /** This node was told to be up. */
  knows(incarnation: Incarnation): boolean;
  settled(): void;
}

export class StoreSettling {
  private answeredAt = Infinity;
  private timer: Cancel | undefined;

  constructor(
    private readonly view: () => ClusterView,
    private readonly store: SettlingStore,
    private readonly around: Surroundings = NODE_SURROUNDINGS,
    private readonly judge: typeof isSettled = isSettled,
  ) {}

  /** `patienceMs`: discovery that has not answered by then is waited for no longer. */
  start(patienceMs: number): void {
    this.stop();
    this.answeredAt = this.around.mono() + patienceMs;
    this.timer = this.around.every(LOOK_MS, () => this.look());
    this.look();
  }

  /** Discovery has told what it found. */
  answered(): void {
    this.answeredAt = Math.min(this.answeredAt, this.around.mono());
  }

  stop(): void {
    this.timer?.();
    this.timer = undefined;
  }

  /** Called whenever the view has changed, and now and then. */
  look(): void {
    if (this.timer === undefined) return;
    const view = this.view();
    const knows = (incarnation: Incarnation): boolean =>
      incarnation === view.self.incarnation || this.store.knows(incarnation);
    if (!this.judge(view, this.around.mono() - this.answeredAt, knows)) return;
    this.stop();
    this.store.settled();
  }
}
