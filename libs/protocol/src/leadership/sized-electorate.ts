/**
 * Only the number of nodes is known, and any node votes (L5). More nodes than that raise the quorum at once. It falls again
 * node by node: one that said goodbye is not counted once every lease that it voted for is over, and one that died is struck
 * off by the leader, with the votes of a majority of those counted before. One that lived behind a cut, and is back, is taken
 * in again by the leader, one at a time.
 *
 * Two quorums in use have a voter in common (L1; docs/adr/0002): each is a majority of all that may vote, or of one less or
 * one more, because no step is taken before a quorum holds the last one, and whoever holds it votes for no older roll.
 */
import type { Roll } from '../message.js';
import type { Incarnation, NodeInfo } from '../node.js';
import { Absentees } from './absentees.js';
import { arrivals, isUp, type View } from './attendance.js';
import type { Electorate } from './electorate.js';
import { majority } from './majority.js';
import { NEXT_PHASE, type Change, type Phase } from './roll-phase.js';
import { BLANK, isNewer, isSameStamp, UNSTAMPED, type Stamp } from './roll.js';
import { ToldCounts } from './told-counts.js';

/** How many nodes are remembered as struck off, and how many a voter names as out of sight (W5). */
const OUT_MAX = 64;
const ABSENT_MAX = 16;

export class SizedElectorate implements Electorate {
  readonly guarantee = 'quorum';
  private phase: Phase = { is: 'plain' };
  private stamp: Stamp = UNSTAMPED;
  /** A quorum holds the present roll, under the term that stamped it. */
  private isGranted = false;
  /** Struck off; true for one that is up again. */
  private readonly out = new Map<Incarnation, boolean>();
  private readonly absentees = new Absentees();
  /** Out of the sight of others that count them. */
  private readonly reported = new Set<Incarnation>();
  private readonly told = new ToldCounts();
  private readonly up = new Set<Incarnation>();
  private mayAppeal = false;
  private lastAt = 0;

  constructor(
    private readonly size: number,
    private readonly outlastLeaseMs: number,
  ) {}

  get expected(): number {
    return Math.max(this.counted, this.told.largest());
  }

  get quorum(): number {
    const { phase } = this;
    if (this.isAppealing) return this.up.size;
    if (phase.is === 'appealing') return Infinity;
    return majority(phase.is === 'lowering' ? Math.max(phase.from, this.expected) : this.expected);
  }

  get everybody(): number {
    // Where there are more than the deployment said, nobody knows how many there are.
    return this.roll === undefined ? this.size : Infinity;
  }

  get roll(): Roll | undefined {
    // An appeal says nothing of the voters before it is put to them.
    if (this.isAppealing && this.phase.is !== 'appealing')
      return { ...BLANK, nodes: this.known, appeal: true };
    return this.held;
  }

  private get held(): Roll | undefined {
    const { stamp, out, expected } = this;
    const appeal = this.phase.is === 'appealing';
    if (stamp.term === 0 && out.size === 0 && expected === this.size) return undefined;
    return { ...BLANK, ...stamp, nodes: appeal ? this.known : expected, out: [...out.keys()], appeal };
  }

  answer(): Roll | undefined {
    const roll = this.held;
    // Only what this node knows by itself: what others told it would go round for ever (W7).
    return (
      roll && {
        ...roll,
        nodes: roll.appeal ? roll.nodes : this.counted,
        absent: this.absentees.lostOnes(ABSENT_MAX),
      }
    );
  }

  seat(node: NodeInfo): string | undefined {
    return this.out.has(node.incarnation) && !this.isAppealing ? undefined : node.name;
  }

  observe(view: View, now: number): void {
    this.lastAt = now;
    // A restart under one name is one node less before it is one more.
    for (const { is } of view.changes) {
      if (!isUp(is)) this.went(is.node.incarnation, is.status === 'left', now);
    }
    for (const { node } of arrivals(view)) this.came(node.incarnation);
    this.absentees.expire(now);
    this.told.expire(now);
    this.review();
  }

  nextDeadline(): number {
    return Math.min(this.absentees.nextDeadline(), this.told.nextDeadline());
  }

  leaderless(isLong: boolean): void {
    this.mayAppeal = isLong;
  }

  amend(term: number, now: number): void {
    if (this.roll === undefined || this.stamp.term > term) return;
    if (this.isAppealing) this.appeal();
    if (this.stamp.term < term) return this.stampWith({ term, step: 0 });
    if (!this.isGranted || this.phase.is === 'appealing') return;
    const back = [...this.out].find(([, isBack]) => isBack)?.[0];
    const gone = this.nextToStrike(now);
    if (back !== undefined) this.out.delete(back);
    else if (gone !== undefined) this.strike(gone);
    else return;
    this.stampWith({ term, step: this.stamp.step + 1 });
    this.review();
  }

