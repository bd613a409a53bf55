/**
 * What a data plane is started with. Options were checked by whoever resolves them.
 */
import type { StoreOptions } from '@nest-cluster/protocol';
import type { ResolveConflict } from '../../ports/store-provider.js';
import type { LinkSecurity, TransportFactory } from '../config.js';

export interface DataPlaneConfig {
  readonly name: string;
  /** Clusters of different names never mix (W6). */
  readonly cluster: string;
  /** Address to bind. */
  readonly host: string;
  /** Port to bind; 0 takes any free one. */
  readonly port: number;
  /** The port is only a wish: when it is taken, any free one will do. */
  readonly mayMove: boolean;
  readonly security: LinkSecurity;
  readonly options: StoreOptions;
  /** By name or address, who counts for a quorum; everybody when nobody is named. */
  readonly voters?: readonly string[];
  /** The deployment says how many nodes there are, by size or by name (S7). */
  readonly isCounted: boolean;
  /** The latest write wins when there is none. */
  readonly resolve?: ResolveConflict;
  /** In place of TCP. */
  readonly transport?: TransportFactory;
}
