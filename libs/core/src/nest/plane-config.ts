/**
 * What the two planes are started with: the options, and what the strategy knows about this node. An option goes before
 * what the strategy says.
 */
import { isIP } from 'node:net';
import { STORE_DEFAULTS } from '@nest-cluster/protocol';
import type { ControlPlaneConfig, DataPlaneConfig } from '../engine/index.js';
import { DEFAULTS } from './cluster-options.js';
import type { ConflictResolver } from './conflict-resolver.js';
import { addressToAdvertise, isLoopback } from './node-address.js';
import type { ResolvedOptions } from './resolve-options.js';
import type { StrategyFacts } from './strategy-facts.js';

const PORT_MAX = 65_535;

export function planeConfig(
  options: ResolvedOptions,
  facts: StrategyFacts,
  dataPort: number,
): ControlPlaneConfig {
  const { cluster, bind, priority, size, security, membership, leadership, thread, transport } = options;
  const advertise = options.advertise ?? hostFor(bind, facts) ?? addressToAdvertise(bind);
  const { voters } = facts;
  return {
    name: options.name ?? facts.name ?? options.nameOfLastResort,
    cluster,
    host: bind,
    port: controlPort(options, facts),
    ...(advertise === undefined ? {} : { advertise }),
    priority,
    dataPort: options.advertiseData ?? dataPort,
    ...(size === undefined ? {} : { size }),
    ...(voters === undefined ? {} : { voters }),
    security,
    membership,
    // Where another engine decides, this node takes no part in the nodes' own election.
    leadership: options.leadershipProvider === undefined ? leadership : { ...leadership, candidate: false },
    votes: options.leadershipProvider === undefined,
    thread,
    ...(transport === undefined ? {} : { transport }),
  };
}

export function dataPlaneConfig(
  options: ResolvedOptions,
  facts: StrategyFacts,
  resolver: ConflictResolver | undefined,
): DataPlaneConfig {
  const { cluster, bind, security, store, transport, recovery, minority } = options;
  return {
    name: options.name ?? facts.name ?? options.nameOfLastResort,
    cluster,
    host: bind,
    port: options.dataPort ?? portBeside(controlPort(options, facts), bind),
    mayMove: options.dataPort === undefined,
    security,
    ...(facts.voters && { voters: facts.voters }),
    isCounted: (options.size ?? facts.voters) !== undefined,
    options: {
      ...STORE_DEFAULTS,
      valueBytesMax: store.maxValueBytes,
      writeTimeoutMs: store.writeTimeoutMs,
      writesMax: store.writesMax,
      clockIntervalMs: store.clockIntervalMs,
      recovery,
      minority,
    },
    ...(resolver && { resolve: (key, writes) => resolver.resolve(key, writes) }),
    ...(typeof transport === 'function' && { transport }),
  };
}

function controlPort({ port }: ResolvedOptions, { carriesPort }: StrategyFacts): number {
  return port ?? (carriesPort ? 0 : DEFAULTS.port);
}

/** Several nodes on one host often take one port after the other, and nothing there minds which port it is. */
function portBeside(control: number, bind: string): number {
  return control === 0 || control >= PORT_MAX || isLoopback(bind) ? 0 : control + 1;
}

/** Where one address is bound, the strategy knows no better one; a name of that address it may know. */
function hostFor(bind: string, { host }: StrategyFacts): string | undefined {
  const isOneAddress = addressToAdvertise(bind) === undefined;
  return isOneAddress && host !== undefined && isIP(host) !== 0 ? undefined : host;
}
