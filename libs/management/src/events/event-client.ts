/**
 * One client that follows the events. What it does not read waits in its socket up to a bound; a client that is slower is
 * dropped, and finds its place again when it comes back.
 */
import type { ServerResponse } from 'node:http';

/** Bytes that may wait for one client. */
const BACKLOG_BYTES_MAX = 1024 * 1024;
/** How long a client that was dropped may take to read what waits for it, in milliseconds. */
const FAREWELL_MS = 5_000;
/** How often a silent stream is kept open, in milliseconds. */
const HEARTBEAT_MS = 15_000;

export class EventClient {
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly gone: (client: EventClient) => void,
  ) {}

  open(): void {
    const { response } = this;
    response.once('close', () => this.end());
    response.on('error', () => this.end());
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Content-Type-Options': 'nosniff',
      // Nothing comes after the stream.
      Connection: 'close',
      // Proxies that buffer answers do not buffer this one.
      'X-Accel-Buffering': 'no',
    });
    this.send('retry: 1000\n\n');
    this.heartbeat = setInterval(() => this.send(': alive\n\n'), HEARTBEAT_MS).unref();
  }

  /** False when this client was too slow, and is gone. */
  send(text: string): boolean {
    const { response } = this;
    if (response.destroyed || response.writableEnded) return false;
    if (response.writableLength > BACKLOG_BYTES_MAX) {
      this.drop();
      return false;
    }
    response.write(text);
    return true;
  }

  /** Tells the client that there is no more. */
  close(): void {
    this.response.end();
    this.end();
  }

  /** One that reads on comes to an end and not to a broken answer, and comes back at once. */
  private drop(): void {
    const { response } = this;
    const farewell = setTimeout(() => response.destroy(), FAREWELL_MS).unref();
    response.once('close', () => clearTimeout(farewell));
    this.close();
  }

  private end(): void {
    clearInterval(this.heartbeat);
    this.gone(this);
  }
}
