/**
 * A control plane, an engine of leadership and a pair of clocks under the hands of a test.
 */
import type {
  Address,
  ClusterState,
  Incarnation,
  LossReason,
  Member,
  NodeEvent,
  NodeInfo,
  NodeName,
} from '@nest-cluster/protocol';
import type { ControlPlaneConfig } from '../engine/index.js';
import type {
  ClusterView,
  ControlPlane,
  ControlPlaneCounters,
  ControlPlaneListener,
} from '../ports/control-plane.js';
import type { LeaderView, LeadershipListener, LeadershipProvider } from '../ports/leadership-provider.js';

export function nodeInfo(name: string, incarnation = `incarnation of ${name}`): NodeInfo {
  return {
    name: name as NodeName,
    incarnation: incarnation as Incarnation,
    address: `127.0.0.1:${45_000 + name.length}` as Address,
    dataPort: 0,
    startedAt: 1_000,
    priority: 0,
  };
}

/** Says what it is told to say, and notes what it is asked to do. */
export class FakeLeadership implements LeadershipProvider {
  readonly name = 'fake';
  readonly guarantee = 'quorum';
  until = 0;
  term = 0;
  leading: LeaderView | null = null;
  stepDowns = 0;
  isStopped = false;
  readonly ended: number[] = [];
  private listener: LeadershipListener | undefined;

  start(_self: unknown, listener: LeadershipListener): Promise<void> {
    this.listener = listener;
    return Promise.resolve();
  }

  grant(token: number, until: number): void {
    this.term = token;
    this.until = until;
    this.listener?.acquired(token);
  }

  take(reason: LossReason = 'expired'): void {
    this.until = 0;
    this.listener?.lost(this.term, reason);
  }

  tellLeader(leader: LeaderView | null): void {
    this.leading = leader;
    this.listener?.leaderChanged(leader);
  }

  leadsUntil = (token?: number) => (token === undefined || token === this.term ? this.until : 0);
  token = () => this.term;
  leader = () => this.leading;
  workEnded = (token: number) => void this.ended.push(token);
  stepDown = () => void this.stepDowns++;
  stop = () => {
    this.isStopped = true;
    return Promise.resolve();
  };
}

/** One node alone, without a quorum when there should be more, until the test says otherwise. */
export class FakePlane implements ControlPlane {
  readonly self: NodeInfo;
  readonly log: string[] = [];
  readonly heard: Address[] = [];
  readonly topics = new Map<string, (body: unknown, from: NodeInfo) => unknown>();
  until = 0;
  term = 0;
  listener: ControlPlaneListener | undefined;
  failure: Error | undefined;
  private current: ClusterView;

  constructor(readonly config: ControlPlaneConfig) {
    this.self = nodeInfo(config.name);
    this.current = {
      self: this.self,
      state: (config.size ?? 1) > 1 ? 'red' : 'green',
      expected: config.size ?? 1,
      quorum: Math.floor((config.size ?? 1) / 2) + 1,
      guarantee: 'quorum',
      leader: null,
      members: [member(this.self)],
      silentVoters: [],
    };
  }

  listen(): Promise<NodeInfo> {
    this.log.push('listen');
    return this.failure === undefined ? Promise.resolve(this.self) : Promise.reject(this.failure);
  }

  start(listener: ControlPlaneListener): void {
    this.log.push('start');
    this.listener = listener;
  }

  /** The view changes, then its events are told. */
  show(change: Partial<ClusterView>, ...events: NodeEvent[]): void {
    this.current = { ...this.current, ...change };
    for (const event of events) this.listener?.event(event);
  }

  state(state: ClusterState): void {
    this.show({ state }, { type: 'stateChanged', state, previous: this.current.state });
  }

  lead(token: number, until: number): void {
    this.term = token;
    this.until = until;
    const leader = { node: this.self, token };
    this.show({ leader }, { type: 'leadershipAcquired', token }, { type: 'leaderChanged', leader });
  }

  view = () => this.current;
  leadsUntil = () => this.until;
  token = () => this.term;
  contacts = (addresses: readonly Address[]) => void this.heard.push(...addresses);
  call = (to: Incarnation, topic: string, body: unknown) => Promise.resolve({ to, topic, body });
  answer = (topic: string, answer: (body: unknown, from: NodeInfo) => unknown) =>
    void this.topics.set(topic, answer);
  counters = (): Promise<ControlPlaneCounters> => Promise.reject(new Error('not counted'));
  workEnded = (token: number) => void this.log.push(`workEnded ${token}`);

  stepDown(): void {
    this.log.push('stepDown');
    if (this.until === 0) return;
    this.until = 0;
    this.show({ leader: null }, { type: 'leadershipLost', token: this.term, reason: 'steppedDown' });
  }

  leave(): Promise<void> {
    this.log.push('leave');
    return Promise.resolve();
  }

  rejoin(): Promise<NodeInfo> {
    this.log.push('rejoin');
    return Promise.resolve(this.self);
  }

  close(): Promise<void> {
    this.log.push('close');
    return Promise.resolve();
  }
}

export function member(node: NodeInfo, status: Member['status'] = 'up'): Member {
  return { node, status, upSince: 2_000, seen: true };
}

/** Resolves after everything that is already due has run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** In place of `CREATE_CONTROL_PLANE`; each plane that it makes is added. */
export function fakePlanes(planes: FakePlane[]): (config: ControlPlaneConfig) => FakePlane {
  return (config) => {
    const plane = new FakePlane(config);
    planes.push(plane);
    return plane;
  };
}
