/**
 * What nodes say to each other on the control plane. Each message is small, self-contained, and harmless when lost,
 * repeated or reordered. Durations are relative, because clocks are not shared.
 */
import type { Incarnation, NodeInfo } from './node.js';

/** Something that is held true about a member. A higher `version` wins; at equal versions dead wins over suspect over alive. */
export type Claim =
  | { readonly kind: 'alive'; readonly node: NodeInfo; readonly version: number; readonly degraded: boolean }
  | { readonly kind: 'suspect'; readonly node: NodeInfo; readonly version: number; readonly by: Incarnation }
  | { readonly kind: 'dead'; readonly node: NodeInfo; readonly version: number }
  | { readonly kind: 'left'; readonly node: NodeInfo; readonly version: number };

/** Failure detection and dissemination (M1 to M6). Every message may piggyback claims. */
export type MembershipMessage =
  | {
      readonly type: 'probe';
      readonly seq: number;
      /** Digest of the sender's view; a lasting difference starts a push/pull. */
      readonly digest: number;
      readonly claims: readonly Claim[];
    }
  | {
      readonly type: 'ack';
      readonly seq: number;
      readonly digest: number;
      /** How long the sender's application has made no progress, in milliseconds. */
      readonly lagMs: number;
      readonly claims: readonly Claim[];
    }
  | {
      readonly type: 'indirectProbe';
      readonly seq: number;
      readonly target: NodeInfo;
      readonly claims: readonly Claim[];
    }
  | {
      readonly type: 'indirectAck';
      readonly seq: number;
      readonly target: Incarnation;
      /** `reached`: it answered. `refused`: its kernel says that nobody listens. `silent`: nothing came back in time. */
      readonly outcome: 'reached' | 'refused' | 'silent';
      readonly claims: readonly Claim[];
    }
  | { readonly type: 'gossip'; readonly claims: readonly Claim[] }
  /** Push/pull: everything the sender knows; `reply` asks for the same in return. */
  | { readonly type: 'sync'; readonly reply: boolean; readonly claims: readonly Claim[] }
  /** Told to a node whose name is held by an older, living process (T1). */
  | { readonly type: 'refuse'; readonly reason: 'nameTaken'; readonly holder: NodeInfo };

/** Ordered by counter, then by incarnation; unique per attempt of one proposer. */
export interface Ballot {
  readonly counter: number;
  readonly proposer: Incarnation;
}

/**
 * How many nodes may vote, as a term of leadership last changed it (L5). The newer one counts: the one of the later term,
 * or of the later step within one term.
 */
export interface Roll {
  /** Token of that term; 0 while no term has changed anything. */
  readonly term: number;
  readonly step: number;
  /** How many nodes may vote; a majority of them is a quorum. */
  readonly nodes: number;
  /** Struck off: their votes do not count, should they still live out of sight. */
  readonly out: readonly Incarnation[];
  /** Counted in `nodes` by the sender, and out of its sight. Only in an answer. */
  readonly absent: readonly Incarnation[];
  /** An appeal: all nodes in sight of the sender must vote for it, whatever rolls they hold. */
  readonly appeal: boolean;
}

/** Which voters a silent voter has heard, itself included: equal for two voters that heard the same ones. */
export interface Gathering {
  readonly nodes: number;
  readonly digest: number;
}

/** Quorum lease (L1 to L9), after PaxosLease Revisited. */
export type LeadershipMessage =
  /** The sender started so recently that it may have forgotten a vote. 0 ms left: it votes. */
  | { readonly type: 'silence'; readonly leftMs: number; readonly heard: Gathering }
  | { readonly type: 'prepare'; readonly ballot: Ballot; readonly roll?: Roll }
  | { readonly type: 'promise'; readonly ballot: Ballot; readonly tokenMax: number }
  | {
      readonly type: 'accept';
      readonly ballot: Ballot;
      /** Tells renewals under one ballot apart, so that an answer counts only for the request it belongs to. */
      readonly round: number;
      readonly token: number;
      readonly leaseMs: number;
      /** True when the sender leads already and this renews its term. */
      readonly leading: boolean;
      readonly roll?: Roll;
    }
  | { readonly type: 'accepted'; readonly ballot: Ballot; readonly round: number }
  | {
      readonly type: 'reject';
      readonly ballot: Ballot;
      readonly round: number;
      /** Counter to go above. */
      readonly promised: number;
      readonly tokenMax: number;
      /** How long another holder's lease still lives at this acceptor, in milliseconds; 0 when none does. */
      readonly blockedMs: number;
      /** Of the voter; given when the request came with an older one, or with fewer nodes. */
      readonly roll?: Roll;
    }
  /** Gives back exactly the lease taken under `ballot`; sent after the work of the term has ended. */
  | { readonly type: 'release'; readonly ballot: Ballot }
  /** A hint for everybody: the sender leads, for about this long. */
  | { readonly type: 'leading'; readonly token: number; readonly leaseMs: number }
  /** A hint for everybody: the sender no longer leads. */
  | { readonly type: 'resigned'; readonly token: number };

export type Message = MembershipMessage | LeadershipMessage;

const LEADERSHIP_TYPES: ReadonlySet<string> = new Set<LeadershipMessage['type']>([
  'silence',
  'prepare',
  'promise',
  'accept',
  'accepted',
  'reject',
  'release',
  'leading',
  'resigned',
]);

export function isLeadershipMessage(message: Message): message is LeadershipMessage {
  return LEADERSHIP_TYPES.has(message.type);
}
