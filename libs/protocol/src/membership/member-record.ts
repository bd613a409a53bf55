/**
 * What this node holds about one other node, or about itself.
 */
import type { Member } from '../event.js';
import type { Claim } from '../message.js';
import type { Incarnation, NodeInfo, NodeStatus } from '../node.js';
import type { Alarm } from './agenda.js';

export interface MemberRecord {
  node: NodeInfo;
  /** The claim that is held true now. */
  claim: Claim;
  /** As of the last alive claim. */
  degraded: boolean;
  /** A link to it is open. */
  linked: boolean;
  /** Heard directly, not only through others. */
  seen: boolean;
  /** Wall clock when it last came up, in milliseconds. */
  upSince: number;
  /** It was up here, and was then declared failed. */
  failedHere: boolean;
  /** Monotonic time of its last message. */
  heardAt: number;
  /** Monotonic time before which its link is not dialled anew. */
  redialAt: number;
  /** Monotonic time when it was last heard or probed; the stalest is probed next. */
  freshAt: number;
  /** Monotonic time since which its digest differs from ours; 0 while it agrees. */
  differsSince: number;
  /** Monotonic time of the last push/pull that it was answered. */
  syncedAt: number;
  /** Position among the members that are up; -1 for self and for members that are not. */
  slot: number;
  /** Hash of its incarnation. */
  readonly print: number;
  /** When it is forgotten, while it is down. */
  forget: Alarm | null;
  /** Its face to the application; null when that must be made anew. */
  member: Member | null;
}

export function isUp(record: MemberRecord): boolean {
  return record.claim.kind === 'alive' || record.claim.kind === 'suspect';
}

export function statusOf(record: MemberRecord): NodeStatus {
  switch (record.claim.kind) {
    case 'alive':
      return record.degraded ? 'degraded' : 'up';
    case 'suspect':
      return 'suspect';
    case 'dead':
      return 'down';
    case 'left':
      return 'left';
  }
}

export function memberOf(record: MemberRecord): Member {
  record.member ??= {
    node: record.node,
    status: statusOf(record),
    upSince: record.upSince,
    seen: record.seen,
  };
  return record.member;
}

export function alive(
  node: NodeInfo,
  version: number,
  degraded: boolean,
): Claim & { readonly kind: 'alive' } {
  return { kind: 'alive', node, version, degraded };
}

export function suspect(
  node: NodeInfo,
  version: number,
  by: Incarnation,
): Claim & { readonly kind: 'suspect' } {
  return { kind: 'suspect', node, version, by };
}
