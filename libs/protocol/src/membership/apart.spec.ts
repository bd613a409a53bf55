/** T2, T3, D2 and P1: pauses, jumps of the clock, partitions, and what follows when they end. */
import { expectAlternation, type Dweller } from './dweller.fixture.js';
import { Town } from './town.fixture.js';

const names = (nodes: readonly Dweller[]) => nodes.map(({ name }) => name).sort();

describe('T2 and T3: time', () => {
  it('T3: judges nobody after a pause of its own before it read what others said', () => {
    for (const pauseMs of [400, 1_000, 3_000, 20_000]) {
      const town = new Town({ seed: pauseMs });
      const nodes = town.settle(4);
      const [a] = nodes as [Dweller];
      town.pause(a, pauseMs);
      town.run(pauseMs + 10_000);
      expect(a.comings()).toEqual([]);
      for (const node of nodes) expect(node.up()).toEqual(['a', 'b', 'c', 'd']);
    }
  });

  it('T3: gives a suspect that was cleared meanwhile the time to say so', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const town = new Town({ seed });
      const nodes = town.settle(4);
      const [a, ...others] = nodes as [Dweller, ...Dweller[]];
      town.cut([a], others);
      town.until(() => others.some((other) => a.status(other) === 'suspect'), 3_000);
      town.heal();
      town.pause(a, 10_000);
      town.run(20_000);
      expect(a.comings()).toEqual([]);
      for (const node of nodes) expect(node.up()).toEqual(['a', 'b', 'c', 'd']);
    }
  });

  it('T2: drops probe state and speaks up when the wall clock jumped', () => {
    const town = new Town();
    const nodes = town.settle(3);
    const [a, b] = nodes as [Dweller, Dweller];
    town.cut([a], nodes.slice(1));
    town.until(() => a.status(b) === 'suspect', 3_000);
    town.heal();
    a.wallOffset += 3_600_000;
    town.give(a, { type: 'tick' });
    expect(a.status(b)).toBe('up');
    town.run(10_000);
    for (const node of nodes) expect(node.comings()).toEqual([]);
  });
});

describe('D2 and P1: apart and together again', () => {
  it('heals without discovery or restart, and tells the sides on both of them', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const town = new Town({ seed });
      const nodes = town.settle(5);
      const [left, right] = [nodes.slice(0, 2), nodes.slice(2)];
      town.cut(left, right);
      town.run(1_800_000);
      for (const node of left) expect(node.up()).toEqual(names(left));
      town.heal();
      town.until(() => nodes.every((node) => node.up().length === 5 && node.links.size === 4), 20_000);
      town.run(1_000);
      for (const [side, others] of [
        [left, right],
        [right, left],
      ] as const) {
        for (const node of side) {
          const [first, ...more] = node.heard('partitionDetected').map(({ event }) => event);
          if (first?.type !== 'partitionDetected') throw new Error('no partition');
          expect(more).toEqual([]);
          expect(first.returned.map(({ name }) => name).sort()).toEqual(names(others));
          expect(first.here.map(({ name }) => name).sort()).toEqual(names(side));
          expectAlternation(node, true);
        }
      }
    }
  });

  it('takes a restart for no partition', () => {
    const town = new Town();
    const nodes = town.settle(3);
    town.kill(nodes[2] as Dweller);
    town.add('c', { contacts: nodes.slice(0, 2) });
    town.run(10_000);
    for (const node of nodes.slice(0, 2)) expect(node.heard('partitionDetected')).toEqual([]);
  });

  it('dials what discovery finds and does not see, with growing waits', () => {
    const town = new Town();
    const a = town.add('a');
    const place = a.info.address.replace('a', 'nobody') as typeof a.info.address;
    let dials = 0;
    const step = a.machine.step.bind(a.machine);
    a.machine.step = (input, now) => {
      const effects = step(input, now);
      dials += effects.filter(({ type }) => type === 'dial').length;
      return effects;
    };
    for (let second = 0; second < 120; second++) {
      town.give(a, { type: 'contacts', addresses: [place, a.info.address] });
      town.run(1_000);
    }
    expect(dials).toBeGreaterThan(8);
    expect(dials).toBeLessThan(20);
  });
});
