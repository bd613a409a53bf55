/**
 * One life of this node's replica (T1): its machine, driven by what the control plane and the peers say, and a link with
 * each member that is up.
 */
import {
  hasVote,
  type Address,
  type Incarnation,
  type NodeEvent,
  type NodeInfo,
  type StoreEffect,
  type StoreInput,
  type StoreOptions,
} from '@nest-cluster/protocol';
import type { Surroundings } from '../../ports/surroundings.js';
import type { DialFailure, RejectReason, Transport } from '../../ports/transport.js';
import { ReplicaDrive, type DrivenReplica } from './replica-drive.js';
import { ReplicaLinks } from './replica-links.js';

export interface ReplicaHostConfig {
  readonly self: NodeInfo;
  readonly machine: DrivenReplica;
  /** Listens already. */
  readonly transport: Transport;
  readonly options: StoreOptions;
  /** By name or address, who counts for a quorum; everybody when nobody is named. */
  readonly voters: ReadonlySet<string> | undefined;
  readonly around: Surroundings;
}

/** What a replica brings about beside what it sends. */
export type ReplicaNews = Exclude<StoreEffect, { readonly type: 'send' }>;

export interface ReplicaHostOwner {
  /** Called in order. */
  carryOut(effect: ReplicaNews): void;
  rejected(reason: RejectReason, detail: string): void;
  /** A member that is up cannot be dialled. */
  unreachable(node: NodeInfo, address: Address, failure: DialFailure): void;
  /** The replica broke a promise, and is not stepped any more. */
  failed(error: Error): void;
}

export class ReplicaHost {
  private readonly drive: ReplicaDrive;
  private readonly links: ReplicaLinks;
  private readonly up = new Set<Incarnation>();
  private quorum = { needed: 0, up: 0 };

  constructor(
    private readonly config: ReplicaHostConfig,
    owner: ReplicaHostOwner,
  ) {
    const { machine, transport, options, around } = config;
    this.links = new ReplicaLinks(
      transport,
      options,
      {
        feed: (input) => this.feed(input),
        rejected: (reason, detail) => owner.rejected(reason, detail),
        unreachable: (node, address, failure) => owner.unreachable(node, address, failure),
      },
      around,
    );
    this.drive = new ReplicaDrive(
      machine,
      {
        carryOut: (effect) => {
          if (effect.type === 'send') this.links.send(effect.to, effect.message);
          else owner.carryOut(effect);
        },
        failed: (error) => owner.failed(error),
      },
      around,
    );
  }

  start(): void {
    this.links.start(this.config.self);
    this.feed({ type: 'start' });
  }

  feed(input: StoreInput): void {
    this.drive.feed(input);
  }

  /** What the control plane saw, in order. */
  event(event: NodeEvent): void {
    if (event.type === 'nodeUp') {
      this.up.add(event.node.incarnation);
      this.feed({ type: 'peerUp', node: event.node });
      this.links.want(event.node);
    } else if (event.type === 'nodeDown') {
      this.up.delete(event.node.incarnation);
      this.feed({ type: 'peerDown', node: event.node, left: event.reason === 'left' });
      this.links.part(event.node.incarnation);
    } else if (event.type === 'nodeChanged')
      this.links.blocked(event.member.node.incarnation, event.member.status === 'degraded');
  }

  /** How many nodes are a quorum, and who is there. */
  counted(needed: number, present: readonly NodeInfo[]): void {
    const up = present.filter((node) => hasVote(this.config.voters, node)).length;
    if (needed === this.quorum.needed && up === this.quorum.up) return;
    this.quorum = { needed, up };
    this.feed({ type: 'quorum', needed, up });
  }

  /** Who leads and with which token; undefined when nobody is known to (P4). */
  leads(leader: Incarnation | undefined, token: number): void {
    this.feed({ type: 'leader', leader, token });
  }

  /** This node was told to be up, and not to be down since. */
  knows(incarnation: Incarnation): boolean {
    return this.up.has(incarnation);
  }

  /** Discovery has had its say: who is not there by now, is not there (S7). */
  settled(): void {
    this.feed({ type: 'settled' });
  }

  /** Nothing is stepped any more, and every link ends; returns with whom there was one. */
  end(): readonly NodeInfo[] {
    this.drive.end();
    return this.links.partAll();
  }
}
