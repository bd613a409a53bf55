/**
 * Everything that happens, told to whoever listens: decorated handlers, subscribed functions, and `events$`. Order is
 * kept for each listener, also when a listener causes the next event; one that throws is logged and the rest are served.
 */
import { Injectable, Logger } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';
import type { ClusterEvent, ClusterEventMap, ClusterEventType } from './cluster-event.js';
import { Delivery } from './delivery.js';
import { messageOf } from './within.js';

/** What a listener for this type gets; `*` stands for every event. */
export type ClusterEventOf<Type extends ClusterEventType | '*'> = Type extends ClusterEventType
  ? ClusterEventMap[Type]
  : ClusterEvent;

/** May return a promise: the next event is delivered once it has settled. */
export type ClusterListener<Type extends ClusterEventType | '*'> = (event: ClusterEventOf<Type>) => unknown;

type AnyListener = (event: never) => unknown;

/**
 * Everything that happens in the cluster and its store, for functions that subscribe and for `events$`; decorated handlers
 * such as `@OnNodeUp()` hear the same. Order is kept for each listener. A listener that throws is logged, and the others are
 * served; up to 10,000 events wait for one that is slow.
 */
@Injectable()
export class ClusterEvents {
  private readonly logger = new Logger('ClusterEvents');
  private readonly subject = new Subject<ClusterEvent>();
  private readonly listeners = new Map<string, Map<AnyListener, Delivery<ClusterEvent>>>();
  private readonly pending: ClusterEvent[] = [];
  private emitting = false;

  /** All events; completes when the application shuts down. Errors of its subscribers are theirs, as ever with rxjs. */
  readonly events$: Observable<ClusterEvent> = this.subject.asObservable();

  /**
   * Calls the listener for each event of the type, or of every type with `*`, from now on. The same listener twice for
   * one type counts once. `label` names it in the log when it throws. Returns what ends the subscription.
   */
  subscribe<Type extends ClusterEventType | '*'>(
    type: Type,
    listener: ClusterListener<Type>,
    label = `listener ${listener.name || '(anonymous)'}`,
  ): () => void {
    const listeners = this.listeners.get(type) ?? new Map<AnyListener, Delivery<ClusterEvent>>();
    this.listeners.set(type, listeners);
    if (!listeners.has(listener)) {
      // Only events of its type ever reach it: that is what the key of the map says.
      const deliver = listener as (event: ClusterEvent) => unknown;
      listeners.set(listener, new Delivery(deliver, this.troubles(label, type)));
    }
    return () => this.unsubscribe(type, listener);
  }

  /** True when there was such a subscription. Events that wait for the listener are dropped. */
  unsubscribe<Type extends ClusterEventType | '*'>(type: Type, listener: ClusterListener<Type>): boolean {
    const listeners = this.listeners.get(type);
    listeners?.get(listener)?.close();
    return listeners?.delete(listener) ?? false;
  }

  /** @internal Somebody would hear an event of this type. */
  hears(type: ClusterEventType): boolean {
    const isHeard = (key: string) => (this.listeners.get(key)?.size ?? 0) > 0;
    return this.subject.observed || isHeard(type) || isHeard('*');
  }

  /** @internal Tells everybody, after what is being told right now. */
  emit(event: ClusterEvent): void {
    this.pending.push(event);
    if (this.emitting) return;
    this.emitting = true;
    try {
      for (let next = this.pending.shift(); next !== undefined; next = this.pending.shift()) this.tell(next);
    } finally {
      this.emitting = false;
    }
  }

  /** @internal Ends every subscription. */
  close(): void {
    for (const listeners of this.listeners.values())
      for (const delivery of listeners.values()) delivery.close();
    this.listeners.clear();
    this.subject.complete();
  }

  private tell(event: ClusterEvent): void {
    for (const key of [event.type, '*']) {
      // As they were when it happened: whoever subscribes while hearing of it hears the next one.
      const told = Array.from(this.listeners.get(key)?.values() ?? []);
      for (const delivery of told) delivery.deliver(event);
    }
    this.subject.next(event);
  }

  private troubles(label: string, type: string) {
    return {
      failed: (error: unknown) =>
        this.logger.error(
          `${label} failed on ${type}: ${messageOf(error)}`,
          error instanceof Error ? error.stack : undefined,
        ),
      overflowed: (waiting: number) =>
        this.logger.error(
          `${label} is too slow for ${type}: ${waiting} events wait, newer ones are dropped until it catches up`,
        ),
    };
  }
}
