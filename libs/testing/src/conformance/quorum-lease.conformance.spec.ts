import {
  createControlPlane,
  createQuorumLeadership,
  DEFAULTS,
  MemoryNetwork,
  type ControlPlane,
  type LeadershipListener,
  type LeadershipProvider,
  type LeadershipSelf,
  type QuorumLeadership,
} from '@nest-cluster/core';
import { leadershipConformance } from './leadership-conformance.js';

const LEASE_MS = 800;

/** The nodes' own votes, as an application has them: a control plane for each life, over a network in memory. */
class OwnVotes implements LeadershipProvider {
  readonly name = 'quorum-lease';
  plane: ControlPlane | undefined;
  private lease: QuorumLeadership | undefined;

  constructor(
    private readonly town: Town,
    readonly nodeName: string,
    readonly host: string,
    private readonly isCandidate: boolean,
  ) {}

  get guarantee() {
    return this.lease?.guarantee ?? 'best-effort';
  }

  async start(self: LeadershipSelf, listener: LeadershipListener): Promise<void> {
    const plane = createControlPlane({
      name: this.nodeName,
      cluster: self.cluster,
      host: this.host,
      port: 0,
      priority: 0,
      dataPort: 0,
      size: 5,
      security: { kind: 'plain' },
      membership: DEFAULTS.membership,
      leadership: {
        ...DEFAULTS.leadership,
        leaseMs: LEASE_MS,
        renewMs: 150,
        stallMs: 400,
        candidate: this.isCandidate,
      },
      thread: 'main',
      transport: this.town.network.transport,
    });
    const lease = createQuorumLeadership(plane);
    const { address } = await plane.listen();
    plane.start({
      event: (event) => lease.event(event),
      rejected: () => undefined,
      restarted: () => undefined,
    });
    [this.plane, this.lease] = [plane, lease];
    await lease.start(self, listener);
    plane.contacts(this.town.addresses);
    this.town.addresses.push(address);
  }

  leadsUntil(): number {
    return this.lease?.leadsUntil() ?? 0;
  }

  token(): number {
    return this.lease?.token() ?? 0;
  }

  leader() {
    return this.lease?.leader() ?? null;
  }

  stepDown(): void {
    this.lease?.stepDown();
  }

  workEnded(token: number): void {
    this.lease?.workEnded(token);
  }

  async stop(): Promise<void> {
    const { plane, lease } = this;
    this.plane = undefined;
    await plane?.leave();
    await lease?.stop();
    await plane?.close();
    this.lease = undefined;
  }
}

/** Two voters that never lead, so that one candidate alone has a quorum of five. */
class Town {
  readonly network = new MemoryNetwork();
  readonly addresses: Parameters<ControlPlane['contacts']>[0][number][] = [];
  readonly hosts: string[] = [];
  private readonly others: OwnVotes[] = [];

  node(nodeName: string, isCandidate = true): OwnVotes {
    const host = `10.0.0.${this.hosts.length + 1}`;
    this.hosts.push(host);
    return new OwnVotes(this, nodeName, host, isCandidate);
  }

  async open(): Promise<this> {
    const listener = { acquired: () => undefined, lost: () => undefined, leaderChanged: () => undefined };
    for (const name of ['voter-1', 'voter-2']) {
      const voter = this.node(name, false);
      this.others.push(voter);
      await voter.start(
        { cluster: 'conformance', name, incarnation: '', candidate: true, priority: 0, rank: () => 0 },
        listener,
      );
    }
    return this;
  }

  async close(): Promise<void> {
    for (const voter of this.others) await voter.stop();
  }
}

leadershipConformance("the nodes' own votes", async () => {
  const town = await new Town().open();
  return {
    leaseMs: LEASE_MS,
    candidate: (nodeName) => town.node(nodeName),
    cut: (candidate) => {
      if (!(candidate instanceof OwnVotes)) return;
      for (const host of town.hosts) if (host !== candidate.host) town.network.cut(host, candidate.host);
    },
    close: () => town.close(),
  };
});
