import type { Member } from '../event.js';
import type { Roll } from '../message.js';
import type { Address, Incarnation, NodeName, NodeStatus } from '../node.js';
import { Attendance } from './attendance.js';
import type { Electorate } from './electorate.js';
import { SizedElectorate } from './sized-electorate.js';

const OUTLAST_MS = 2_041;

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

function sized(names: string) {
  const electorate = watching(new SizedElectorate(3, OUTLAST_MS));
  electorate.see(all(names), 0);
  return electorate;
}

/** The holder of this term asks once more, and a quorum accepts. */
function renew(holder: SizedElectorate, term: number, now: number, ...followers: SizedElectorate[]): Roll {
  holder.amend(term, now);
  const { roll } = holder;
  if (!roll) throw new Error('there is no roll');
  for (const follower of followers) expect(follower.admits(roll)).toBe(true);
  holder.granted(roll);
  return roll;
}

describe('SizedElectorate', () => {
  it('L5: more nodes than the size raise the quorum at once', () => {
    const electorate = sized('abcde');
    expect([electorate.expected, electorate.quorum]).toEqual([5, 3]);
  });

  it('L5: falls back when the nodes above the size said goodbye, and their votes are over', () => {
    const electorate = sized('abcde');
    electorate.see([...all('abc'), ...all('de', 'left')], 1);
    expect(electorate.quorum).toBe(3);
    electorate.see([], OUTLAST_MS);
    expect(electorate.quorum).toBe(3);
    electorate.see([], 1 + OUTLAST_MS);
    expect(electorate.quorum).toBe(2);
  });

  it('L5: the leader strikes off a dead node, and the quorum falls once a quorum has taken that over', () => {
    const [a, b, c] = [sized('abcd'), sized('abcd'), sized('abcd')];
    for (const electorate of [a, b, c]) electorate.see([member('d', 'down')], 1);
    renew(a, 7, 2, b, c);
    a.amend(7, 1 + OUTLAST_MS);
    // Struck off, and not granted yet: as many votes as before.
    expect([a.expected, a.quorum]).toEqual([3, 3]);
    renew(a, 7, 2 + OUTLAST_MS, b, c);
    expect([a, b, c].map(({ expected, quorum }) => [expected, quorum])).toEqual([
      [3, 2],
      [3, 2],
      [3, 2],
    ]);
  });

  it('L5: does not strike off the next one before a quorum holds the last step', () => {
    const a = sized('abcde');
    a.see(all('de', 'down'), 1);
    renew(a, 7, 2);
    for (let ask = 0; ask < 3; ask++) a.amend(7, 2 + OUTLAST_MS);
    expect(a.roll?.out).toEqual(['d1']);
    a.granted(a.roll);
    a.amend(7, 3 + OUTLAST_MS);
    expect(a.roll?.out).toEqual(['d1', 'e1']);
  });

  it('L1: who holds the newer roll does not vote for an older one, and says what it holds', () => {
    const [a, b, d] = [sized('abcd'), sized('abcd'), sized('abcd')];
    for (const electorate of [a, b]) electorate.see([member('d', 'down')], 1);
    renew(a, 7, 2, b);
    renew(a, 7, 2 + OUTLAST_MS, b);
    expect(b.admits(d.roll)).toBe(false);
    expect(b.answer()).toMatchObject({ term: 7, step: 1, nodes: 3, out: ['d1'] });
  });

  it('L1: a struck off node that is back has no vote before the leader takes it in again', () => {
    const [a, b] = [sized('abcd'), sized('abcd')];
    for (const electorate of [a, b]) electorate.see([member('d', 'down')], 1);
    renew(a, 7, 2, b);
    renew(a, 7, 2 + OUTLAST_MS, b);
    for (const electorate of [a, b]) electorate.see([member('d')], 5_000);
    expect([b.seat(member('d').node), b.expected]).toEqual([undefined, 3]);
    renew(a, 7, 5_001, b);
    expect([b.seat(member('d').node), b.expected, b.quorum]).toEqual(['d', 4, 3]);
  });

  it('L1: a side that is cut off counts a restarted node beside the one whose place it took', () => {
    const d = sized('abcde');
    d.see(all('abc', 'down'), 1);
    d.see([member('c', 'up', 2)], 2);
    expect(d.quorum).toBe(4);
  });

  it('L1: goodbyes on one side of a partition take no vote from the other', () => {
    const electorate = sized('abcde');
    // The other three are out of sight, and any three make a quorum of five.
    electorate.see(all('cde', 'down'), 1);
    let now = 1;
    for (let life = 1; life < 5; life++) {
      electorate.see([member('a', 'left', life)], ++now);
      electorate.see([member('a', 'up', life + 1)], ++now);
      expect(electorate.quorum).toBeGreaterThanOrEqual(3);
      now += OUTLAST_MS;
      electorate.see([], now);
      expect(electorate.quorum).toBe(3);
    }
  });

  it('L1: where more were up than the size, nobody knows how many voters there are', () => {
    expect([sized('abc').everybody, sized('abcd').everybody]).toEqual([3, Infinity]);
  });

  it('W7: where all others were struck off by a lie, a vote of all in sight takes them in again', () => {
    const rolls = { a: ['b1', 'c1'], b: ['a1', 'c1'], c: ['a1', 'b1'] };
    const [a, b, c] = Object.values(rolls).map((lie, index) => {
      const electorate = sized('abcd');
      const out = lie as Incarnation[];
      expect(electorate.admits({ term: index, step: 1, nodes: 3, out, absent: [], appeal: false })).toBe(
        true,
      );
      electorate.see([member('d', 'down')], 1);
      return electorate;
    });
    if (!a || !b || !c) throw new Error('nobody is there');
    // Not before nobody has led for long.
    expect([a.quorum, a.seat(member('b').node), b.admits(a.roll)]).toEqual([2, undefined, false]);
    for (const electorate of [a, b, c]) electorate.leaderless(true);
    expect([a.quorum, a.seat(member('b').node), b.admits(a.roll), c.admits(a.roll)]).toEqual([
      3,
      'b',
      true,
      true,
    ]);
    renew(a, 7, 2, b, c);
    for (const electorate of [a, b, c]) electorate.leaderless(false);
    expect(b.quorum).toBe(Infinity);
    renew(a, 7, 3, b, c);
    expect([a, b, c].map(({ quorum }) => quorum)).toEqual([3, 3, 3]);
  });

  it('L1: nobody appeals where those out of sight could be a quorum of the size', () => {
    const a = sized('abcde');
    const out = ['b1', 'c1'] as Incarnation[];
    a.admits({ term: 1, step: 1, nodes: 3, out, absent: [], appeal: false });
    a.see(all('cde', 'down'), 1);
    a.leaderless(true);
    expect([a.seat(member('b').node), a.roll?.appeal]).toEqual([undefined, false]);
  });

  it('W7: a count that one node tells is forgotten with it, and is never passed on', () => {
    const b = sized('abc');
    b.turnedDown(
      { term: 0, step: 0, nodes: 1_000, out: [], absent: [], appeal: false },
      'c1' as Incarnation,
      1,
    );
    expect([b.expected, b.answer()?.nodes]).toEqual([1_000, 3]);
    b.see([member('c', 'down')], 2);
    expect(b.expected).toBe(3);
    b.turnedDown(
      { term: 0, step: 0, nodes: 1_000, out: [], absent: [], appeal: false },
      'a1' as Incarnation,
      3,
    );
    b.see([], 10_003);
    expect(b.expected).toBe(3);
  });

  it('L5: a leader that never saw the surplus strikes off those that voters miss', () => {
    const [a, late] = [sized('abcd'), sized('abc')];
    a.see([member('d', 'down')], 1);
    expect(a.admits(late.roll)).toBe(false);
    const answer = a.answer();
    if (!answer) throw new Error('nothing is missed');
    late.turnedDown(answer, 'a1' as Incarnation, 2);
    expect(late.quorum).toBe(3);
    renew(late, 7, 3, a);
    renew(late, 7, 4, a);
    late.see([], 10_002);
    expect([late.quorum, a.quorum]).toEqual([2, 2]);
  });
});
