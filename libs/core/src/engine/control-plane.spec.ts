import {
  LEADERSHIP_DEFAULTS,
  MEMBERSHIP_DEFAULTS,
  type Address,
  type Incarnation,
  type Member,
  type NodeEvent,
  type NodeInfo,
  type NodeName,
} from '@nest-cluster/protocol';
import { monotonicMs, wallMs } from '../ports/clock.js';
import type { ClusterView } from '../ports/control-plane.js';
import type { ControlPlaneConfig } from './config.js';
import { createControlPlane, SupervisedPlane } from './control-plane.js';
import type { EngineHostOwner, OpenEngineHost } from './engine-host.js';
import type { Command } from './engine-messages.js';
import type { LeaseCell } from './lease-cell.js';
import { MemoryNetwork } from './memory-network.js';

const config: ControlPlaneConfig = {
  name: 'self',
  cluster: 'test',
  host: '127.0.0.1',
  port: 0,
  priority: 0,
  dataPort: 0,
  security: { kind: 'plain' },
  membership: MEMBERSHIP_DEFAULTS,
  leadership: LEADERSHIP_DEFAULTS,
  thread: 'main',
};

function node(name: string, life: number): NodeInfo {
  return {
    name: name as NodeName,
    incarnation: `${name}-${life}` as Incarnation,
    address: `${name}:1` as Address,
    dataPort: 0,
    startedAt: 0,
    priority: 0,
  };
}

const up = (info: NodeInfo): Member => ({ node: info, status: 'up', upSince: 0, seen: true });

function view(self: NodeInfo, others: readonly NodeInfo[] = []): ClusterView {
  const members = [self, ...others].map(up);
  return {
    self,
    state: 'green',
    expected: 2,
    quorum: 2,
    guarantee: 'quorum',
    leader: null,
    members,
    silentVoters: [],
  };
}

/** Engines that do what the test says, and die when it says. */
class Hosts {
  readonly opened: {
    owner: EngineHostOwner;
    cell: LeaseCell;
    port: number;
    commands: Command[];
    hasEnded: boolean;
  }[] = [];
  /** Engines that die instead of listening. */
  stillborn = 0;

  readonly open: OpenEngineHost = ({ port }, cell, owner) => {
    const host = { owner, cell, port, commands: [] as Command[], hasEnded: false };
    const life = this.opened.push(host);
    return {
      post: (command) => {
        host.commands.push(command);
        if (command.type !== 'request') return;
        const { id, kind } = command;
        if (kind === 'listen' && this.stillborn-- > 0) return owner.died(new Error('stillborn'));
        const gets = kind === 'listen' ? { view: view(node('self', life)), port: 4_000 } : undefined;
        if (kind !== 'call') owner.report({ type: 'reply', id, gets });
      },
      end: async () => {
        host.hasEnded = true;
      },
    };
  };

  get last() {
    const host = this.opened.at(-1);
    if (!host) throw new Error('no engine was opened');
    return host;
  }
}

