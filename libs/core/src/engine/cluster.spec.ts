/**
 * Whole control planes on one thread: machines, engines and planes, over a network in memory and over real links.
 */
import {
  LEADERSHIP_DEFAULTS,
  MEMBERSHIP_DEFAULTS,
  type Incarnation,
  type NodeEvent,
  type NodeInfo,
} from '@nest-cluster/protocol';
import { monotonicMs } from '../ports/clock.js';
import type { ControlPlane } from '../ports/control-plane.js';
import type { ControlPlaneConfig } from './config.js';
import { createControlPlane } from './control-plane.js';
import { MemoryNetwork } from './memory-network.js';
import { createQuorumLeadership, type QuorumLeadership } from './quorum-leadership.js';

class Node {
  readonly events: NodeEvent[] = [];
  readonly restarts: NodeInfo[] = [];
  readonly leadership: QuorumLeadership;

  private constructor(
    readonly plane: ControlPlane,
    public self: NodeInfo,
  ) {
    this.leadership = createQuorumLeadership(plane);
  }

  static async start(config: ControlPlaneConfig): Promise<Node> {
    const plane = createControlPlane(config);
    const node = new Node(plane, await plane.listen());
    plane.start({
      event: (event) => {
        node.events.push(event);
        node.leadership.event(event);
        // There is no leader work here, so that it has ended as soon as the term has.
        if (event.type === 'leadershipLost') plane.workEnded(event.token);
      },
      rejected: () => undefined,
      restarted: (self) => node.restarts.push(self),
    });
    return node;
  }

  get leads(): boolean {
    return this.plane.leadsUntil() > monotonicMs();
  }

  of(type: NodeEvent['type']): NodeEvent[] {
    return this.events.filter((event) => event.type === type);
  }
}

async function until(what: string, holds: () => boolean, patienceMs = 15_000): Promise<void> {
  const end = monotonicMs() + patienceMs;
  while (!holds()) {
    if (monotonicMs() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.each(['memory', 'TCP with TLS-PSK'])('three control planes over %s', (network) => {
  let nodes: Node[] = [];

  beforeEach(async () => {
    const links: Pick<ControlPlaneConfig, 'security' | 'transport'> =
      network === 'memory'
        ? { security: { kind: 'plain' }, transport: new MemoryNetwork().transport }
        : { security: { kind: 'psk', secrets: ['a secret of more than sixteen characters'] } };
    const base: Omit<ControlPlaneConfig, 'name'> = {
      cluster: 'test',
      host: '127.0.0.1',
      port: 0,
      priority: 0,
      dataPort: 0,
      size: 3,
      membership: MEMBERSHIP_DEFAULTS,
      leadership: LEADERSHIP_DEFAULTS,
      thread: 'main',
      ...links,
    };
    nodes = await Promise.all(['a', 'b', 'c'].map((name) => Node.start({ ...base, name })));
    const contacts = nodes.map(({ self }) => self.address);
    for (const { plane } of nodes) plane.contacts(contacts);
    await until('all are green', () => nodes.every(({ plane }) => plane.view().state === 'green'));
    await until('all know a leader', () => nodes.every(({ plane }) => plane.view().leader !== null));
  });

  afterEach(async () => {
    await Promise.all(nodes.map(({ plane }) => plane.close()));
  });

  const leader = () => nodes.find(({ leads }) => leads);
  const followers = () => nodes.filter(({ leads }) => !leads);

  it('see each other, and agree on one leader', () => {
    expect(nodes.filter(({ leads }) => leads)).toHaveLength(1);
    for (const { plane, events } of nodes) {
      expect(plane.view().leader?.node.name).toBe(leader()?.self.name);
      expect(plane.view().members.map(({ node, status }) => `${node.name} ${status}`)).toEqual([
        'a up',
        'b up',
        'c up',
      ]);
      expect(events.filter(({ type }) => type === 'nodeDown')).toEqual([]);
    }
  });

  it('hand leadership over on request, and never lead two at once (L6)', async () => {
    const before = leader();
    const token = before?.plane.token() ?? NaN;
    before?.leadership.stepDown();
    expect(before?.leads).toBe(false);
    await until('another leads', () => leader() !== undefined && leader() !== before);
    expect(leader()?.plane.token()).toBeGreaterThan(token);
  });

  it('answer each other’s calls', async () => {
    const [a, b] = nodes as [Node, Node];
    b.plane.answer('greet', (body, from) => `${String(body)} ${from.name}`);
    await expect(a.plane.call(b.self.incarnation, 'greet', 'hello')).resolves.toBe('hello a');
    await expect(a.plane.call(b.self.incarnation, 'none', 1)).rejects.toMatchObject({
      code: 'CLUSTER_CALL_FAILED',
    });
    await expect(a.plane.call('f'.repeat(32) as Incarnation, 'greet', 1)).rejects.toMatchObject({
      code: 'CLUSTER_NODE_UNKNOWN',
    });
  });

  it('part with one that leaves, and meet it again as another incarnation (M1, M5)', async () => {
    const [a] = nodes as [Node];
    const first = a.self.incarnation;
    await a.plane.leave();
    const others = nodes.slice(1);
    await until('the others saw it leave', () =>
      others.every(({ events }) =>
        events.some((event) => event.type === 'nodeDown' && event.reason === 'left'),
      ),
    );
    expect(a.plane.view()).toMatchObject({ state: 'red', members: [{ status: 'left' }] });
    expect(a.of('nodeDown')).toHaveLength(2);
    const self = await a.plane.rejoin();
    expect(self.incarnation).not.toBe(first);
    await until('all are green again', () => nodes.every(({ plane }) => plane.view().state === 'green'));
    for (const { events } of others) {
      const lives = events.flatMap((event) =>
        (event.type === 'nodeUp' || event.type === 'nodeDown') && event.node.name === 'a'
          ? [`${event.type} ${event.node.incarnation}`]
          : [],
      );
      expect(lives).toEqual([`nodeUp ${first}`, `nodeDown ${first}`, `nodeUp ${self.incarnation}`]);
    }
  });

  it('go on without one that is closed without a word', async () => {
    const gone = leader();
    await gone?.plane.close();
    const rest = nodes.filter((node) => node !== gone);
    await until('it is down', () => rest.every((node) => node.of('nodeDown').length === 1));
    await until('another leads', () => rest.some(({ leads }) => leads));
    expect(gone?.leads).toBe(false);
  });

  it('measure their probes, once', async () => {
    const [a] = nodes as [Node];
    await new Promise<void>((resolve) => {
      const look = async () => {
        const { probeSeconds, transport } = await a.plane.counters();
        if (probeSeconds.length === 0) return void setTimeout(() => void look(), 20);
        expect(Math.max(...probeSeconds)).toBeLessThan(5);
        expect(transport.links).toHaveLength(2);
        resolve();
      };
      void look();
    });
    expect(followers()).toHaveLength(2);
  });
});
