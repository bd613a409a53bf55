/**
 * One engine as the main thread holds it, from its start to its end: the memory shared with it, what was asked of it, and
 * the beat that shows it that the main thread makes progress (L8, M4). When it dies it leads nothing any more, at once.
 */
import type { NodeInfo } from '@nest-cluster/protocol';
import { messageOf, type Answer } from './calls.js';
import type { ControlPlaneConfig } from './config.js';
import type { EngineHost, OpenEngineHost } from './engine-host.js';
import type { Command, Report, Requests } from './engine-messages.js';
import type { News } from './newsroom.js';
import { BEAT_MS } from './lag-watch.js';
import { LeaseCell } from './lease-cell.js';
import { PendingRequests } from './pending-requests.js';

export interface EngineSessionOwner {
  news(news: News): void;
  ask(topic: string, body: unknown, from: NodeInfo): Promise<unknown>;
  /** Not told after `end`. */
  died(cause: Error): void;
}

export class EngineSession {
  readonly cell = new LeaseCell();
  private readonly pending = new PendingRequests();
  private readonly host: EngineHost;
  private readonly beat: NodeJS.Timeout | undefined;
  private hasEnded = false;

  constructor(
    config: ControlPlaneConfig,
    openHost: OpenEngineHost,
    private readonly owner: EngineSessionOwner,
  ) {
    this.host = openHost(config, this.cell, {
      report: (report) => this.receive(report),
      died: (cause) => this.die(cause),
    });
    if (config.thread === 'worker') this.beat = setInterval(() => this.cell.beat(), BEAT_MS).unref();
  }

  request<Kind extends keyof Requests>(
    kind: Kind,
    asks: Requests[Kind]['asks'],
  ): Promise<Requests[Kind]['gets']> {
    return this.pending.add(kind, asks, (request) => this.host.post(request));
  }

  post(command: Command): void {
    if (!this.hasEnded) this.host.post(command);
  }

  /** Nothing of the engine is left when this resolves. `why` is told to those who still wait for a reply. */
  async end(why: Error): Promise<void> {
    this.finish(why);
    await this.host.end();
  }

  private die(cause: Error): void {
    if (this.hasEnded) return;
    this.finish(cause);
    void this.host.end();
    this.owner.died(cause);
  }

  private finish(why: Error): void {
    this.hasEnded = true;
    clearInterval(this.beat);
    this.cell.clear();
    this.pending.abandon(why);
  }

  private receive(report: Report): void {
    if (this.hasEnded) return;
    switch (report.type) {
      case 'reply':
      case 'refusal':
        return this.pending.settle(report);
      case 'ask':
        return void this.ask(report);
      case 'news':
        try {
          this.owner.news(report.news);
        } finally {
          this.post({ type: 'heard' });
        }
    }
  }

  private async ask({ key, topic, body, from }: Extract<Report, { type: 'ask' }>): Promise<void> {
    const refuse = (cause: unknown): Answer => ({ ok: false, error: messageOf(cause) });
    const answer = await this.owner
      .ask(topic, body, from)
      .then((value): Answer => ({ ok: true, body: value }), refuse);
    try {
      this.post({ type: 'answer', key, answer });
    } catch (cause) {
      this.post({ type: 'answer', key, answer: refuse(cause) });
    }
  }
}
