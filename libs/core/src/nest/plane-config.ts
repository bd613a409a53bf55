/**
 * What the control plane is started with: the options, and what the strategy knows about this node. An option goes before
 * what the strategy says.
 */
import type { ControlPlaneConfig } from '../engine/index.js';
import type { ClusterStrategy } from '../ports/cluster-strategy.js';
import { DEFAULTS } from './cluster-options.js';
import { addressToAdvertise, defaultNodeName } from './node-address.js';
import type { ResolvedOptions } from './resolve-options.js';

export function planeConfig(
  options: ResolvedOptions,
  strategy: ClusterStrategy,
  dataPort: number,
): ControlPlaneConfig {
  const { cluster, bind, priority, size, security, membership, leadership, thread, transport } = options;
  const identity = strategy.identity?.() ?? {};
  const advertise = options.advertise ?? identity.host ?? addressToAdvertise(bind);
  const voters = strategy.voters?.();
  return {
    name: options.name ?? identity.name ?? defaultNodeName(options.env),
    cluster,
    host: bind,
    port: options.port ?? (strategy.carriesPort === true ? 0 : DEFAULTS.port),
    ...(advertise === undefined ? {} : { advertise }),
    priority,
    dataPort,
    ...(size === undefined ? {} : { size }),
    ...(voters === undefined ? {} : { voters }),
    security,
    membership,
    // Where another engine decides, this node takes no part in the nodes' own election.
    leadership: options.leadershipProvider === undefined ? leadership : { ...leadership, candidate: false },
    thread,
    ...(transport === undefined ? {} : { transport }),
  };
}
