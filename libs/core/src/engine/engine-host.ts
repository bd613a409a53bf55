/**
 * Where an engine runs: on the main thread, or in a worker thread. Either way it is spoken to by messages, and may die.
 */
import type { ControlPlaneConfig } from './config.js';
import type { Command, Report } from './engine-messages.js';
import { EngineServer } from './engine-server.js';
import type { LeaseCell } from './lease-cell.js';

export interface EngineHost {
  post(command: Command): void;
  /** Nothing of the engine is left when this resolves. */
  end(): Promise<void>;
}

export interface EngineHostOwner {
  report(report: Report): void;
  /** The engine is gone. Told at most once, and not after `end`. */
  died(cause: Error): void;
}

export type OpenEngineHost = (
  config: ControlPlaneConfig,
  cell: LeaseCell,
  owner: EngineHostOwner,
) => EngineHost;

export const openInlineHost: OpenEngineHost = (config, cell, owner) => {
  const server = new EngineServer(config, cell, {
    post: (report) => owner.report(report),
    failed: (error) => owner.died(error),
  });
  return { post: (command) => server.receive(command), end: () => server.close() };
};
