/**
 * The watches of the server: what changes among the objects that a request selects, and bookmarks.
 */
import type { ServerResponse } from 'node:http';
import type { ObjectStore, StoreEvent } from './object-store.js';
import { Refusal, statusOf } from './refusal.js';
import { isSelected } from './selectors.js';
import type { ServerClock } from './server-clock.js';

export class Watches {
  private readonly open = new Set<ServerResponse>();

  constructor(
    private readonly store: ObjectStore,
    private readonly clock: ServerClock,
    private readonly settings: { readonly bookmarkMs: number; readonly isSilent: boolean },
  ) {}

  get count(): number {
    return this.open.size;
  }

  endAll(): void {
    for (const response of this.open) response.end();
  }

  /** From the version that the request names, or from what there is. */
  begin(collection: string, query: URLSearchParams, response: ServerResponse): void {
    const write = (type: string, object: unknown): void => {
      if (!this.settings.isSilent && !response.writableEnded)
        response.write(`${JSON.stringify({ type, object })}\n`);
    };
    const told = (event: StoreEvent): void => {
      const type = event.collection === collection && typeFor(event, query);
      if (type) write(type, event.object);
    };
    const version = Number(query.get('resourceVersion') ?? 0);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (version === 0) {
      const present = this.store.list(collection).filter((object) => isSelected(object, query));
      for (const object of present) write('ADDED', object);
    }
    try {
      const stop = this.store.watch(version || this.store.version, told);
      this.keep(response, query, { stop, write });
    } catch (thrown) {
      // The server has agreed to the watch before it finds out.
      if (!(thrown instanceof Refusal)) throw thrown;
      write('ERROR', statusOf(thrown));
      response.end();
    }
  }

  private keep(
    response: ServerResponse,
    query: URLSearchParams,
    { stop, write }: { readonly stop: () => void; readonly write: (type: string, object: unknown) => void },
  ): void {
    let callOff = (): void => undefined;
    const bookmark = (): void => {
      callOff = this.clock.after(this.settings.bookmarkMs, bookmark);
      if (query.get('allowWatchBookmarks') !== 'true') return;
      write('BOOKMARK', {
        metadata: { resourceVersion: String(this.store.version), creationTimestamp: null },
      });
    };
    callOff = this.clock.after(this.settings.bookmarkMs, bookmark);
    const seconds = Number(query.get('timeoutSeconds') ?? 1_800);
    const callOffEnd = this.clock.after(seconds * 1000, () => response.end());
    this.open.add(response);
    response.once('close', () => {
      this.open.delete(response);
      callOff();
      callOffEnd();
      stop();
    });
  }
}

/** An object that begins to be selected is new to the watcher, and one that no longer is, gone. */
function typeFor(
  { type, object, before }: StoreEvent,
  query: URLSearchParams,
): StoreEvent['type'] | undefined {
  const was = before !== undefined && isSelected(before, query);
  const is = type !== 'DELETED' && isSelected(object, query);
  if (is) return was ? 'MODIFIED' : 'ADDED';
  return was ? 'DELETED' : undefined;
}
