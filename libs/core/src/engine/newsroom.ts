/**
 * What the main thread is to be told: the view as it is now, the events that led there, and what was turned away. Announced
 * once per turn of the event loop, however much happened in it.
 */
import type { NodeEvent } from '@nest-cluster/protocol';
import { monotonicMs } from '../ports/clock.js';
import type { ClusterView } from '../ports/control-plane.js';
import type { RejectReason } from '../ports/transport.js';
import { Outbox } from './outbox.js';
import { Rejections, type Rejection } from './rejections.js';
import { alone, eventsBetween, isSameView } from './view-difference.js';

export interface News {
  readonly view: ClusterView;
  readonly events: readonly NodeEvent[];
  readonly rejections: readonly Rejection[];
}

export class Newsroom {
  private readonly outbox: Outbox;
  private readonly rejections = new Rejections();
  private hasNews = false;
  private notice: NodeJS.Immediate | undefined;

  constructor(
    private latest: ClusterView,
    private readonly announce: () => void,
  ) {
    this.outbox = new Outbox(latest);
  }

  get view(): ClusterView {
    return this.latest;
  }

  happened(event: NodeEvent): void {
    this.outbox.add(event);
    this.hasNews = true;
  }

  rejected(reason: RejectReason, detail: string): void {
    this.rejections.add(reason, detail);
  }

  rejectedTotals(): Partial<Record<RejectReason, number>> {
    return this.rejections.totals();
  }

  show(view: ClusterView): void {
    if (isSameView(view, this.latest)) return;
    this.latest = view;
    this.hasNews = true;
  }

  /** This node sees itself apart from everybody, without the machine's having said so. */
  part(view: ClusterView): void {
    const parted = alone(view, 'left');
    for (const event of eventsBetween(view, parted, 'left')) this.happened(event);
    this.show(parted);
  }

  /** Announces what is new. Returns the monotonic time by which to come again. */
  settle(): number {
    if (this.rejections.nextDeadline() <= monotonicMs()) this.hasNews = true;
    if (!this.hasNews) return this.rejections.nextDeadline();
    this.notice ??= setImmediate(() => {
      this.notice = undefined;
      this.announce();
    });
    // Whatever else comes up will be taken together with this.
    return Infinity;
  }

  take(): News | undefined {
    if (!this.hasNews) return undefined;
    this.hasNews = false;
    const { latest: view } = this;
    return { view, events: this.outbox.take(view), rejections: this.rejections.take(monotonicMs()) };
  }

  stop(): void {
    clearImmediate(this.notice);
  }
}
