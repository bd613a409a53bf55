/**
 * What a scrape reads: the counters of both planes, asked for once however many metrics want them, and the events that are
 * counted here because nobody else keeps count.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type {
  Cluster,
  ClusterEvents,
  ClusterStore,
  ControlPlaneCounters,
  LeaderChangedEvent,
  StoreCounters,
} from '@nest-cluster/core';

/** How often the event loop is looked at, in milliseconds. */
const LOOP_RESOLUTION_MS = 20;

/** One look at this node; each plane is missing while it does not run. */
export interface Reading {
  readonly control: ControlPlaneCounters | undefined;
  readonly store: StoreCounters | undefined;
  /** Round trips of the probes that were answered since the last look, in seconds. */
  readonly probeSeconds: readonly number[];
  /** The longest time without progress of the main thread since the last look, in seconds. */
  readonly lagSeconds: number;
}

export class Readings {
  private readonly loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  private underWay: Promise<Reading> | undefined;
  private probesSeen = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly store: ClusterStore,
  ) {
    this.loop.enable();
  }

  /** All metrics of one scrape begin to read in the same turn, and share what is read. */
  now(): Promise<Reading> {
    this.underWay ??= this.read().finally(() => (this.underWay = undefined));
    return this.underWay;
  }

  close(): void {
    this.loop.disable();
  }

  private async read(): Promise<Reading> {
    const control = await this.cluster.counters().catch(() => undefined);
    return {
      control,
      store: this.storeCounters(),
      probeSeconds: control === undefined ? [] : this.newProbes(control),
      lagSeconds: Math.max(this.loopLag(), control?.mainThreadLagSeconds ?? 0),
    };
  }

  private newProbes({ probesAnswered, probeSeconds }: ControlPlaneCounters): readonly number[] {
    // A control plane that was replaced counts from zero.
    const fresh = probesAnswered >= this.probesSeen ? probesAnswered - this.probesSeen : probesAnswered;
    this.probesSeen = probesAnswered;
    return fresh === 0 ? [] : probeSeconds.slice(-fresh);
  }

  private loopLag(): number {
    const longestMs = this.loop.max / 1e6 - LOOP_RESOLUTION_MS;
    this.loop.reset();
    return Math.max(0, longestMs / 1_000);
  }

  private storeCounters(): StoreCounters | undefined {
    try {
      return this.store.counters();
    } catch {
      return undefined;
    }
  }
}

/** Counts from the start of the application; only rare events are listened for. */
export class EventTally {
  elections = 0;
  partitions = 0;
  storeConnections = 0;
  storeDisconnections = 0;
  private readonly ends: readonly (() => void)[];

  constructor(events: ClusterEvents) {
    const label = 'the cluster metrics';
    this.ends = [
      events.subscribe('leaderChanged', (event) => this.leaderChanged(event), label),
      events.subscribe('partitionDetected', () => void this.partitions++, label),
      events.subscribe('storeConnected', () => void this.storeConnections++, label),
      events.subscribe('storeDisconnected', () => void this.storeDisconnections++, label),
    ];
  }

  close(): void {
    for (const end of this.ends) end();
  }

  /** A leader that is lost from sight and found again under the same token was not elected again. */
  private leaderChanged({ leader }: LeaderChangedEvent): void {
    if (leader === null || leader.token === this.lastToken) return;
    this.lastToken = leader.token;
    this.elections++;
  }

  private lastToken = 0;
}
