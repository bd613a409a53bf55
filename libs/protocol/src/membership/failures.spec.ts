/** M2, M3 and M4: who is gone, and who only seems to be. */
import type { Dweller } from './dweller.fixture.js';
import { Town } from './town.fixture.js';

describe('M2: a crash is known within milliseconds', () => {
  it.each([2, 3, 5, 10])('among %i nodes', (count) => {
    for (let seed = 1; seed <= 10; seed++) {
      const town = new Town({ seed });
      const nodes = town.settle(count);
      const victim = nodes[seed % count] as Dweller;
      const others = nodes.filter((node) => node !== victim);
      town.kill(victim);
      const took = town.until(() => others.every((node) => node.status(victim) === 'down'), 1_000);
      expect(took).toBeLessThan(count === 2 ? 40 : 20);
      for (const node of others) expect(node.comings()).toEqual([`down ${victim.name} failed`]);
    }
  });

  it('of several at once', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const town = new Town({ seed });
      const nodes = town.settle(6);
      const victims = nodes.slice(0, 4);
      for (const victim of victims) town.kill(victim);
      const others = nodes.slice(4);
      const took = town.until(() => others.every((node) => node.up().length === 2), 1_000);
      expect(took).toBeLessThan(60);
    }
  });

  it('does not believe a closed link: both ends live, so nobody is down', () => {
    const town = new Town();
    const nodes = town.settle(3);
    const [a, b] = nodes as [Dweller, Dweller];
    a.links.delete(b);
    b.links.delete(a);
    town.give(a, { type: 'linkClosed', incarnation: b.info.incarnation });
    town.give(b, { type: 'linkClosed', incarnation: a.info.incarnation });
    town.run(10_000);
    expect(a.links.has(b)).toBe(true);
    for (const node of nodes) expect(node.comings()).toEqual([]);
  });
});

describe('M3: silence is found within 5 s', () => {
  it.each([2, 3, 5, 10])('of one host among %i', (count) => {
    for (let seed = 1; seed <= 12; seed++) {
      const town = new Town({ seed });
      const nodes = town.settle(count);
      const victim = nodes[seed % count] as Dweller;
      const others = nodes.filter((node) => node !== victim);
      town.run(seed * 37);
      town.vanish(victim);
      const took = town.until(() => others.every((node) => node.status(victim) === 'down'), 8_000);
      expect(took).toBeLessThan(5_000);
      for (const node of others) expect(node.comings()).toEqual([`down ${victim.name} failed`]);
    }
  });

  it.each([
    [4, 2],
    [3, 1],
    [10, 5],
    [10, 1],
    [9, 3],
  ])('when %i nodes are cut off from %i of them', (count, apart) => {
    for (let seed = 1; seed <= 8; seed++) {
      const town = new Town({ seed });
      const nodes = town.settle(count);
      const here = nodes.slice(apart);
      const there = nodes.slice(0, apart);
      town.run(seed * 41);
      town.cut(here, there);
      const took = town.until(
        () =>
          here.every((node) => node.up().length === here.length) &&
          there.every((node) => node.up().length === apart),
        9_000,
      );
      expect(took).toBeLessThan(5_000);
    }
  });
});

describe('M4: no false alarm', () => {
  it('with a tenth of all packets lost, over ten minutes', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const town = new Town({ seed });
      const nodes = town.settle(5);
      town.loss = 0.1;
      town.run(600_000);
      for (const node of nodes) expect(node.comings()).toEqual([]);
    }
  });

  it('with frames that are lost for good, repeated and out of order', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const town = new Town({ seed, datagrams: true });
      const nodes = town.settle(5);
      town.loss = 0.1;
      town.run(600_000);
      for (const node of nodes) expect(node.comings()).toEqual([]);
    }
  });

  it('shows a node degraded while its application makes no progress, and well again after', () => {
    const town = new Town();
    const nodes = town.settle(3);
    const [a] = nodes as [Dweller];
    town.give(a, { type: 'mainThread', lagMs: 400 });
    town.run(1_000);
    for (const node of nodes) expect(node.status(a)).toBe('up');
    town.give(a, { type: 'mainThread', lagMs: 1_200 });
    town.until(() => nodes.every((node) => node.status(a) === 'degraded'), 100);
    town.run(10_000);
    town.give(a, { type: 'mainThread', lagMs: 20 });
    town.until(() => nodes.every((node) => node.status(a) === 'up'), 100);
    for (const node of nodes) {
      expect(node.comings()).toEqual([]);
      expect(node.heard('nodeChanged')).toHaveLength(2);
    }
  });

  it('keeps a member that one node cannot reach while others can', () => {
    const town = new Town();
    const nodes = town.settle(4);
    const [a, b] = nodes as [Dweller, Dweller];
    town.cut([a], [b]);
    town.run(30_000);
    for (const node of nodes) expect(node.comings()).toEqual([]);
    expect(a.machine.members().find(({ node }) => node.name === 'b')?.seen).toBe(false);
    town.heal();
    town.run(30_000);
    expect(a.machine.members().find(({ node }) => node.name === 'b')).toMatchObject({
      seen: true,
      status: 'up',
    });
  });

  it('lets one sick node neither have others declared dead nor harm their view', () => {
    const town = new Town();
    const nodes = town.settle(5);
    const [sick, ...well] = nodes as [Dweller, ...Dweller[]];
    for (let round = 0; round < 40; round++) {
      town.pause(sick, 900);
      town.run(1_000);
    }
    for (const node of well)
      expect(node.comings().filter((coming) => !coming.endsWith('a failed') && coming !== 'up a')).toEqual(
        [],
      );
    expect(sick.comings()).toEqual([]);
  });
});
