/**
 * The only place where a member comes up, changes or goes down; each such turn is one event and one claim that spreads. Up and
 * down alternate strictly per incarnation and per name (M1).
 */
import type { Claim } from '../message.js';
import type { NodeInfo } from '../node.js';
import type { Dialer } from './dialer.js';
import type { Disseminator } from './disseminator.js';
import type { Ground } from './ground.js';
import { isUp, memberOf, statusOf, type MemberRecord } from './member-record.js';
import type { Reunion } from './reunion.js';

type AliveClaim = Claim & { readonly kind: 'alive' };
type SuspectClaim = Claim & { readonly kind: 'suspect' };
type GoneClaim = Claim & { readonly kind: 'dead' | 'left' };

export class Roster {
  /** Called after a member went down. */
  onDown: (record: MemberRecord) => void = () => {};
  /** Called after a suspicion was refuted, or a member came back. */
  onCleared: (record: MemberRecord) => void = () => {};

  constructor(
    private readonly ground: Ground,
    private readonly disseminator: Disseminator,
    private readonly dialer: Dialer,
    private readonly reunion: Reunion,
  ) {}

  /** Takes in a node that was unknown; null when there is no room for it (W5). */
  adopt(claim: AliveClaim, linked: boolean): MemberRecord | null {
    const { table, turn } = this.ground;
    if (!table.hasRoom()) return null;
    const record = table.add({ kind: 'dead', node: claim.node, version: -1 });
    record.linked = linked;
    record.seen = linked;
    if (linked) record.heardAt = turn.mono;
    this.bringUp(record, claim);
    return record;
  }

  /** A node that was held dead lives. */
  revive(record: MemberRecord, claim: AliveClaim): void {
    this.ground.agenda.cancel(record.forget);
    record.forget = null;
    record.seen = record.linked;
    const { failedHere } = record;
    this.bringUp(record, claim);
    this.onCleared(record);
    if (failedHere) this.reunion.note(record.node);
  }

  /** A newer word of a member about itself. */
  renew(record: MemberRecord, claim: AliveClaim): void {
    const before = statusOf(record);
    this.ground.table.hold(record, claim);
    this.onCleared(record);
    this.disseminator.announce(claim);
    if (statusOf(record) !== before) this.changed(record);
  }

  suspect(record: MemberRecord, claim: SuspectClaim): void {
    const before = statusOf(record);
    this.ground.table.hold(record, claim);
    this.disseminator.announce(claim);
    if (statusOf(record) !== before) this.changed(record);
  }

  /** Takes a suspicion back on this node alone, because its own grounds for it were lost (T2). */
  pardon(record: MemberRecord): void {
    if (record.claim.kind !== 'suspect') return;
    const { version } = record.claim;
    this.ground.table.hold(record, { kind: 'alive', node: record.node, version, degraded: record.degraded });
    this.changed(record);
  }

  /** A member failed or left. It is told so, in case it lives and must object, and its link is closed. */
  bury(record: MemberRecord, claim: GoneClaim, farewell = true): void {
    const { table, turn } = this.ground;
    const wasUp = isUp(record);
    table.hold(record, claim);
    record.seen = false;
    record.failedHere = wasUp && claim.kind === 'dead';
    if (wasUp)
      turn.event({ type: 'nodeDown', node: record.node, reason: claim.kind === 'left' ? 'left' : 'failed' });
    this.disseminator.announce(claim);
    const isItsWord = claim.kind === 'left' && turn.from === record;
    if (farewell && !isItsWord) turn.send(record, { type: 'gossip', claims: [claim] });
    if (record.linked) turn.hangUp(record.node.incarnation);
    record.linked = false;
    this.remember(record);
    if (wasUp) this.onDown(record);
  }

  /** A node that went away before this one met it: nothing to report, but it may come back. */
  learn(claim: GoneClaim): void {
    const { table } = this.ground;
    if (!table.hasRoom()) return;
    const record = table.add(claim);
    this.remember(record);
  }

  /** Something came from it over its link. */
  hear(record: MemberRecord): void {
    const { turn } = this.ground;
    record.heardAt = turn.mono;
    record.freshAt = turn.mono;
    if (!record.seen && record.linked) this.see(record, true);
  }

  /** Heard directly from now on, or no longer. */
  see(record: MemberRecord, seen: boolean): void {
    if (record.seen === seen || !isUp(record)) return;
    record.seen = seen;
    this.ground.table.touch(record);
    this.changed(record);
  }

  changed(record: MemberRecord): void {
    this.ground.turn.event({ type: 'nodeChanged', member: memberOf(record) });
  }

  /** What a node says about itself in a handshake counts more than what others said of it. */
  introduce(record: MemberRecord, node: NodeInfo): void {
    if (record.node.name === node.name) this.ground.table.describe(record, node);
  }

  private bringUp(record: MemberRecord, claim: AliveClaim): void {
    const { table, turn } = this.ground;
    record.upSince = turn.wall;
    record.failedHere = false;
    record.freshAt = turn.mono;
    record.differsSince = 0;
    table.hold(record, claim);
    turn.event({ type: 'nodeUp', node: record.node });
    this.disseminator.announce(claim);
    if (!record.linked) this.dialer.pursue(record);
  }

  private remember(record: MemberRecord): void {
    const { agenda, turn, options, table } = this.ground;
    if (record.claim.kind === 'dead') this.dialer.pursue(record);
    else this.dialer.release(record);
    agenda.cancel(record.forget);
    record.forget = agenda.at(turn.mono + options.rememberMs, () => {
      record.forget = null;
      if (isUp(record) || table.get(record.node.incarnation) !== record) return;
      if (record.linked) turn.hangUp(record.node.incarnation);
      this.dialer.release(record);
      this.disseminator.forget(record.node.incarnation);
      table.remove(record);
    });
  }
}