  granted(roll: Roll | undefined): void {
    if (!roll || !isSameStamp(roll, this.stamp)) return;
    // The others drop the appeal with the next step.
    if (this.phase.is === 'appealing') this.stampWith({ term: roll.term, step: roll.step + 1 });
    else this.isGranted = true;
    this.change('granted');
    this.review();
  }

  admits(roll: Roll | undefined): boolean {
    const theirs = roll ?? BLANK;
    const { nodes, appeal } = theirs;
    if (appeal && !(this.canAppeal && nodes >= this.known)) return false;
    this.takeOver(theirs);
    if (appeal) return true;
    return !isNewer(this.stamp, theirs) && Math.max(nodes, this.size) >= this.counted;
  }

  turnedDown(roll: Roll, by: Incarnation, now: number): void {
    this.takeOver(roll);
    if (roll.nodes > this.counted) this.told.tell(by, roll.nodes, now);
    else this.told.forget(by);
    for (const absent of roll.absent) {
      if (this.reported.size < ABSENT_MAX && !this.up.has(absent)) this.reported.add(absent);
    }
  }

  /**
   * Nobody leads, and struck off nodes are in sight, which only a leader could take in again: somebody lied about the roll,
   * or those that hold it died (W7). A vote of all in sight needs no roll where those out of sight are too few for any.
   */
  private get isAppealing(): boolean {
    return this.canAppeal && (this.phase.is === 'appealing' || this.inSight < this.up.size);
  }

  private get canAppeal(): boolean {
    return this.mayAppeal && this.known - this.up.size < majority(this.size);
  }

  /** All that may live: in sight, out of sight, and struck off. */
  private get known(): number {
    return this.inSight + this.absentees.size + this.out.size;
  }

  /** What this node knows by itself. */
  private get counted(): number {
    return Math.max(this.size, this.inSight + this.absentees.size);
  }

  /** Up, and on the roll. */
  private get inSight(): number {
    let count = this.up.size;
    for (const isBack of this.out.values()) if (isBack) count -= 1;
    return count;
  }

  private came(incarnation: Incarnation): void {
    this.up.add(incarnation);
    this.absentees.drop(incarnation);
    this.reported.delete(incarnation);
    if (this.out.has(incarnation)) this.out.set(incarnation, true);
    // Where no more are meant to live than the deployment said, one that comes takes the place of one that is gone.
    else if (this.phase.is === 'plain') this.absentees.keepLast(Math.max(0, this.size - this.inSight));
  }

  private went(incarnation: Incarnation, saidGoodbye: boolean, now: number): void {
    const wasUp = this.up.delete(incarnation);
    this.told.forget(incarnation);
    if (this.out.has(incarnation)) this.out.set(incarnation, false);
    else if (!wasUp && !this.absentees.has(incarnation)) return;
    else if (saidGoodbye) this.absentees.left(incarnation, now, now + this.outlastLeaseMs);
    else this.absentees.lost(incarnation, now);
  }

  private nextToStrike(now: number): Incarnation | undefined {
    for (const incarnation of this.reported) if (!this.out.has(incarnation)) return incarnation;
    return this.absentees.longLost(this.outlastLeaseMs, now);
  }

  private strike(incarnation: Incarnation): void {
    this.change('struck');
    this.markOut(incarnation);
  }

  private markOut(incarnation: Incarnation): void {
    this.absentees.drop(incarnation);
    this.reported.delete(incarnation);
    if (!this.out.has(incarnation)) this.out.set(incarnation, this.up.has(incarnation));
    for (const [oldest, isBack] of this.out) {
      if (this.out.size <= OUT_MAX) break;
      if (!isBack) this.out.delete(oldest);
    }
  }

  private takeOver({ term, step, nodes, out, appeal }: Roll): void {
    if (!isNewer({ term, step }, this.stamp)) return;
    const acquitted = [...this.out.keys()].filter((incarnation) => !out.includes(incarnation));
    for (const incarnation of acquitted) this.out.delete(incarnation);
    for (const incarnation of out) this.markOut(incarnation);
    for (const incarnation of acquitted) {
      // Taken in again where they were in sight; the roll tells how many were.
      const isMissing = this.inSight + this.absentees.size < nodes;
      if (isMissing && !this.up.has(incarnation)) this.absentees.lost(incarnation, this.lastAt);
    }
    this.stampWith({ term, step });
    this.change(appeal ? 'appealed' : 'replaced');
    this.review();
  }

  /** Those that are back are on the roll again. */
  private appeal(): void {
    for (const [incarnation, isBack] of this.out) if (isBack) this.out.delete(incarnation);
    this.change('appealed');
  }

  private stampWith(stamp: Stamp): void {
    this.stamp = stamp;
    this.isGranted = false;
  }

  private review(): void {
    this.change(this.counted > this.size ? 'exceeds' : 'fits');
  }

  private change(what: Change): void {
    const next = NEXT_PHASE[this.phase.is][what];
    if (next === this.phase.is) return;
    this.phase = next === 'lowering' ? { is: next, from: this.expected } : { is: next };
  }
}
