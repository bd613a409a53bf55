/**
 * An engine whose machine is a puppet, for tests of what the engine itself does.
 */
import {
  LEADERSHIP_DEFAULTS,
  MEMBERSHIP_DEFAULTS,
  type Effect,
  type Input,
  type Member,
  type NodeInfo,
  type NodeMachineConfig,
} from '@nest-cluster/protocol';
import type { ControlPlaneConfig } from './config.js';
import { Engine } from './engine.js';
import { LagWatch } from './lag-watch.js';
import { LeaseCell } from './lease-cell.js';
import type { MemoryNetwork } from './memory-network.js';

/** A machine that does what it is told to, and notes what it is told. */
export class Puppet {
  readonly inputs: Input[] = [];
  members: readonly Member[];
  deadline = Infinity;
  react: (input: Input) => Effect[] = () => [];

  constructor(readonly config: NodeMachineConfig) {
    this.members = [{ node: config.self, status: 'up', upSince: 0, seen: true }];
  }

  step(input: Input): Effect[] {
    this.inputs.push(input);
    return this.react(input);
  }

  nextDeadline(): number {
    return this.deadline;
  }

  view() {
    const { members } = this;
    return {
      state: 'green' as const,
      expected: 1,
      quorum: 1,
      guarantee: 'quorum' as const,
      leader: null,
      members,
      silentVoters: [],
    };
  }

  heard(): string[] {
    return this.inputs.map(({ type }) => type);
  }
}

export interface Stage {
  readonly engine: Engine;
  readonly puppets: Puppet[];
  readonly cell: LeaseCell;
  readonly news: () => Promise<void>;
  readonly asked: { key: number; topic: string; body: unknown; from: NodeInfo }[];
  readonly failures: Error[];
}

/** Whoever sets a stage closes its engine. */
export async function setStage(network: MemoryNetwork, name: string): Promise<Stage> {
  const config: ControlPlaneConfig = {
    name,
    cluster: 'test',
    host: '127.0.0.1',
    port: 0,
    priority: 0,
    dataPort: 0,
    security: { kind: 'plain' },
    membership: MEMBERSHIP_DEFAULTS,
    leadership: LEADERSHIP_DEFAULTS,
    thread: 'main',
  };
  const transport = network.transport({ name, host: config.host, port: 0 });
  const { port } = await transport.listen();
  const puppets: Puppet[] = [];
  const cell = new LeaseCell();
  const asked: Stage['asked'] = [];
  const failures: Error[] = [];
  let wake: (() => void)[] = [];
  const engine = new Engine(
    config,
    port,
    transport,
    cell,
    new LagWatch(),
    {
      news: () => {
        for (const resolve of wake) resolve();
        wake = [];
      },
      ask: (key, from, topic, body) => asked.push({ key, from, topic, body }),
      failed: (error) => failures.push(error),
    },
    (machineConfig) => {
      const puppet = new Puppet(machineConfig);
      puppets.push(puppet);
      return puppet;
    },
  );
  const news = () => new Promise<void>((resolve) => wake.push(resolve));
  return { engine, puppets, cell, news, asked, failures };
}
