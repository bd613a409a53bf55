import type { Member } from '../event.js';
import type { Address, Incarnation, NodeName, NodeStatus } from '../node.js';
import { arrivals, Attendance, departures, farewells } from './attendance.js';

function member(name: string, status: NodeStatus = 'up'): Member {
  const node = {
    name: name as NodeName,
    incarnation: `${name}1` as Incarnation,
    address: `${name}:1` as Address,
    dataPort: 0,
    startedAt: 1,
    priority: 0,
  };
  return { node, status, upSince: 1, seen: true };
}

const names = (members: readonly Member[]) => members.map(({ node }) => node.name);

describe('Attendance', () => {
  let all: Member[];
  let attendance: Attendance;

  /** These members are like this from now on. */
  function show(...changed: Member[]) {
    for (const is of changed) {
      all = [...all.filter(({ node }) => node.name !== is.node.name), is];
    }
    all.sort((one, other) => (one.node.name < other.node.name ? -1 : 1));
    return attendance.take(changed);
  }

  beforeEach(() => {
    all = [];
    attendance = new Attendance(() => all);
  });

  it('tells who came and who went, each once', () => {
    expect(names(arrivals(show(member('b'), member('a'))))).toEqual(['b', 'a']);
    expect(arrivals(show(member('a', 'suspect'), member('b', 'degraded')))).toEqual([]);
    const view = show(member('a', 'down'), member('b', 'left'));
    expect([names(departures(view)), names(farewells(view)), view.upCount]).toEqual([['a', 'b'], ['b'], 0]);
    expect(departures(show(member('a', 'down')))).toEqual([]);
    expect(names(arrivals(show(member('a'))))).toEqual(['a']);
  });

  it('knows what a member was before', () => {
    show(member('a'));
    const [change] = show(member('a', 'degraded')).changes;
    expect([change?.was?.status, change?.is.status]).toEqual(['up', 'degraded']);
    expect(show(member('b', 'left')).changes[0]?.was).toBeUndefined();
  });

  it('counts and lists those that are up, in order of name', () => {
    show(member('c'), member('a'), member('b', 'down'));
    expect([attendance.view.upCount, names(attendance.present())]).toEqual([2, ['a', 'c']]);
    expect(attendance.view.changes).toEqual([]);
    expect([attendance.has('b1' as Incarnation), attendance.get('c1' as Incarnation)?.node.name]).toEqual([
      false,
      'c',
    ]);
  });
});
