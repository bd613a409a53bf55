import type { Address, Incarnation, Member, NodeEvent, NodeInfo, NodeName } from '@nest-cluster/protocol';
import type { ClusterView } from '../ports/control-plane.js';
import { Outbox } from './outbox.js';

function node(name: string, life = 1): NodeInfo {
  return {
    name: name as NodeName,
    incarnation: `${name}-${life}` as Incarnation,
    address: `${name}:1` as Address,
    dataPort: 0,
    startedAt: life,
    priority: 0,
  };
}

function member(name: string, status: Member['status'] = 'up', life = 1): Member {
  return { node: node(name, life), status, upSince: 0, seen: true };
}

function view(others: readonly Member[], rest: Partial<ClusterView> = {}): ClusterView {
  return {
    self: node('self'),
    state: 'green',
    expected: 3,
    quorum: 2,
    guarantee: 'quorum',
    leader: null,
    members: [member('self'), ...others],
    silentVoters: [],
    ...rest,
  };
}

const up = (name: string): NodeEvent => ({ type: 'nodeUp', node: node(name) });
const down = (name: string): NodeEvent => ({ type: 'nodeDown', node: node(name), reason: 'failed' });
const told = (events: readonly NodeEvent[]) =>
  events.map((event) => ('node' in event ? `${event.type} ${event.node.incarnation}` : event.type));

describe('Outbox', () => {
  it('hands events over once, in order', () => {
    const outbox = new Outbox(view([]));
    outbox.add(up('a'));
    outbox.add(down('a'));
    expect(told(outbox.take(view([])))).toEqual(['nodeUp a-1', 'nodeDown a-1']);
    expect(outbox.take(view([]))).toEqual([]);
  });

  it('gives way to the difference of views when too much waits, so that up and down alternate (M1)', () => {
    const outbox = new Outbox(view([member('a'), member('b'), member('c', 'down')]), 4);
    for (let flap = 0; flap < 100; flap++) {
      outbox.add(down('a'));
      outbox.add(up('a'));
    }
    outbox.add(down('b'));
    const later = view([member('a'), member('b', 'left'), member('c', 'up', 2), member('d', 'suspect')], {
      state: 'yellow',
    });
    expect(told(outbox.take(later))).toEqual([
      'nodeDown b-1',
      'nodeUp c-2',
      'nodeUp d-1',
      'nodeChanged',
      'stateChanged',
    ]);
    outbox.add(down('d'));
    expect(told(outbox.take(later))).toEqual(['nodeDown d-1']);
  });

  it('tells a restart that went by unseen as down and up (M1)', () => {
    const outbox = new Outbox(view([member('a')]), 0);
    outbox.add(down('a'));
    expect(told(outbox.take(view([member('a', 'down'), member('a', 'up', 2)])))).toEqual([
      'nodeDown a-1',
      'nodeUp a-2',
    ]);
  });

  it('keeps terms alternating over the gap: lost before the next is acquired', () => {
    const outbox = new Outbox(view([]), 1);
    outbox.add({ type: 'leadershipAcquired', token: 1 });
    outbox.take(view([]));
    outbox.add({ type: 'leadershipLost', token: 1, reason: 'refused' });
    outbox.add({ type: 'leadershipAcquired', token: 2 });
    outbox.add({ type: 'leadershipLost', token: 2, reason: 'refused' });
    outbox.add({ type: 'leadershipAcquired', token: 3 });
    expect(outbox.take(view([]))).toEqual([
      { type: 'leadershipLost', token: 1, reason: 'expired' },
      { type: 'leadershipAcquired', token: 3 },
    ]);
  });
});
