/**
 * Follows the events of the node that served this page, for as long as the page is open: goes on where it stopped after
 * every interruption, or hears that it cannot.
 */
import type { Api } from './api.js';
import { untilReleased } from './pointer.js';
import type { ToldEvent } from './types.js';

const RETRY_MS = 500;

export interface EventListener {
  told(event: ToldEvent): void;
  /** From now on nothing is missed. */
  begun(): void;
  /** Some events were missed: everything is to be read anew. */
  reset(): void;
}

export class EventSourceOverFetch {
  private lastId: string | undefined;
  private buffer = '';
  private attempts = 0;

  constructor(
    private readonly api: Api,
    private readonly listener: EventListener,
  ) {}

  async follow(): Promise<never> {
    for (;;) {
      try {
        await this.read();
      } catch {
        // The state of the connection is shown by whoever asks for the cluster.
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  private async read(): Promise<void> {
    this.buffer = '';
    this.attempts++;
    const body = await this.api.events(this.lastId);
    const reader = body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      await untilReleased();
      this.take(decoder.decode(value, { stream: true }));
    }
  }

  private take(text: string): void {
    const frames = (this.buffer + text).split('\n\n');
    this.buffer = frames.pop() ?? '';
    for (const frame of frames) this.takeFrame(frame);
  }

  private takeFrame(frame: string): void {
    const fields = new Map<string, string>();
    for (const line of frame.split('\n')) {
      const colon = line.indexOf(': ');
      if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 2));
    }
    const [id, type, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
    if (id !== undefined) this.lastId = id;
    if (type === 'hello' && this.attempts === 1) this.listener.begun();
    // A stream that begins anew says nothing of what was before.
    else if (type === 'hello' || type === 'reset') this.listener.reset();
    if (type === undefined || data === undefined || type === 'reset' || type === 'hello') return;
    this.listener.told(JSON.parse(data) as ToldEvent);
  }
}
