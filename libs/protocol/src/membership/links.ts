/**
 * What links tell: who is met, who is lost, and which dials came to nothing. Meeting a node is direct evidence; a link that
 * closes is a hint (M2).
 */
import { bySeniority, type Address, type Incarnation, type NodeInfo } from '../node.js';
import type { Checks } from './checks.js';
import type { Contests } from './contests.js';
import type { Dialer } from './dialer.js';
import type { Ground } from './ground.js';
import { alive, isUp, type MemberRecord } from './member-record.js';
import type { PushPull } from './push-pull.js';
import type { Relays } from './relays.js';
import type { Roster } from './roster.js';

export class Links {
  constructor(
    private readonly ground: Ground,
    private readonly roster: Roster,
    private readonly dialer: Dialer,
    private readonly checks: Checks,
    private readonly relays: Relays,
    private readonly contests: Contests,
    private readonly pushPull: PushPull,
    /** An older, living process has this node's name. */
    private readonly onRefused: (holder: NodeInfo) => void,
  ) {}

  opened(peer: NodeInfo): void {
    const { table } = this.ground;
    if (peer.name === table.self.node.name) return this.metNamesake(peer);
    const record = table.get(peer.incarnation);
    this.displace(peer);
    this.relays.met(peer);
    this.dialer.met(peer.address);
    if (!record) return this.contests.admit(alive(peer, 1, false));
    record.linked = true;
    this.roster.introduce(record, peer);
    this.checks.linked(record);
    this.roster.hear(record);
    // A node that is held dead or gone objects to what it is told here, and is up again. Who left opens no link (D4).
    if (!isUp(record)) this.dialer.await(record);
    this.pushPull.meet(record, false);
  }

  closed(incarnation: Incarnation): void {
    this.contests.unlinked(incarnation);
    const record = this.ground.table.get(incarnation);
    if (!record?.linked) return;
    record.linked = false;
    this.checks.unlinked(record);
    this.relays.unlinked(record);
    if (isUp(record) || record.claim.kind === 'dead') this.dialer.pursue(record);
  }

  dialFailed(address: Address, refused: boolean): void {
    this.relays.dialFailed(address, refused);
    const record = this.ground.table.at(address);
    if (!record) return;
    if (refused) this.checks.refused(record);
    else this.checks.unreached(record);
  }

  private metNamesake(peer: NodeInfo): void {
    const { table, turn } = this.ground;
    if (bySeniority(table.self.node, peer) < 0)
      return this.contests.refuse(peer.incarnation, table.self.node);
    turn.hangUp(peer.incarnation);
    this.onRefused(peer);
  }

  /** Whoever else was thought to be at this address is not there any more. */
  private displace({ address, incarnation, name }: NodeInfo): void {
    const other: MemberRecord | undefined = this.ground.table.at(address);
    if (!other || other.node.incarnation === incarnation) return;
    // A namesake is the matter of a contest.
    if (other.node.name !== name) this.checks.refused(other);
  }
}
