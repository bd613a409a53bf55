/**
 * What waits to be told to the main thread: events in order, and the view that they lead to. While the main thread is
 * blocked, views replace each other and events are kept up to a bound; past it they give way to the events between the
 * view that was told last and the one that holds when the main thread listens again, so that nothing grows.
 */
import type { NodeEvent } from '@nest-cluster/protocol';
import type { ClusterView } from '../ports/control-plane.js';
import { eventsBetween } from './view-difference.js';

export const EVENTS_MAX = 10_000;

export class Outbox {
  private events: NodeEvent[] = [];
  private overflowed = false;
  /** The term that this node holds, and the one that the main thread believes it holds; 0 for none. */
  private term = 0;
  private toldTerm = 0;

  constructor(
    private told: ClusterView,
    private readonly eventsMax = EVENTS_MAX,
  ) {}

  add(event: NodeEvent): void {
    if (event.type === 'leadershipAcquired') this.term = event.token;
    if (event.type === 'leadershipLost') this.term = 0;
    if (this.overflowed) return;
    this.events.push(event);
    if (this.events.length <= this.eventsMax) return;
    this.events = [];
    this.overflowed = true;
  }

  /** Hands over the events that lead to `view`. */
  take(view: ClusterView): NodeEvent[] {
    const events = this.overflowed ? this.eventsOverGap(view) : this.events;
    this.events = [];
    this.overflowed = false;
    this.told = view;
    this.toldTerm = this.term;
    return events;
  }

  private eventsOverGap(view: ClusterView): NodeEvent[] {
    const events = eventsBetween(this.told, view, 'failed');
    if (this.toldTerm === this.term) return events;
    if (this.toldTerm !== 0) events.push({ type: 'leadershipLost', token: this.toldTerm, reason: 'expired' });
    if (this.term !== 0) events.push({ type: 'leadershipAcquired', token: this.term });
    return events;
  }
}
