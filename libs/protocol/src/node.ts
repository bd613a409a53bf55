/**
 * Who a node is (T1): a process, known by a stable name and by the random incarnation it drew at its start. An address
 * is only where it can be found.
 */

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Stable name, `<basename>@<host>` or the pod's name; the same over restarts. */
export type NodeName = Branded<string, 'NodeName'>;

/** One life of one process, as 128 random bits in 32 hexadecimal digits. */
export type Incarnation = Branded<string, 'Incarnation'>;

/** `host:port` of a control plane; IPv6 hosts in brackets. */
export type Address = Branded<string, 'Address'>;

/** What a node says about itself, unchanged for its whole life. */
export interface NodeInfo {
  readonly name: NodeName;
  readonly incarnation: Incarnation;
  /** Where its control plane is reached. */
  readonly address: Address;
  /** Port of its data plane on the same host; 0 when it has none. */
  readonly dataPort: number;
  /** Wall clock at its start, in milliseconds. Decides seniority (L7, T1), never safety. */
  readonly startedAt: number;
  /** Preference as leader; higher goes first (L7). */
  readonly priority: number;
}

/** What others know of a member. `degraded`: there, but its application does not make progress (M4). */
export type NodeStatus = 'up' | 'degraded' | 'suspect' | 'down' | 'left';

/** Why a node went down: it stopped answering, it said goodbye, or a newer life of the same name took its place. */
export type DownReason = 'failed' | 'left';

/** The longer uptime first; equal starts by incarnation, so that all nodes order alike. */
export function bySeniority(a: NodeInfo, b: NodeInfo): number {
  return (
    a.startedAt - b.startedAt || (a.incarnation < b.incarnation ? -1 : Number(a.incarnation > b.incarnation))
  );
}

/** Who has a vote (L5): everybody, or those that the deployment names. */
export function hasVote(voters: ReadonlySet<string> | undefined, node: NodeInfo): boolean {
  return voters === undefined || seatAmong(voters, node) !== undefined;
}

/** Under what a node is among voters that the deployment names (L5): its name, or its address; undefined when it is not. */
export function seatAmong(voters: ReadonlySet<string>, { name, address }: NodeInfo): string | undefined {
  if (voters.has(name)) return name;
  return voters.has(address) ? address : undefined;
}
