/**
 * Finds out whether a member lives. A probe goes over the link; when it stays unanswered, others are asked to probe, too.
 * Nothing from anybody: the member is suspect. A closed link is a hint only: it is dialled anew and others are asked at once,
 * and when its kernel refuses both, the process is gone (M2).
 */
import type { MembershipMessage } from '../message.js';
import type { Alarm } from './agenda.js';
import { choose } from './choose.js';
import type { Dialer } from './dialer.js';
import type { Disseminator } from './disseminator.js';
import type { Ground } from './ground.js';
import { SECOND_DIAL_MS } from './limits.js';
import type { LocalHealth } from './local-health.js';
import { isUp, type MemberRecord } from './member-record.js';

/** `turn`: its turn came. `hint`: something made it doubtful. `urgent`: others wait for the answer, so everything is tried at once. */
export type CheckReason = 'turn' | 'hint' | 'urgent';

export interface Check {
  readonly target: MemberRecord;
  readonly reason: CheckReason;
  readonly number: number;
  readonly since: number;
  /** How long each of the two phases lasts, in milliseconds. */
  readonly patienceMs: number;
  /** Who was asked and has not answered. */
  readonly asked: Set<MemberRecord>;
  answers: number;
  isIndirect: boolean;
  refusedHere: number;
  refusedThere: boolean;
  alarm: Alarm | null;
}

export interface CheckListener {
  /** `relay`: through another member only. */
  answered(check: Check, how: 'ack' | 'heard' | 'link' | 'relay'): void;
  unanswered(check: Check): void;
  /** Its kernel says, here and elsewhere, that the process is gone. */
  gone(target: MemberRecord): void;
}

type IndirectAck = MembershipMessage & { readonly type: 'indirectAck' };

export class Checks {
  private readonly byTarget = new Map<MemberRecord, Check>();
  private readonly byNumber = new Map<number, Check>();

  constructor(
    private readonly ground: Ground,
    private readonly disseminator: Disseminator,
    private readonly dialer: Dialer,
    private readonly health: LocalHealth,
    private readonly listener: CheckListener,
  ) {}

  isRunning(target: MemberRecord): boolean {
    return this.byTarget.has(target);
  }

  begin(target: MemberRecord, reason: CheckReason): void {
    const running = this.byTarget.get(target);
    if (running && (running.reason === 'urgent' || reason !== 'urgent')) return;
    this.drop(target);
    const { turn, table, agenda, options } = this.ground;
    const check: Check = {
      target,
      reason,
      number: turn.number(),
      since: turn.mono,
      patienceMs: options.probeTimeoutMs * this.health.stretch(),
      asked: new Set(),
      answers: 0,
      isIndirect: false,
      refusedHere: 0,
      refusedThere: false,
      alarm: null,
    };
    this.byTarget.set(target, check);
    this.byNumber.set(check.number, check);
    target.freshAt = turn.mono;
    if (target.linked) {
      const claims = this.disseminator.claimsFor(target);
      turn.send(target, { type: 'probe', seq: check.number, digest: table.digest, claims });
    }
    if (!target.linked || reason === 'urgent') this.askOthers(check);
    else check.alarm = agenda.at(turn.mono + check.patienceMs, () => this.askOthers(check), true);
  }

  drop(target: MemberRecord): void {
    const check = this.byTarget.get(target);
    if (check) this.end(check);
  }

  dropAll(): void {
    for (const check of this.byTarget.values()) this.end(check);
  }

  /** True when this acknowledges one of the probes here. */
  acked(number: number, from: MemberRecord): boolean {
    const check = this.byNumber.get(number);
    if (check?.target !== from) return false;
    this.ground.turn.probed(from.node.incarnation, this.ground.turn.mono - check.since);
    if (!check.isIndirect) this.health.better();
    this.answered(check, 'ack');
    return true;
  }

  /** Any message shows that its sender lives; where a name is disputed, only an answer given since then does. */
  heard(from: MemberRecord): void {
    const check = this.byTarget.get(from);
    if (check && check.reason !== 'urgent') this.answered(check, 'heard');
  }

