/**
 * The latest events, so that a client that comes back misses none, or is told that it did. Ids are `<ring>-<number>`: those
 * of another ring, from before a restart or a time in which nobody listened, are never mistaken for this one's.
 */
import { randomBytes } from 'node:crypto';

/** Events that are kept. */
export const EVENTS_MAX = 1_000;

/** What goes over the wire, written once for all clients. */
export interface RingEvent {
  readonly id: string;
  readonly text: string;
}

export class EventRing {
  private readonly name = randomBytes(6).toString('hex');
  private readonly events: RingEvent[] = [];
  private last = 0;

  /** Id of the newest event; of the moment before the first one when there is none. */
  get lastId(): string {
    return `${this.name}-${this.last}`;
  }

  add(type: string, data: unknown): RingEvent {
    const id = `${this.name}-${++this.last}`;
    const event = { id, text: frame(type, data, id) };
    this.events.push(event);
    if (this.events.length > EVENTS_MAX) this.events.shift();
    return event;
  }

  /** Everything after this id; undefined when that is not known any more. */
  after(id: string): readonly RingEvent[] | undefined {
    const [, name, digits] = /^([0-9a-f]{12})-(\d{1,15})$/.exec(id) ?? [];
    if (name !== this.name || digits === undefined) return undefined;
    const missed = this.last - Number(digits);
    if (missed < 0 || missed > this.events.length) return undefined;
    return missed === 0 ? [] : this.events.slice(-missed);
  }
}

/** One event of `text/event-stream`. JSON holds no line breaks of its own. */
export function frame(type: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
