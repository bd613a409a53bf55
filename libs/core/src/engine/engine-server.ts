/**
 * Puts an engine behind messages: commands in, reports out. The same on the main thread and in a worker.
 */
import { ClusterError } from '@nest-cluster/protocol';
import type { Transport } from '../ports/transport.js';
import { createTcpTransport } from '../wire/index.js';
import { messageOf } from './calls.js';
import type { ControlPlaneConfig } from './config.js';
import { Engine } from './engine.js';
import type { Command, Listening, Report, Request } from './engine-messages.js';
import { LagWatch } from './lag-watch.js';
import type { LeaseCell } from './lease-cell.js';

export interface EngineServerOwner {
  post(report: Report): void;
  /** The engine has stopped by itself. */
  failed(error: Error): void;
}

export class EngineServer {
  private readonly transport: Transport;
  private engine: Engine | undefined;
  private isHeard = true;

  constructor(
    private readonly config: ControlPlaneConfig,
    private readonly cell: LeaseCell,
    private readonly owner: EngineServerOwner,
  ) {
    this.transport = createTransport(config);
  }

  receive(command: Command): void {
    switch (command.type) {
      case 'request':
        return void this.fulfil(command);
      case 'start':
        this.engine?.start();
        return;
      case 'contacts':
      case 'stepDown':
      case 'workEnded':
        return this.engine?.input(command);
      case 'answer':
        return this.engine?.answer(command.key, command.answer);
      case 'heard':
        this.isHeard = true;
        return this.tell();
    }
  }

  close(): Promise<void> {
    return this.engine ? this.engine.close() : this.transport.close();
  }

  private async fulfil(request: Request): Promise<void> {
    const { id } = request;
    try {
      this.owner.post({ type: 'reply', id, gets: await this.perform(request) });
    } catch (cause) {
      const code = cause instanceof ClusterError ? cause.code : undefined;
      this.owner.post({ type: 'refusal', id, code, message: messageOf(cause) });
    }
  }

  private perform(request: Request): unknown {
    if (request.kind === 'listen') return this.listen();
    if (request.kind === 'close') return this.close();
    if (!this.engine) throw new ClusterError('CLUSTER_NOT_STARTED', 'the control plane does not listen yet');
    switch (request.kind) {
      case 'call': {
        const { to, topic, body, timeoutMs } = request.asks;
        return this.engine.call(to, topic, body, timeoutMs);
      }
      case 'counters':
        return this.engine.counters();
      case 'leave':
        return this.engine.leave();
      case 'rejoin':
        return this.engine.rejoin();
    }
  }

  private async listen(): Promise<Listening> {
    const { port } = await this.transport.listen();
    const lag = new LagWatch(this.config.thread === 'worker' ? this.cell : undefined);
    this.engine = new Engine(this.config, port, this.transport, this.cell, lag, {
      news: () => this.tell(),
      ask: (key, from, topic, body) => this.owner.post({ type: 'ask', key, from, topic, body }),
      failed: (error) => this.owner.failed(error),
    });
    return { view: this.engine.view, port };
  }

  private tell(): void {
    const news = this.isHeard ? this.engine?.takeNews() : undefined;
    if (!news) return;
    this.isHeard = false;
    this.owner.post({ type: 'news', news });
  }
}

function createTransport(config: ControlPlaneConfig): Transport {
  const { transport, name, cluster, host, port, security } = config;
  if (typeof transport === 'function') return transport({ name, host, port });
  return transport ?? createTcpTransport({ cluster, host, port, security });
}