  linked(target: MemberRecord): void {
    const check = this.byTarget.get(target);
    if (check) this.answered(check, 'link');
  }

  /** A link closed: to the target of a check, or to someone who was asked. */
  unlinked(record: MemberRecord): void {
    for (const check of this.byTarget.values()) {
      if (check.asked.delete(record)) this.weigh(check);
    }
    if (!isUp(record)) return;
    const reason = this.byTarget.get(record)?.reason === 'urgent' ? 'urgent' : 'hint';
    this.drop(record);
    this.begin(record, reason);
  }

  relayed(from: MemberRecord, message: IndirectAck): void {
    const check = this.byNumber.get(message.seq);
    if (check?.target.node.incarnation !== message.target || !check.asked.delete(from)) return;
    check.answers++;
    if (message.outcome === 'reached') return this.answered(check, 'relay');
    if (message.outcome === 'refused') check.refusedThere = true;
    this.weigh(check);
  }

  /** Nobody listens where this member should be. */
  refused(target: MemberRecord): void {
    if (!isUp(target) || target.linked) return;
    this.begin(target, 'hint');
    const check = this.byTarget.get(target);
    if (!check) return;
    check.refusedHere++;
    this.weigh(check);
  }

  /**
   * A dial came to nothing, and not because its kernel refused. A dying process may still take connections and drop them, so
   * that a moment later its kernel knows better (M2).
   */
  unreached(target: MemberRecord): void {
    const check = this.byTarget.get(target);
    if (check?.isIndirect && !target.linked) this.dialAgain(check);
  }

  private askOthers(check: Check): void {
    const { turn, agenda } = this.ground;
    const { target } = check;
    check.isIndirect = true;
    check.alarm = agenda.at(turn.mono + check.patienceMs, () => this.giveUp(check), true);
    this.ask(check);
    if (!target.linked) this.dial(target);
  }

  private dial(target: MemberRecord): void {
    if (this.ground.table.isDisplaced(target)) this.refused(target);
    else this.dialer.urgent(target.node.address);
  }

  private ask(check: Check): void {
    const { turn, table, options, random } = this.ground;
    const { target } = check;
    const canHelp = (other: MemberRecord) => other.linked && other !== target && other.claim.kind === 'alive';
    const held = target.claim.kind === 'suspect' ? target.claim : undefined;
    for (const other of choose(table.others, options.indirectProbes, random, canHelp)) {
      check.asked.add(other);
      const claims = this.disseminator.claimsFor(other, held);
      turn.send(other, { type: 'indirectProbe', seq: check.number, target: target.node, claims });
    }
  }

  /** Are there grounds enough to call the process gone? */
  private weigh(check: Check): void {
    if (check.target.linked || !check.isIndirect) return;
    if (check.asked.size === 0 && check.answers === 0) this.ask(check);
    const isAlone = check.asked.size === 0 && check.answers === 0;
    if (check.refusedHere > 0 && (check.refusedThere || (isAlone && check.refusedHere > 1))) {
      this.end(check);
      this.listener.gone(check.target);
    } else if (check.refusedHere === 1 && isAlone) this.dialAgain(check);
  }

  private dialAgain(check: Check): void {
    const { agenda, turn } = this.ground;
    agenda.at(turn.mono + SECOND_DIAL_MS, () => {
      if (this.byTarget.get(check.target) === check) this.dial(check.target);
    });
  }

  private answered(check: Check, how: 'ack' | 'heard' | 'link' | 'relay'): void {
    this.end(check);
    this.listener.answered(check, how);
  }

  private giveUp(check: Check): void {
    this.end(check);
    this.listener.unanswered(check);
    // Others who answer in time show that this node hears well, and that the fault is the member's.
    if (check.answers === 0) this.health.worse();
  }

  private end(check: Check): void {
    this.ground.agenda.cancel(check.alarm);
    this.byTarget.delete(check.target);
    this.byNumber.delete(check.number);
  }
}