async function joined(hosts: Hosts) {
  const plane = new SupervisedPlane(config, hosts.open);
  await plane.listen();
  const events: NodeEvent[] = [];
  const restarts: { self: NodeInfo; cause: Error }[] = [];
  plane.start({
    event: (event) => events.push(event),
    rejected: () => undefined,
    restarted: (self, cause) => restarts.push({ self, cause }),
  });
  return { plane, events, restarts };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('createControlPlane', () => {
  it('refuses a transport of one’s own in a worker, where it cannot be', () => {
    const { transport } = new MemoryNetwork();
    expect(() => createControlPlane({ ...config, thread: 'worker', transport })).toThrow(
      expect.objectContaining({ code: 'CLUSTER_OPTIONS_INVALID' }),
    );
  });
});

describe('SupervisedPlane', () => {
  it('takes in news, with the view before the events, and asks for more only then', async () => {
    const hosts = new Hosts();
    const { plane, events } = await joined(hosts);
    const other = node('other', 1);
    hosts.last.owner.report({
      type: 'news',
      news: {
        view: view(node('self', 1), [other]),
        events: [{ type: 'nodeUp', node: other }],
        rejections: [],
      },
    });
    expect(plane.view().members).toHaveLength(2);
    expect(events).toEqual([{ type: 'nodeUp', node: other }]);
    expect(hosts.last.commands.at(-1)).toEqual({ type: 'heard' });
    await plane.close();
  });

  it('stops leading and sees nobody when the engine dies, and is back as a new incarnation', async () => {
    const hosts = new Hosts();
    const { plane, events, restarts } = await joined(hosts);
    const first = hosts.last;
    const other = node('other', 1);
    first.cell.set({ until: monotonicMs() + 9_000, wallUntil: wallMs() + 9_000, token: 7 });
    first.owner.report({
      type: 'news',
      news: {
        view: view(node('self', 1), [other]),
        events: [
          { type: 'nodeUp', node: other },
          { type: 'leadershipAcquired', token: 7 },
        ],
        rejections: [],
      },
    });
    expect(plane.token()).toBe(7);
    hosts.stillborn = 2;
    events.length = 0;
    first.owner.died(new Error('out of memory'));

    expect([plane.leadsUntil(), plane.token()]).toEqual([0, 0]);
    expect(events).toEqual([
      { type: 'leadershipLost', token: 7, reason: 'engineFailed' },
      { type: 'nodeDown', node: other, reason: 'failed' },
      { type: 'stateChanged', state: 'red', previous: 'green' },
    ]);
    expect(plane.view()).toMatchObject({ members: [{ status: 'down' }] });

    await until(() => restarts.length === 1);
    expect(restarts).toMatchObject([
      { self: { incarnation: 'self-4' }, cause: { message: 'out of memory' } },
    ]);
    expect(hosts.opened.slice(0, 3).every(({ hasEnded }) => hasEnded)).toBe(true);
    expect(hosts.last.port).toBe(4_000);
    expect(hosts.last.commands.slice(1)).toEqual([
      { type: 'start' },
      { type: 'contacts', addresses: [other.address] },
    ]);
    // What a dead engine still had to say is not believed.
    first.owner.report({ type: 'news', news: { view: view(node('self', 1)), events: [], rejections: [] } });
    expect(plane.view().self.incarnation).toBe('self-4');
    await plane.close();
  });

  it('rejects what still waits when the engine dies or is closed', async () => {
    const hosts = new Hosts();
    const { plane } = await joined(hosts);
    const asked = plane.call('x' as Incarnation, 'topic', 1);
    hosts.last.owner.died(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    await expect(plane.call('x' as Incarnation, 'topic', 1)).rejects.toMatchObject({
      code: 'CLUSTER_NOT_STARTED',
    });
    await plane.close();
  });

  it('rejects listen when the engine cannot listen, and may be closed then', async () => {
    const hosts = new Hosts();
    hosts.stillborn = 1;
    const plane = new SupervisedPlane(config, hosts.open);
    await expect(plane.listen()).rejects.toThrow('stillborn');
    await plane.close();
    expect(hosts.last.hasEnded).toBe(true);
  });

  it('answers calls by topic, with an error where nobody does', async () => {
    const hosts = new Hosts();
    const { plane } = await joined(hosts);
    plane.answer('sum', (body) => (Array.isArray(body) ? body.length : 0));
    plane.answer('boom', () => {
      throw new Error('no');
    });
    const from = node('other', 1);
    for (const [key, topic] of ['sum', 'boom', 'none'].entries()) {
      hosts.last.owner.report({ type: 'ask', key, from, topic, body: [1, 2] });
    }
    const answers = () => hosts.last.commands.filter(({ type }) => type === 'answer');
    await until(() => answers().length === 3);
    expect(answers()).toMatchObject([
      { key: 0, answer: { ok: true, body: 2 } },
      { key: 1, answer: { ok: false, error: 'no' } },
      { key: 2, answer: { ok: false } },
    ]);
    await plane.close();
  });

  it('starts no engine any more once it is closed', async () => {
    const hosts = new Hosts();
    const { plane } = await joined(hosts);
    jest.useFakeTimers();
    try {
      hosts.last.owner.died(new Error('gone'));
      expect(jest.getTimerCount()).toBe(1);
      await plane.close();
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});
