import type { Member } from '../event.js';
import type { Address, Incarnation, NodeName, NodeStatus } from '../node.js';
import { ObservedElectorate, SizedElectorate } from './electorate.js';

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

const all = (names: string, status: NodeStatus = 'up') => names.split('').map((name) => member(name, status));

describe('SizedElectorate', () => {
  it('L5: falls back when the nodes above the size said goodbye, and their votes are over', () => {
    const electorate = new SizedElectorate(3, OUTLAST_MS);
    electorate.observe(all('abcde'), 0);
    electorate.observe([...all('abc'), ...all('de', 'left')], 1);
    expect(electorate.quorum).toBe(3);
    electorate.observe([...all('abc'), ...all('de', 'left')], 1 + OUTLAST_MS);
    expect(electorate.quorum).toBe(2);
  });

  it('L1: goodbyes on one side of a partition take no vote from the other', () => {
    const electorate = new SizedElectorate(3, OUTLAST_MS);
    electorate.observe(all('abcde'), 0);
    // The other three are out of sight, and any three make a quorum of five.
    const others = all('cde', 'down');
    let now = 1;
    electorate.observe([...all('ab'), ...others], now);
    for (let life = 1; life < 5; life++) {
      electorate.observe([member('a', 'left', life), member('b'), ...others], ++now);
      electorate.observe(
        [member('a', 'left', life), member('a', 'up', life + 1), member('b'), ...others],
        ++now,
      );
      now += OUTLAST_MS;
      electorate.observe(
        [member('a', 'left', life), member('a', 'up', life + 1), member('b'), ...others],
        now,
      );
      expect(electorate.quorum).toBe(3);
    }
  });

  it('L1: more fresh voters than the size are not everybody: there may be yet another, who leads', () => {
    const seats = (names: string) => new Set(names);
    const electorate = new SizedElectorate(3, OUTLAST_MS);
    electorate.observe(all('abc'), 0);
    expect([electorate.isEverybody(seats('ab')), electorate.isEverybody(seats('abc'))]).toEqual([
      false,
      true,
    ]);
    electorate.observe(all('abcd'), 1);
    expect(electorate.isEverybody(seats('abcd'))).toBe(false);
  });

  it('L5: a name that failed, came back and then said goodbye is not waited for', () => {
    const electorate = new SizedElectorate(3, OUTLAST_MS);
    electorate.observe(all('abcd'), 0);
    electorate.observe([...all('abc'), member('d', 'down')], 1);
    electorate.observe([...all('abc'), member('d', 'down'), member('d', 'up', 2)], 2);
    electorate.observe([...all('abc'), member('d', 'down'), member('d', 'left', 2)], 3);
    electorate.observe([...all('abc'), member('d', 'down'), member('d', 'left', 2)], 3 + OUTLAST_MS);
    expect(electorate.quorum).toBe(2);
  });
});

describe('ObservedElectorate', () => {
  const STABLE_MS = 3_000;

  function stable(names: string): ObservedElectorate {
    const electorate = new ObservedElectorate(0, STABLE_MS);
    electorate.observe(all(names), 0);
    electorate.observe(all(names), STABLE_MS);
    return electorate;
  }

  it.each([
    ['ab', 'a', 'b'],
    ['abcd', 'a', 'bcd'],
  ])('L5: of %s, %s goes on alone when the others said goodbye', (whole, rest, gone) => {
    const electorate = stable(whole);
    const left = [...all(rest), ...all(gone, 'left')];
    electorate.observe(left, 4_000);
    expect(electorate.quorum).toBeGreaterThan(1);
    electorate.observe(left, 4_000 + STABLE_MS);
    expect([electorate.expected, electorate.quorum]).toEqual([1, 1]);
  });

  it('L5: half of a stable view is no quorum, whoever comes and goes there', () => {
    const electorate = stable('abcd');
    const others = all('cd', 'down');
    electorate.observe([...all('ab'), ...others], 4_000);
    electorate.observe([member('a', 'left'), member('b'), ...others], 5_000);
    electorate.observe([member('a', 'left'), member('a', 'up', 2), member('b'), ...others], 6_000);
    electorate.observe([member('a', 'left'), member('a', 'up', 2), member('b'), ...others], 20_000);
    expect(electorate.quorum).toBe(3);
  });
});
