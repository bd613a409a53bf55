/**
 * Who follows the events of this node, and what they have seen. Events are listened for only while there are clients, and
 * for a while after the last one, so that nobody's writes pay for a page that is closed.
 */
import type { ServerResponse } from 'node:http';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cluster, ClusterEvents, type ClusterEvent } from '@nest-cluster/core';
import { unavailable } from '../http/problem.js';
import { RESOLVED_MANAGEMENT, type ResolvedManagement } from '../management-options.js';
import { EventClient } from './event-client.js';
import { eventData } from './event-record.js';
import { EventRing, frame } from './event-ring.js';

/** How long events are kept after the last client has gone, in milliseconds. */
const LINGER_MS = 300_000;

@Injectable()
export class EventHub implements BeforeApplicationShutdown {
  private readonly clients = new Set<EventClient>();
  private ring: EventRing | undefined;
  private unsubscribe: (() => void) | undefined;
  private lingering: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Cluster) private readonly cluster: Cluster,
    @Inject(ClusterEvents) private readonly events: ClusterEvents,
    @Inject(RESOLVED_MANAGEMENT) private readonly management: ResolvedManagement,
  ) {}

  /** Throws when there are too many clients; called before anything is answered. */
  assertRoom(): void {
    const { eventClientsMax } = this.management;
    if (this.clients.size >= eventClientsMax)
      throw unavailable(`${eventClientsMax} clients follow the events already`);
  }

  /** @param lastId what the client saw last, if it says so */
  follow(response: ServerResponse, lastId: string | undefined): void {
    const ring = this.listen();
    const client = new EventClient(response, (gone) => this.forget(gone));
    this.clients.add(client);
    client.open();
    const missed = lastId === undefined ? [] : ring.after(lastId);
    if (lastId === undefined || missed === undefined) {
      const reason = lastId === undefined ? 'start' : 'missed';
      client.send(
        frame(missed === undefined ? 'reset' : 'hello', { reason, self: this.name() }, ring.lastId),
      );
    }
    for (const { text } of missed ?? []) if (!client.send(text)) return;
  }

  /** Streams would hold up the end of the HTTP server. */
  beforeApplicationShutdown(): void {
    for (const client of this.clients) client.close();
    this.stop();
  }

  private listen(): EventRing {
    clearTimeout(this.lingering);
    this.lingering = undefined;
    const ring = (this.ring ??= new EventRing());
    this.unsubscribe ??= this.events.subscribe(
      '*',
      (event) => this.tell(ring, event),
      'the management events',
    );
    return ring;
  }

  private tell(ring: EventRing, event: ClusterEvent): void {
    const { text } = ring.add(event.type, eventData(event, this.name()));
    for (const client of this.clients) client.send(text);
  }

  private forget(client: EventClient): void {
    if (!this.clients.delete(client) || this.clients.size > 0 || this.ring === undefined) return;
    this.lingering = setTimeout(() => this.stop(), LINGER_MS).unref();
  }

  private stop(): void {
    clearTimeout(this.lingering);
    this.unsubscribe?.();
    this.unsubscribe = undefined;
    this.ring = undefined;
  }

  private name(): string {
    return this.cluster.isStarted ? this.cluster.self.name : '';
  }
}
