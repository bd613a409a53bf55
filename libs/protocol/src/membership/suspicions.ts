/**
 * Suspicions that run. One lasts `suspicionMs`, longer with log10 of the member count; `suspicionStretch` times that long when
 * nobody else confirms it, so that a slow node alone cannot have others declared dead (M3, M4). After Lifeguard (Dadgar,
 * Phillips, Currey, 2017).
 */
import type { Incarnation } from '../node.js';
import type { Alarm } from './agenda.js';
import type { Disseminator } from './disseminator.js';
import type { Ground } from './ground.js';
import { suspect, type MemberRecord } from './member-record.js';
import type { Roster } from './roster.js';

interface Suspicion {
  readonly record: MemberRecord;
  readonly version: number;
  since: number;
  readonly accusers: Set<Incarnation>;
  /** Others declared it dead already; this much later this node does, too. */
  doubtedUntil: number;
  alarm: Alarm | null;
}

/** How many others must confirm until a suspicion runs as fast as it can. */
const CONFIRMATIONS = 2;

export class Suspicions {
  private readonly running = new Map<Incarnation, Suspicion>();

  constructor(
    private readonly ground: Ground,
    private readonly roster: Roster,
    private readonly disseminator: Disseminator,
  ) {}

  /** `by` finds that this member does not answer. */
  accuse(record: MemberRecord, version: number, by: Incarnation): void {
    const known = this.running.get(record.node.incarnation);
    if (known && known.version >= version) return this.confirm(known, by);
    if (known) this.drop(record);
    const suspicion = this.begin(record, version);
    if (this.mayAccuse(by)) suspicion.accusers.add(by);
    this.roster.suspect(record, suspect(record.node, version, by));
    this.setAlarm(suspicion);
    // With fewer left who could confirm, the suspicions that run already wait for less.
    if (this.confirmers() < CONFIRMATIONS) for (const other of this.running.values()) this.setAlarm(other);
  }

  /** Others hold this member dead, though this node heard it lately: it has this long to object. */
  doubt(record: MemberRecord, version: number, by: Incarnation, forMs: number): void {
    this.accuse(record, version, by);
    const suspicion = this.running.get(record.node.incarnation);
    if (!suspicion) return;
    suspicion.doubtedUntil = Math.min(suspicion.doubtedUntil, this.ground.turn.mono + forMs);
    this.setAlarm(suspicion);
  }

  drop(record: MemberRecord): void {
    const suspicion = this.running.get(record.node.incarnation);
    if (!suspicion) return;
    this.ground.agenda.cancel(suspicion.alarm);
    this.running.delete(record.node.incarnation);
  }

  /** This node was paused itself: everybody gets that much more time (T3). */
  putOff(byMs: number): void {
    for (const suspicion of this.running.values()) {
      suspicion.since += byMs;
      suspicion.doubtedUntil += byMs;
    }
  }

  /** Forgets all of them: this node's own grounds were lost (T2). */
  dropAll(): void {
    for (const { record } of this.running.values()) {
      this.drop(record);
      this.roster.pardon(record);
    }
  }

  private begin(record: MemberRecord, version: number): Suspicion {
    const suspicion: Suspicion = {
      record,
      version,
      since: this.ground.turn.mono,
      accusers: new Set(),
      doubtedUntil: Infinity,
      alarm: null,
    };
    this.running.set(record.node.incarnation, suspicion);
    return suspicion;
  }

  private confirm(suspicion: Suspicion, by: Incarnation): void {
    const { accusers, record, version } = suspicion;
    if (accusers.has(by) || accusers.size > CONFIRMATIONS || !this.mayAccuse(by)) return;
    accusers.add(by);
    this.disseminator.announce(suspect(record.node, version, by));
    this.setAlarm(suspicion);
  }

  private mayAccuse(by: Incarnation): boolean {
    const accuser = this.ground.table.get(by);
    return accuser !== undefined && (accuser.claim.kind === 'alive' || accuser.claim.kind === 'suspect');
  }

  private setAlarm(suspicion: Suspicion): void {
    const { agenda } = this.ground;
    const end = Math.min(suspicion.since + this.lastsMs(suspicion), suspicion.doubtedUntil);
    if (suspicion.alarm?.ring && suspicion.alarm.at <= end) return;
    agenda.cancel(suspicion.alarm);
    suspicion.alarm = agenda.at(end, () => this.condemn(suspicion), true);
  }

  private condemn({ record, version }: Suspicion): void {
    this.drop(record);
    this.roster.bury(record, { kind: 'dead', node: record.node, version });
  }

  /** Members that could confirm, apart from this node: up, and not suspect themselves. */
  private confirmers(): number {
    const { others, suspects } = this.ground.table;
    return others.length - suspects;
  }

  private lastsMs(suspicion: Suspicion): number {
    const { options, table } = this.ground;
    const shortest = options.suspicionMs * Math.max(1, Math.log10(table.size()));
    const wanted = Math.min(CONFIRMATIONS, this.confirmers());
    if (wanted <= 0) return shortest;
    const confirmed = Math.min(wanted, Math.max(0, suspicion.accusers.size - 1));
    const spared = Math.log(confirmed + 1) / Math.log(wanted + 1);
    return shortest * (options.suspicionStretch - (options.suspicionStretch - 1) * spared);
  }
}
