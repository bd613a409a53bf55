/**
 * What a control plane is started with: plain data, so that it can be handed to a worker thread as it is. Options were
 * checked and defaults filled in by whoever resolves them; here they are taken at their word.
 */
import type { LeadershipOptions, MembershipOptions } from '@nest-cluster/protocol';
import type { Transport } from '../ports/transport.js';

export interface ControlPlaneConfig {
  /** Stable name of this node (T1). */
  readonly name: string;
  /** Clusters of different names never mix (W6). */
  readonly cluster: string;
  /** Address to bind. */
  readonly host: string;
  /** Port to bind; 0 takes any free one. */
  readonly port: number;
  /** What peers are told instead of what is bound: a host, or `host:port`; IPv6 hosts in brackets. Needed when `host` is a wildcard. */
  readonly advertise?: string;
  /** Preference as leader; higher goes first (L7). */
  readonly priority: number;
  /** Port of this node's data plane on the advertised host; 0 when it has none. */
  readonly dataPort: number;
  /** How many nodes the deployment says there are (L5). */
  readonly size?: number;
  /** Voters by node name or by `host:port`, when the deployment fixes them (L5). */
  readonly voters?: readonly string[];
  /** False where an engine decides who leads (L4). */
  readonly votes?: boolean;
  readonly security: LinkSecurity;
  readonly membership: MembershipOptions;
  readonly leadership: LeadershipOptions;
  /** `worker`: a blocked application stays a member (M4). `main`: for tests and bundlers. */
  readonly thread: 'worker' | 'main';
  /** In place of TCP, only with `thread: 'main'`. A function is asked again when the engine had to be replaced; an instance is not. */
  readonly transport?: Transport | TransportFactory;
}

export type TransportFactory = (self: {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}) => Transport;

/** How links prove and protect themselves (W1, W2). */
export type LinkSecurity =
  /** The first secret seals, all open, so that secrets can be rotated (W3). */
  | { readonly kind: 'psk'; readonly secrets: readonly string[] }
  /** Mutual TLS; each in PEM. */
  | { readonly kind: 'certificates'; readonly ca: string; readonly cert: string; readonly key: string }
  /** Neither proof nor encryption. */
  | { readonly kind: 'plain' };
