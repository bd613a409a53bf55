/**
 * The control plane as the application holds it: the latest view, its listener, and an engine that is replaced when it
 * dies. Until it is replaced this node leads nothing (L1) and sees nobody.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  ClusterError,
  type Address,
  type Incarnation,
  type NodeEvent,
  type NodeInfo,
} from '@nest-cluster/protocol';
import { monotonicMs } from '../ports/clock.js';
import type {
  ClusterView,
  ControlPlane,
  ControlPlaneCounters,
  ControlPlaneListener,
} from '../ports/control-plane.js';
import type { ControlPlaneConfig } from './config.js';
import { openInlineHost, type OpenEngineHost } from './engine-host.js';
import { EngineSession } from './engine-session.js';
import type { News } from './newsroom.js';
import { alone, eventsBetween } from './view-difference.js';
import { openWorkerHost } from './worker-host.js';

/** First and longest wait before a dead engine is replaced, and the life after which it counts as healthy, in milliseconds. */
const REPLACE_MIN_MS = 100;
const REPLACE_MAX_MS = 10_000;
const HEALTHY_MS = 60_000;
/** Longest wait for an engine to close by itself, in milliseconds. */
const CLOSE_MS = 2_000;
/** Contact points that are kept for a new engine. */
const CONTACTS_MAX = 1_024;

type Answerer = (body: unknown, from: NodeInfo) => unknown;

/** Refuses a configuration that cannot be carried out; nothing is bound before `listen`. */
export function createControlPlane(config: ControlPlaneConfig): ControlPlane {
  if (config.thread === 'main') return new SupervisedPlane(config, openInlineHost);
  if (config.transport === undefined) return new SupervisedPlane(config, openWorkerHost);
  throw new ClusterError('CLUSTER_OPTIONS_INVALID', "a transport of one's own needs thread: 'main'");
}

