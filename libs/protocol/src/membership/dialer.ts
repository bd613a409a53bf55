/**
 * Opens links: to contact points, to members without a link, and for as long as they are remembered to members that failed,
 * so that a cluster that was apart finds together again (D2). Waits grow exponentially per address and are scattered by
 * chance; all dials together are paced.
 */
import type { Address } from '../node.js';
import type { Alarm } from './agenda.js';
import type { Ground } from './ground.js';
import { CONTACTS_MAX } from './limits.js';
import { isUp, type MemberRecord } from './member-record.js';

interface Wait {
  readonly address: Address;
  dials: number;
  /** Monotonic time before which discovery's hints are not followed. */
  until: number;
  /** Whom to find there; null for a mere contact point. */
  record: MemberRecord | null;
  alarm: Alarm | null;
  /** Monotonic time until which its dials of late are paid for. */
  paidUntil: number;
  /** It has its place in the pace of all dials, and waits for that only. */
  hasPlace: boolean;
}

/** This many dials at once, then one per pace. */
const BURST = 32;
const PACE_MS = 5;

/** The same for one address, whose pace is a quarter of the shortest wait: links that close as soon as they open make no storm. */
const BURST_PER_ADDRESS = 32;

export class Dialer {
  private readonly waits = new Map<Address, Wait>();
  private paidUntil = 0;

  constructor(private readonly ground: Ground) {}

  /** Dials at once, whatever the back-off says. */
  urgent(address: Address): void {
    const { turn, options } = this.ground;
    const wait = this.waitFor(address);
    if (turn.mono < this.freeAt(wait)) return;
    wait.until = Math.max(wait.until, turn.mono + options.redialMinMs);
    this.call(wait);
  }

  /** A place where a node may be. */
  contact(address: Address): void {
    const { turn, table } = this.ground;
    if (address === table.self.node.address) return;
    const member = table.at(address);
    if (member?.linked && isUp(member)) return;
    const wait = this.waitFor(address);
    if (turn.mono < wait.until || turn.mono < this.freeAt(wait) || this.delayMs() > 0) return;
    this.takePlace();
    this.dial(wait);
    this.setAlarm(wait);
  }

  /** Keeps dialling a member until it is linked, or gone for good. */
  pursue(record: MemberRecord): void {
    if (record === this.ground.table.self) return;
    const wait = this.waitFor(record.node.address);
    wait.record = record;
    if (!wait.alarm) this.setAlarm(wait);
  }

  /** A member that is held dead was linked, and gets the time of one wait to object. */
  await(record: MemberRecord): void {
    const wait = this.waitFor(record.node.address);
    wait.record = record;
    this.postpone(wait);
    this.setAlarm(wait);
  }

  /** Someone was met at this address; the next wait for it is short again. */
  met(address: Address): void {
    const wait = this.waits.get(address);
    if (!wait) return;
    const { agenda, turn } = this.ground;
    agenda.cancel(wait.alarm);
    if (wait.paidUntil <= turn.mono) this.waits.delete(address);
    else Object.assign(wait, this.fresh(address), { paidUntil: wait.paidUntil });
  }

  release(record: MemberRecord): void {
    if (this.waits.get(record.node.address)?.record === record) this.met(record.node.address);
  }

  private waitFor(address: Address): Wait {
    let wait = this.waits.get(address);
    if (!wait) {
      this.makeRoom();
      wait = this.fresh(address);
      this.waits.set(address, wait);
    }
    return wait;
  }

  private fresh(address: Address): Wait {
    return {
      address,
      dials: 0,
      until: -Infinity,
      record: null,
      alarm: null,
      paidUntil: -Infinity,
      hasPlace: false,
    };
  }

  private makeRoom(): void {
    if (this.waits.size < CONTACTS_MAX + this.ground.options.membersMax) return;
    for (const wait of this.waits.values()) {
      if (!wait.record) return void this.waits.delete(wait.address);
    }
  }

  private setAlarm(wait: Wait): void {
    const { agenda, turn } = this.ground;
    if (!wait.record) return;
    agenda.cancel(wait.alarm);
    wait.alarm = agenda.at(Math.max(wait.until, turn.mono, this.freeAt(wait)), () => this.ring(wait));
  }

  private ring(wait: Wait): void {
    const { agenda, turn, table } = this.ground;
    const { record } = wait;
    wait.alarm = null;
    if (record?.linked && !isUp(record)) {
      // It was told over this link that it is held dead, and never objected: something is wrong with the link.
      record.linked = false;
      turn.hangUp(record.node.incarnation);
    }
    if (!record || !this.isWorthIt(record)) return this.met(wait.address);
    const delayMs = wait.hasPlace ? 0 : this.delayMs();
    if (!wait.hasPlace) this.takePlace();
    wait.hasPlace = delayMs > 0;
    if (delayMs > 0) {
      wait.alarm = agenda.at(turn.mono + delayMs, () => this.ring(wait));
      return;
    }
    if (table.isDisplaced(record)) this.postpone(wait);
    else this.dial(wait);
    this.setAlarm(wait);
  }

  private isWorthIt(record: MemberRecord): boolean {
    if (isUp(record)) return !record.linked;
    const { table } = this.ground;
    const isReplaced = table.holder(record.node.name) !== undefined;
    return record.claim.kind === 'dead' && !isReplaced && table.get(record.node.incarnation) === record;
  }

  private takePlace(): void {
    this.paidUntil = Math.max(this.paidUntil, this.ground.turn.mono) + PACE_MS;
  }

  private dial(wait: Wait): void {
    this.postpone(wait);
    this.call(wait);
  }

  private call(wait: Wait): void {
    const { turn, options } = this.ground;
    wait.paidUntil = Math.max(wait.paidUntil, turn.mono) + options.redialMinMs / 4;
    turn.dial(wait.address);
  }

  /** Monotonic time from which this address may be dialled again. */
  private freeAt(wait: Wait): number {
    return wait.paidUntil - (BURST_PER_ADDRESS * this.ground.options.redialMinMs) / 4;
  }

  private postpone(wait: Wait): void {
    const { options, random, turn } = this.ground;
    const longest = Math.min(options.redialMaxMs, options.redialMinMs * 2 ** Math.min(wait.dials, 30));
    wait.dials++;
    wait.until = turn.mono + longest * (0.75 + random() * 0.25);
  }

  /** How long the pace makes the next dial wait, in milliseconds. */
  private delayMs(): number {
    return Math.max(0, this.paidUntil - this.ground.turn.mono - BURST * PACE_MS);
  }
}
