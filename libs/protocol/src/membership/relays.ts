/**
 * Probes members on behalf of others, and says what came of it: reached, refused by its kernel, or silent. Bounded (W5).
 */
import type { MembershipMessage } from '../message.js';
import type { Address, NodeInfo } from '../node.js';
import type { Alarm } from './agenda.js';
import type { Dialer } from './dialer.js';
import type { Disseminator } from './disseminator.js';
import type { Ground } from './ground.js';
import { RELAYS_MAX, SECOND_DIAL_MS } from './limits.js';
import type { MemberRecord } from './member-record.js';

type IndirectProbe = MembershipMessage & { readonly type: 'indirectProbe' };
type Outcome = (MembershipMessage & { readonly type: 'indirectAck' })['outcome'];

interface Relay {
  readonly asker: MemberRecord;
  /** The asker's number for it, and ours. */
  readonly theirs: number;
  readonly ours: number;
  readonly target: MemberRecord;
  alarm: Alarm | null;
}

/** Part of a probe's timeout after which the asker hears that nothing came back, while it still waits. */
const PATIENCE = 0.8;

export class Relays {
  private readonly running = new Map<number, Relay>();

  constructor(
    private readonly ground: Ground,
    private readonly disseminator: Disseminator,
    private readonly dialer: Dialer,
  ) {}

  ask(asker: MemberRecord, message: IndirectProbe): void {
    const { turn, table, agenda, options } = this.ground;
    const target = table.get(message.target.incarnation);
    // Only addresses that this node knows itself are dialled: nobody points it at a stranger.
    if (!target || this.running.size >= RELAYS_MAX) return;
    if (target === table.self) return this.answer(asker, message.seq, target, 'reached');
    if (target.claim.kind === 'left') return this.answer(asker, message.seq, target, 'silent');
    const relay: Relay = { asker, theirs: message.seq, ours: turn.number(), target, alarm: null };
    this.running.set(relay.ours, relay);
    relay.alarm = agenda.at(turn.mono + options.probeTimeoutMs * PATIENCE, () => this.end(relay, 'silent'));
    if (target.linked) {
      const claims = this.disseminator.claimsFor(target);
      turn.send(target, { type: 'probe', seq: relay.ours, digest: table.digest, claims });
    } else if (table.isDisplaced(target)) this.end(relay, 'refused');
    else this.dialer.urgent(target.node.address);
  }

  acked(number: number, from: MemberRecord): void {
    const relay = this.running.get(number);
    if (relay?.target === from) this.end(relay, 'reached');
  }

  /** A link opened; whoever else was thought to be at this address is not there. */
  met(peer: NodeInfo): void {
    for (const relay of this.running.values()) {
      const { incarnation, address } = relay.target.node;
      if (incarnation === peer.incarnation) this.end(relay, 'reached');
      else if (address === peer.address && !relay.target.linked) this.end(relay, 'refused');
    }
  }

  dialFailed(address: Address, refused: boolean): void {
    for (const relay of this.running.values()) {
      if (relay.target.node.address !== address || relay.target.linked) continue;
      if (refused) this.end(relay, 'refused');
      else this.dialAgain(relay);
    }
  }

  /** A dying process may still take connections and drop them; a moment later its kernel refuses (M2). */
  private dialAgain(relay: Relay): void {
    const { agenda, turn } = this.ground;
    agenda.at(turn.mono + SECOND_DIAL_MS, () => {
      const isOpen = this.running.get(relay.ours) === relay && !relay.target.linked;
      if (isOpen) this.dialer.urgent(relay.target.node.address);
    });
  }

  /** A link closed: to a target, which is dialled anew elsewhere, or to an asker, who hears nothing any more. */
  unlinked(record: MemberRecord): void {
    for (const relay of this.running.values()) {
      if (relay.asker === record) this.end(relay, 'silent');
      else if (relay.target === record) this.dialer.urgent(record.node.address);
    }
  }

  dropAll(): void {
    for (const relay of this.running.values()) this.end(relay, 'silent');
  }

  private end(relay: Relay, outcome: Outcome): void {
    this.ground.agenda.cancel(relay.alarm);
    this.running.delete(relay.ours);
    this.answer(relay.asker, relay.theirs, relay.target, outcome);
  }

  private answer(asker: MemberRecord, number: number, target: MemberRecord, outcome: Outcome): void {
    this.ground.turn.send(asker, {
      type: 'indirectAck',
      seq: number,
      target: target.node.incarnation,
      outcome,
      claims: this.disseminator.claimsFor(asker, target.claim),
    });
  }
}
