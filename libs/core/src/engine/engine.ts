/**
 * The only loop and the only timer of the control plane: bytes and commands in, `step`, effects out (T2, T3). The machine
 * decides; the engine brings it what happens, in order, and what time it is, no later than it asked for.
 */
import {
  createNodeMachine,
  type Incarnation,
  type Input,
  type Instant,
  type NodeInfo,
  type NodeMachineConfig,
} from '@nest-cluster/protocol';
import { monotonicMs, readClocks } from '../ports/clock.js';
import type { ClusterView, ControlPlaneCounters } from '../ports/control-plane.js';
import type { RejectReason, Transport, TransportListener } from '../ports/transport.js';
import { decodeFrame, encodeFrame, type Frame } from '../wire/index.js';
import { FRAME_BYTES_MAX } from '../wire/limits.js';
import { Alarm } from './alarm.js';
import { CallDesk } from './call-desk.js';
import { callFailed, nodeUnknown, type Answer } from './calls.js';
import type { ControlPlaneConfig } from './config.js';
import { FailedDials } from './failed-dials.js';
import { drawIdentity, drawRandom } from './identity.js';
import type { LagWatch } from './lag-watch.js';
import type { LeaseCell } from './lease-cell.js';
import { Life, type DrivenMachine } from './life.js';
import { Newsroom, type News } from './newsroom.js';

/** Longest wait for the kernel to take a farewell, in milliseconds. */
const FAREWELL_MS = 1_000;
const ROUND_TRIPS_MAX = 1_024;

export interface EngineOwner {
  /** There is something to `takeNews()`; told once per turn of the event loop. */
  news(): void;
  /** Another node's application asks this one's; answered by `answer(key, …)`. */
  ask(key: number, from: NodeInfo, topic: string, body: unknown): void;
  /** The protocol broke a promise. The engine has stopped, and must be closed. */
  failed(error: Error): void;
}

export class Engine {
  private readonly alarm = new Alarm(() => this.ring());
  private readonly calls: CallDesk;
  private readonly newsroom: Newsroom;
  private readonly failedDials = new FailedDials();
  private readonly roundTrips: number[] = [];
  private probesAnswered = 0;
  private life: Life;
  private phase: 'new' | 'joined' | 'left' | 'over' = 'new';
  private farewell: { readonly deadline: number; readonly end: () => void } | undefined;

  /** `port` is where the transport listens already. */
  constructor(
    private readonly config: ControlPlaneConfig,
    private readonly port: number,
    private readonly transport: Transport,
    private readonly cell: LeaseCell,
    private readonly lag: LagWatch,
    private readonly owner: EngineOwner,
    private readonly createMachine: (
      config: NodeMachineConfig,
      now: Instant,
    ) => DrivenMachine = createNodeMachine,
  ) {
    this.calls = new CallDesk({
      send: (to, frame) => this.send(to, frame),
      ask: (key, from, topic, body) => owner.ask(key, from, topic, body),
    });
    this.life = this.begin();
    this.newsroom = new Newsroom(this.life.view(), () => owner.news());
  }

  /** As it is now; the main thread hears of it by `news`. */
  get view(): ClusterView {
    return this.newsroom.view;
  }

  start(): ClusterView {
    this.phase = 'joined';
    this.lag.begin(monotonicMs());
    this.transport.start(this.life.self, this.ears());
    this.input({ type: 'start' });
    return this.newsroom.view;
  }

  input(input: Input): void {
    this.life.feed(input);
    this.settle();
  }

  call(to: Incarnation, topic: string, body: unknown, timeoutMs?: number): Promise<unknown> {
    const isThere = this.phase === 'joined' && (to === this.life.self.incarnation || this.life.links.has(to));
    if (!isThere) return Promise.reject(nodeUnknown(to));
    const answer = this.calls.call(to, topic, body, timeoutMs);
    this.settle();
    return answer;
  }

  /** What this node's application answers to what it was asked under `key`. */
  answer(key: number, answer: Answer): void {
    this.calls.answer(key, answer);
  }

  takeNews(): News | undefined {
    return this.newsroom.take();
  }

  counters(): ControlPlaneCounters {
    return {
      transport: this.transport.counters(),
      rejected: this.newsroom.rejectedTotals(),
      failedDials: this.failedDials.all(),
      probesAnswered: this.probesAnswered,
      probeSeconds: [...this.roundTrips],
      mainThreadLagSeconds: this.lag.lagMs() / 1_000,
    };
  }

  /** Resolves when everybody who can be told was told that this node leaves (M5). */
  async leave(): Promise<void> {
    if (this.phase !== 'joined') return;
    this.input({ type: 'leave' });
    this.phase = 'left';
    this.life.end();
    this.calls.abandon();
    for (const peer of this.life.links.keys()) this.transport.hangUp(peer);
    this.newsroom.part(this.life.view());
    if (this.life.links.size === 0) return;
    await new Promise<void>((end) => {
      this.farewell = { deadline: monotonicMs() + FAREWELL_MS, end };
      this.settle();
    });
    this.farewell = undefined;
  }