export class SupervisedPlane implements ControlPlane {
  private readonly answerers = new Map<string, Answerer>();
  private session: EngineSession | undefined;
  private isOpen = false;
  private openedAt = 0;
  private port: number;
  private latest: ClusterView | undefined;
  private listener: ControlPlaneListener | undefined;
  private phase: 'new' | 'listening' | 'joined' | 'left' | 'closed' = 'new';
  /** The term that the application believes to hold; 0 for none. */
  private term = 0;
  private lastContacts: readonly Address[] = [];
  private replacement: NodeJS.Timeout | undefined;
  private replaceMs = REPLACE_MIN_MS;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly config: ControlPlaneConfig,
    private readonly openHost: OpenEngineHost,
  ) {
    this.port = config.port;
  }

  async listen(): Promise<NodeInfo> {
    if (this.phase !== 'new')
      throw new ClusterError('CLUSTER_ALREADY_REGISTERED', 'the control plane listens already');
    const { self } = await this.open();
    if (this.phase === 'new') this.phase = 'listening';
    return self;
  }

  start(listener: ControlPlaneListener): void {
    if (this.phase !== 'listening') throw notStarted();
    this.listener = listener;
    this.phase = 'joined';
    this.session?.post({ type: 'start' });
  }

  view(): ClusterView {
    if (!this.latest) throw notStarted();
    return this.latest;
  }

  contacts(addresses: readonly Address[]): void {
    this.lastContacts = addresses.slice(0, CONTACTS_MAX);
    this.session?.post({ type: 'contacts', addresses });
  }

  stepDown(): void {
    this.session?.post({ type: 'stepDown' });
  }

  workEnded(token: number): void {
    this.session?.post({ type: 'workEnded', token });
  }

  leadsUntil(token?: number): number {
    return this.session?.cell.until(token) ?? 0;
  }

  token(): number {
    return this.session?.cell.token() ?? 0;
  }

  async call(to: Incarnation, topic: string, body: unknown, timeoutMs?: number): Promise<unknown> {
    if (!this.session) throw notStarted();
    return this.session.request('call', { to, topic, body, timeoutMs });
  }

  answer(topic: string, answer: Answerer): void {
    this.answerers.set(topic, answer);
  }

  async counters(): Promise<ControlPlaneCounters> {
    if (!this.session) throw notStarted();
    return this.session.request('counters', undefined);
  }

  async leave(): Promise<void> {
    if (this.phase !== 'joined') return;
    this.phase = 'left';
    if (this.isOpen) await this.session?.request('leave', undefined);
  }

  async rejoin(): Promise<NodeInfo> {
    if (this.phase !== 'left' || !this.session) throw notStarted();
    this.latest = await this.session.request('rejoin', undefined);
    this.phase = 'joined';
    return this.latest.self;
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private async shut(): Promise<void> {
    this.phase = 'closed';
    this.isOpen = false;
    clearTimeout(this.replacement);
    const { session } = this;
    if (!session) return;
    this.session = undefined;
    const patience = new AbortController();
    const tooLong = delay(CLOSE_MS, undefined, { signal: patience.signal });
    await Promise.race([session.request('close', undefined), tooLong]).catch(() => undefined);
    patience.abort();
    await session.end(stopped());
  }

  private async open(): Promise<ClusterView> {
    const session = new EngineSession({ ...this.config, port: this.port }, this.openHost, {
      news: (news) => this.hear(news),
      ask: (topic, body, from) => this.asked(topic, body, from),
      died: (cause) => this.died(cause),
    });
    this.session = session;
    try {
      const { view, port } = await session.request('listen', undefined);
      this.port = port;
      this.latest = view;
      this.isOpen = true;
      this.openedAt = monotonicMs();
      return view;
    } catch (cause) {
      if (this.session === session) this.session = undefined;
      await session.end(stopped());
      throw cause;
    }
  }

  private died(cause: Error): void {
    // An engine that dies before it listens is noticed by whoever waits for that.
    if (!this.isOpen) return;
    this.isOpen = false;
    this.session = undefined;
    const before = this.view();
    this.latest = alone(before, 'down');
    if (this.term !== 0) this.tell({ type: 'leadershipLost', token: this.term, reason: 'engineFailed' });
    for (const event of eventsBetween(before, this.latest, 'failed')) this.tell(event);
    if (monotonicMs() - this.openedAt > HEALTHY_MS) this.replaceMs = REPLACE_MIN_MS;
    this.replaceLater(cause, known(before));
  }

  private replaceLater(cause: Error, addresses: readonly Address[]): void {
    if (this.phase === 'closed') return;
    this.replacement = setTimeout(() => void this.replace(cause, addresses), this.replaceMs);
    this.replaceMs = Math.min(this.replaceMs * 2, REPLACE_MAX_MS);
  }

  private async replace(cause: Error, addresses: readonly Address[]): Promise<void> {
    try {
      const { self } = await this.open();
      if (this.phase !== 'joined') return;
      this.session?.post({ type: 'start' });
      this.session?.post({ type: 'contacts', addresses: [...addresses, ...this.lastContacts] });
      this.listener?.restarted(self, cause);
    } catch {
      this.replaceLater(cause, addresses);
    }
  }

  private hear({ view, events, rejections }: News): void {
    this.latest = view;
    this.listener?.viewed?.(view);
    for (const event of events) this.tell(event);
    for (const { reason, detail, count } of rejections) this.listener?.rejected(reason, detail, count);
  }

  private tell(event: NodeEvent): void {
    if (event.type === 'leadershipAcquired') this.term = event.token;
    if (event.type === 'leadershipLost') this.term = 0;
    this.listener?.event(event);
  }

  private async asked(topic: string, body: unknown, from: NodeInfo): Promise<unknown> {
    const answerer = this.answerers.get(topic);
    if (!answerer) throw new Error(`nobody answers '${topic}' there`);
    return answerer(body, from);
  }
}

function known({ self, members }: ClusterView): Address[] {
  return members.filter(({ node }) => node.incarnation !== self.incarnation).map(({ node }) => node.address);
}

function notStarted(): ClusterError {
  return new ClusterError('CLUSTER_NOT_STARTED', 'the control plane is not running');
}

function stopped(): ClusterError {
  return new ClusterError('CLUSTER_STOPPED', 'the control plane was closed');
}
