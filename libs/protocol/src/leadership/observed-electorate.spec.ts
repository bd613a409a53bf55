import type { Member } from '../event.js';
import type { Address, Incarnation, NodeName, NodeStatus } from '../node.js';
import { Attendance } from './attendance.js';
import { ObservedElectorate, type Electorate } from './electorate.js';

function member(name: string, status: NodeStatus = 'up', life = 1): Member {
  const incarnation = `${name}${life}` as Incarnation;
  const node = {
    name: name as NodeName,
    incarnation,
    address: `${name}:1` as Address,
    dataPort: 0,
    startedAt: life,
    priority: 0,
  };
  return { node, status, upSince: 1, seen: true };
}

/** Shows it one view after the other, as leadership does. */
function watching<Kind extends Electorate>(electorate: Kind) {
  let seen: readonly Member[] = [];
  const attendance = new Attendance(() => seen);
  const see = (members: readonly Member[], now: number) => {
    seen = members;
    electorate.observe(attendance.take(members), now);
  };
  return Object.assign(electorate, { see });
}

const all = (names: string, status: NodeStatus = 'up') => names.split('').map((name) => member(name, status));

describe('ObservedElectorate', () => {
  const STABLE_MS = 3_000;

  function stable(names: string) {
    const electorate = watching(new ObservedElectorate(0, STABLE_MS));
    electorate.see(all(names), 0);
    electorate.see(all(names), STABLE_MS);
    return electorate;
  }

  it.each([
    ['ab', 'a', 'b'],
    ['abcd', 'a', 'bcd'],
  ])('L5: of %s, %s goes on alone when the others said goodbye', (whole, rest, gone) => {
    const electorate = stable(whole);
    const left = [...all(rest), ...all(gone, 'left')];
    electorate.see(left, 4_000);
    expect(electorate.quorum).toBeGreaterThan(1);
    electorate.see(left, 4_000 + STABLE_MS);
    expect([electorate.expected, electorate.quorum]).toEqual([1, 1]);
  });

  it('L5: half of a stable view is no quorum, whoever comes and goes there', () => {
    const electorate = stable('abcd');
    const others = all('cd', 'down');
    electorate.see([...all('ab'), ...others], 4_000);
    electorate.see([member('a', 'left'), member('b'), ...others], 5_000);
    electorate.see([member('a', 'left'), member('a', 'up', 2), member('b'), ...others], 6_000);
    electorate.see([member('a', 'left'), member('a', 'up', 2), member('b'), ...others], 20_000);
    expect(electorate.quorum).toBe(3);
  });
});