  /** Back after `leave`, as a new life on the same listener. Those who were there before are dialled first. */
  rejoin(): ClusterView {
    if (this.phase === 'joined') return this.newsroom.view;
    const addresses = this.life.known();
    this.life = this.begin();
    this.start();
    this.input({ type: 'contacts', addresses });
    return this.newsroom.view;
  }

  async close(): Promise<void> {
    this.stop();
    await this.transport.close();
  }

  private begin(): Life {
    const { membership, leadership, size, voters, votes } = this.config;
    const self = drawIdentity(this.config, this.port);
    const machine = this.createMachine(
      {
        self,
        membership,
        leadership,
        random: drawRandom(),
        ...(size && { size }),
        ...(voters && { voters }),
        ...(votes !== undefined && { votes }),
      },
      readClocks(),
    );
    return new Life(self, machine, this.transport, this.cell, {
      happened: (event) => this.newsroom.happened(event),
      probed: (roundTripMs) => this.probed(roundTripMs),
      failed: (error) => {
        this.stop();
        this.owner.failed(error);
      },
    });
  }

  private stop(): void {
    this.phase = 'over';
    this.alarm.clear();
    this.newsroom.stop();
    this.life.end();
    this.calls.abandon();
    this.farewell?.end();
  }

  private ring(): void {
    const now = monotonicMs();
    const lagMs = this.lag.look(now);
    if (lagMs !== undefined) this.life.feed({ type: 'mainThread', lagMs });
    if (this.life.nextDeadline() <= now) this.life.feed({ type: 'tick' });
    this.calls.expire(now);
    if (this.farewell && this.farewell.deadline <= now) this.farewell.end();
    this.settle();
  }

  /** After everything that may have changed something: what is new is told, and the alarm set for what comes next. */
  private settle(): void {
    if (this.phase === 'over') return;
    if (this.phase === 'joined') this.newsroom.show(this.life.view());
    this.alarm.set(
      Math.min(
        this.newsroom.settle(),
        this.life.nextDeadline(),
        this.calls.nextDeadline(),
        this.lag.nextDeadline(),
        this.farewell?.deadline ?? Infinity,
      ),
    );
  }

  private ears(): TransportListener {
    return {
      opened: (peer) => {
        // Who has left opens no contact (D4).
        if (this.phase !== 'joined') return this.transport.hangUp(peer.incarnation);
        this.failedDials.reached(peer.address);
        this.life.links.set(peer.incarnation, peer);
        this.input({ type: 'linkOpened', peer });
      },
      closed: (incarnation) => {
        this.life.links.delete(incarnation);
        this.calls.abandon(incarnation);
        this.input({ type: 'linkClosed', incarnation });
        if (this.life.links.size === 0) this.farewell?.end();
      },
      dialFailed: (address, failure) => {
        this.failedDials.failed(address, failure);
        this.input({ type: 'dialFailed', address, refused: failure === 'refused' });
      },
      frame: (from, bytes) => this.hear(from, bytes),
      rejected: (reason, detail) => this.reject(reason, detail),
    };
  }

  private hear(from: Incarnation, bytes: Uint8Array): void {
    const peer = from === this.life.self.incarnation ? this.life.self : this.life.links.get(from);
    if (!peer) return;
    const frame = decodeFrame(bytes);
    switch (frame?.kind) {
      case 'message':
        return this.input({ type: 'message', from, message: frame.message });
      case 'request':
        return this.calls.requested(peer, frame.id, frame.topic, frame.body, bytes.byteLength);
      case 'response':
        return this.calls.responded(from, frame.id, frame);
      default:
        return this.reject('frameInvalid', `from ${peer.name} at ${peer.address}`);
    }
  }

  /** A node that calls itself goes through the same bytes as one that calls another. */
  private send(to: Incarnation, frame: Frame): void {
    const bytes = encodeFrame(frame);
    if (bytes.byteLength > FRAME_BYTES_MAX)
      throw callFailed(`${bytes.byteLength} bytes are too many to send`);
    if (to === this.life.self.incarnation) this.hear(to, bytes);
    else this.transport.send(to, bytes);
  }

  private reject(reason: RejectReason, detail: string): void {
    this.newsroom.rejected(reason, detail);
    this.settle();
  }

  private probed(roundTripMs: number): void {
    this.probesAnswered++;
    this.roundTrips.push(roundTripMs / 1_000);
    if (this.roundTrips.length > ROUND_TRIPS_MAX) this.roundTrips.shift();
  }
}
