/**
 * One listener and what it still has to hear. Events reach it in order and one at a time: while a promise that it
 * returned is open, later events wait. Nothing that it throws gets out (N4, S6).
 */

/** How many events may wait for one slow listener; beyond, the newest are dropped and counted. */
const WAITING_MAX = 10_000;

export class Delivery<Event> {
  private waiting: Event[] = [];
  private busy = false;
  private dropped = 0;
  private closed = false;

  constructor(
    private readonly listener: (event: Event) => unknown,
    private readonly troubles: DeliveryTroubles,
  ) {}

  deliver(event: Event): void {
    if (this.closed) return;
    if (!this.busy) {
      this.run(event);
      this.goOn();
    } else if (this.waiting.length < WAITING_MAX) {
      this.waiting.push(event);
    } else if (this.dropped++ === 0) {
      this.troubles.overflowed(WAITING_MAX);
    }
  }

  /** Nothing more is delivered, not even what waits. */
  close(): void {
    this.closed = true;
    this.waiting = [];
  }

  private run(event: Event): void {
    // From its first line on: what it brings about itself comes after what was there before.
    this.busy = true;
    try {
      const result = this.listener(event);
      if (isPromiseLike(result)) {
        Promise.resolve(result).then(
          () => this.settled(),
          (error: unknown) => {
            this.troubles.failed(error);
            this.settled();
          },
        );
        return;
      }
    } catch (error) {
      this.troubles.failed(error);
    }
    this.busy = false;
  }

  private settled(): void {
    this.busy = false;
    this.goOn();
  }

  private goOn(): void {
    while (!this.busy) {
      const event = this.waiting.shift();
      if (event === undefined) break;
      this.run(event);
    }
    if (this.waiting.length > 0 || this.busy || this.dropped === 0) return;
    const missed = this.dropped;
    this.dropped = 0;
    this.troubles.caughtUp?.(missed);
  }
}

export interface DeliveryTroubles {
  failed(error: unknown): void;
  /** So many events wait already; newer ones are dropped until the listener catches up. */
  overflowed(waiting: number): void;
  /** The listener has heard everything that waited, and so many events less than there were. */
  caughtUp?(missed: number): void;
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
