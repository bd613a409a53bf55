/**
 * When a node that has found no store may take it that there is none (S7): at once when everybody is there whom the
 * deployment names, and else some time after discovery has answered, so that whoever it found has been met. Without a quorum
 * of a known number the wait is longer: a cut network is more likely then than a cluster that never was.
 */
import type { ClusterView } from '../ports/control-plane.js';
import { monotonicMs } from '../ports/clock.js';

const MEET_MS = 1_500;
const LONELY_MS = 5_000;
const LOOK_MS = 50;

export class StoreSettling {
  private answeredAt = Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly view: () => ClusterView,
    private readonly settled: () => void,
  ) {}

  /** `patienceMs`: discovery that has not answered by then is waited for no longer. */
  start(patienceMs: number): void {
    this.stop();
    this.answeredAt = monotonicMs() + patienceMs;
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.look();
  }

  /** Discovery has told what it found. */
  answered(): void {
    this.answeredAt = Math.min(this.answeredAt, monotonicMs());
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Called whenever the view has changed, and now and then. */
  look(): void {
    if (this.timer === undefined || !this.isOver()) return;
    this.stop();
    this.settled();
  }

  private isOver(): boolean {
    const { state, guarantee, members, expected } = this.view();
    const isCounted = guarantee !== 'best-effort';
    const present = members.filter(({ status }) => status !== 'down' && status !== 'left').length;
    if (isCounted && present >= expected) return true;
    const wait = isCounted && state === 'red' ? LONELY_MS : MEET_MS;
    return monotonicMs() >= this.answeredAt + wait;
  }
}
