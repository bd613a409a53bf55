/**
 * Who listens to which keys (S6): one subscription per listener and pattern. Each hears every change of its keys in order,
 * one at a time, and nothing that it does or throws reaches the others or the replica.
 *
 * Changes that a slow listener has not heard yet wait, up to a bound; beyond it changes are dropped, which is logged, and
 * once it has caught up it gets one `StoreMissedEvent` that says how many.
 */
import { Injectable, Logger } from '@nestjs/common';
import { ClusterError } from '@nest-cluster/protocol';
import { wallMs } from '../ports/clock.js';
import { Delivery } from './delivery.js';
import { keyMatcher } from './key-pattern.js';
import { StoreMissedEvent, type StoreDeletedEvent, type StoreWrittenEvent } from './store-event.js';
import { messageOf } from './within.js';

export type StoreEvent = StoreWrittenEvent | StoreDeletedEvent | StoreMissedEvent;

/** May return a promise: the next change is told once it has settled. */
export type StoreListener = (event: StoreEvent) => unknown;

interface Group {
  readonly matches: (key: string) => boolean;
  readonly deliveries: Map<StoreListener, Delivery<StoreEvent>>;
}

@Injectable()
export class StoreSubscriptions {
  private readonly logger = new Logger('ClusterStore');
  /** Those that name one key, by that key. */
  private readonly exact = new Map<string, Group>();
  private readonly patterns = new Map<string, Group>();

  private count = 0;

  get size(): number {
    return this.count;
  }

  add(pattern: string, listener: StoreListener): void {
    if (typeof pattern !== 'string' || typeof listener !== 'function')
      throw new ClusterError(
        'CLUSTER_OPTIONS_INVALID',
        'a subscription takes a key or pattern, and a function that is called',
      );
    const groups = this.groupsFor(pattern);
    const group = groups.get(pattern) ?? { matches: keyMatcher(pattern), deliveries: new Map() };
    groups.set(pattern, group);
    if (group.deliveries.has(listener)) return;
    group.deliveries.set(listener, this.deliveryTo(pattern, listener));
    this.count++;
  }

  remove(pattern: string, listener: StoreListener): boolean {
    const groups = this.groupsFor(pattern);
    const group = groups.get(pattern);
    group?.deliveries.get(listener)?.close();
    const wasThere = group?.deliveries.delete(listener) ?? false;
    if (wasThere) this.count--;
    if (group?.deliveries.size === 0) groups.delete(pattern);
    return wasThere;
  }

  /** `make` is called when somebody listens to this key. */
  tell(key: string, make: () => StoreEvent): void {
    const exact = this.exact.get(key);
    if (exact === undefined && this.patterns.size === 0) return;
    const told: Delivery<StoreEvent>[] = exact === undefined ? [] : [...exact.deliveries.values()];
    for (const { matches, deliveries } of this.patterns.values())
      if (matches(key)) told.push(...deliveries.values());
    if (told.length === 0) return;
    const event = make();
    for (const delivery of told) delivery.deliver(event);
  }

  close(): void {
    for (const groups of [this.exact, this.patterns]) {
      for (const { deliveries } of groups.values())
        for (const delivery of deliveries.values()) delivery.close();
      groups.clear();
    }
    this.count = 0;
  }

  private groupsFor(pattern: string): Map<string, Group> {
    return pattern.includes('*') ? this.patterns : this.exact;
  }

  private deliveryTo(pattern: string, listener: StoreListener): Delivery<StoreEvent> {
    const label = `listener ${listener.name || '(anonymous)'} for ${pattern}`;
    const delivery = new Delivery<StoreEvent>(listener, {
      failed: (error) =>
        this.logger.error(
          `${label} failed: ${messageOf(error)}`,
          error instanceof Error ? error.stack : undefined,
        ),
      overflowed: (waiting) =>
        this.logger.error(
          `${label} is too slow: ${waiting} changes wait, newer ones are dropped until it catches up`,
        ),
      caughtUp: (missed) => delivery.deliver(new StoreMissedEvent(missed, wallMs())),
    });
    return delivery;
  }
}
