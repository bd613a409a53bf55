/**
 * When a node has the store (S7): it copies one ready peer, then fetches from every other what that one lacked. A node that
 * is alone has all there is; when all begin at once, the most senior begins, and the others copy it.
 */
import { bySeniority } from '../node.js';
import type { Core } from './core.js';
import type { Lineage } from './lineage.js';
import type { KnownClock } from './origins.js';
import { present, together, type Peer } from './peers.js';
import type { Pulling } from './pulling.js';

interface Goal {
  readonly clock: KnownClock;
  readonly generation: number;
}

export interface ReadinessListener {
  becameReady(): void;
  /** This node has begun with another store than a quorum has, which is to be copied instead: what was confirmed is there (S2). */
  outweighed(by: Peer): void;
}

export class Readiness {
  private started = false;
  private settledAt: number | undefined;
  /** What each ready peer held when the first copy was complete. */
  private goals: Map<Peer, Goal> | undefined;
  /** Somebody of whom the copy came was there when it was complete. */
  private wasBound = false;
  private goalsUntil = Infinity;
  /** Copied first, if it is there. */
  private preferred: Peer | undefined;

  constructor(
    private readonly core: Core,
    private readonly lineage: Lineage,
    private readonly pulling: Pulling,
    private readonly listener: ReadinessListener,
  ) {}

  get nextDeadline(): number {
    if (this.core.ready || !this.started) return Infinity;
    const patient =
      this.settledAt === undefined ? Infinity : this.settledAt + this.core.options.joinTimeoutMs;
    return [this.goalsUntil, patient].find((at) => at > this.core.now.mono) ?? Infinity;
  }

  start(): void {
    this.started = true;
    this.review();
  }

  settled(): void {
    this.settledAt ??= this.core.now.mono;
    this.review();
  }

  /** The copy is void. */
  restart(preferred?: Peer): void {
    this.preferred = preferred;
    if (this.settledAt !== undefined) this.settledAt = this.core.now.mono;
    this.goals = undefined;
    this.goalsUntil = Infinity;
  }

  /** One transfer from a ready peer is complete. */
  copied(): void {
    if (this.core.ready || this.goals !== undefined) return;
    const { now, options, peers } = this.core;
    this.goals = new Map();
    this.goalsUntil = now.mono + options.joinTimeoutMs;
    this.wasBound = this.lineage.isBound;
    for (const peer of peers.where((other) => together(other) && other.ready && !other.foreign)) {
      const { report: clock, replica } = peer;
      if (clock !== undefined && replica !== undefined)
        this.goals.set(peer, { clock, generation: replica.generation });
    }
    this.review();
  }

  review(): void {
    if (this.core.ready || !this.started) return;
    const rival = this.rival();
    if (rival !== undefined) this.listener.outweighed(rival);
    else if (this.goals === undefined || this.isOutdated()) this.begin();
    else if (this.isRepaired()) this.become();
    else if (!this.pulling.isBusy) this.repair(this.goals);
  }

  private rival(): Peer | undefined {
    const quorum = this.core.peers.where((peer) => together(peer) && peer.ready && peer.quorum);
    return quorum.every(({ foreign }) => foreign) ? quorum[0] : undefined;
  }

  /** Whoever was copied has gone since, so that others may have forgotten what this node still shows (S4). */
  private isOutdated(): boolean {
    if (!this.wasBound || this.lineage.isBound) return false;
    const report = this.source()?.report;
    return report !== undefined && this.core.origins.lacks(report);
  }

  private begin(): void {
    if (this.pulling.isBusy) return;
    this.goals = undefined;
    const source = this.source();
    if (source === undefined) {
      if (this.mayBegin()) this.become();
    } else if (!source.foreign || !this.lineage.isBound) this.pulling.want(source);
    // Whoever the copy began with is there, and cannot be reached.
    else if (this.isLate()) this.listener.outweighed(source);
  }

  private source(): Peer | undefined {
    const { preferred } = this;
    if (preferred !== undefined && preferred.linked && !preferred.greeted) return undefined;
    const sources = this.core.peers.where((peer) => together(peer) && peer.ready);
    if (preferred !== undefined && sources.includes(preferred)) return preferred;
    return sources.find(({ foreign }) => !foreign) ?? sources[0];
  }

  private repair(goals: ReadonlyMap<Peer, Goal>): void {
    const { origins } = this.core;
    for (const [peer, goal] of goals) {
      // A clock that was overtaken by an older one is told again.
      const isTold = peer.report !== undefined && origins.lacks(peer.report);
      if (isTold && this.isOpen(peer, goal)) this.pulling.want(peer);
    }
  }

  private isRepaired(): boolean {
    const late = this.core.now.mono >= this.goalsUntil && !this.pulling.isBusy;
    for (const peer of this.core.peers.all()) {
      if (!present(peer) || peer.apart || peer.fenced) continue;
      if (late) continue;
      if (!peer.greeted) return false;
      const goal = this.goals?.get(peer);
      if (goal !== undefined && this.isOpen(peer, goal)) return false;
    }
    return true;
  }

  /** What a peer has dropped meanwhile is nowhere to be had. */
  private isOpen(peer: Peer, { clock, generation }: Goal): boolean {
    if (!together(peer) || peer.foreign || peer.replica?.generation !== generation) return false;
    return this.core.origins.lacks(clock);
  }

  /**
   * Nobody who is there has a store, and nobody who is there is more senior. One that is, and cannot be reached, may have the
   * store: it is waited for as long as it is up. A junior is not waited for long.
   */
  private mayBegin(): boolean {
    const { config, peers } = this.core;
    if (this.settledAt === undefined) return false;
    const late = this.isLate();
    return peers.where(present).every((peer) => {
      if (bySeniority(config.self, peer.node) >= 0) return false;
      return peer.greeted ? !peer.ready : late;
    });
  }

  private isLate(): boolean {
    const { now, options } = this.core;
    return this.settledAt !== undefined && now.mono >= this.settledAt + options.joinTimeoutMs;
  }

  private become(): void {
    this.core.ready = true;
    this.restart();
    this.lineage.inherit();
    this.listener.becameReady();
  }
}
