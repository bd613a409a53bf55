/** M1, M5, M6 and D4: who comes, who leaves, and what knowing it costs. */
import type { Claim } from '../message.js';
import type { Dweller } from './dweller.fixture.js';
import { Town } from './town.fixture.js';

const names = (nodes: readonly Dweller[]) => nodes.map(({ name }) => name).sort();

describe('M1: everybody learns of every join, leave and failure', () => {
  it('makes one cluster of nodes that know one address each', () => {
    const town = new Town();
    const nodes: Dweller[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      nodes.push(town.add(name, { contacts: nodes.slice(-1) }));
    }
    const took = town.until(
      () => nodes.every((node) => node.up().length === 6 && node.links.size === 5),
      2_000,
    );
    expect(took).toBeLessThan(500);
    town.run(5_000);
    for (const node of nodes) {
      expect(node.up()).toEqual(names(nodes));
      expect(node.comings().sort()).toEqual(
        names(nodes)
          .filter((name) => name !== node.name)
          .map((name) => `up ${name}`),
      );
      expect(node.machine.members().every(({ seen, status }) => seen && status === 'up')).toBe(true);
    }
  });

  it('brings two groups together that find each other in one place only', () => {
    const town = new Town();
    const left = ['a', 'b', 'c'].map((name) => town.add(name));
    const a = left[0] as Dweller;
    const [d, e] = ['d', 'e'].map((name) => town.add(name, { contacts: [] })) as [Dweller, Dweller];
    town.give(d, { type: 'contacts', addresses: [e.info.address] });
    town.run(2_000);
    expect(d.up()).toEqual(['d', 'e']);
    town.give(e, { type: 'contacts', addresses: [a.info.address] });
    town.until(() => town.dwellers.every((node) => node.up().length === 5 && node.links.size === 4), 500);
  });

  it('reports a restart under the same name as down and then up, within milliseconds', () => {
    const town = new Town();
    const nodes = town.settle(4);
    const d = nodes[3] as Dweller;
    town.kill(d);
    const again = town.add('d', { contacts: nodes.slice(0, 3) });
    const others = nodes.slice(0, 3);
    const took = town.until(
      () => others.every((node) => node.status(again) === 'up') && again.up().length === 4,
      1_000,
    );
    expect(took).toBeLessThan(50);
    for (const node of others) expect(node.comings()).toEqual(['down d failed', 'up d']);
  });

  it('takes a new process at the address of the old one for its successor', () => {
    const town = new Town();
    const nodes = [town.add('a'), town.add('b'), town.add('c', { address: 'fixed:1' })];
    town.run(5_000);
    town.kill(nodes[2] as Dweller);
    const again = town.add('c', { address: 'fixed:1', contacts: nodes.slice(0, 2) });
    const took = town.until(() => nodes.slice(0, 2).every((node) => node.status(again) === 'up'), 1_000);
    expect(took).toBeLessThan(50);
    for (const node of nodes.slice(0, 2)) expect(node.comings().slice(-2)).toEqual(['down c failed', 'up c']);
  });
});

describe('M1: views that differ', () => {
  it('are settled by a full exchange when gossip does not do it, at a measured pace', () => {
    const town = new Town();
    const [a, b] = town.settle(2) as [Dweller, Dweller];
    const { incarnation: from } = b.info;
    const hearProbe = () => {
      const before = a.sent.get('sync') ?? 0;
      town.give(a, { type: 'message', from, message: { type: 'probe', seq: 0, digest: 1, claims: [] } });
      return (a.sent.get('sync') ?? 0) - before;
    };
    expect([hearProbe(), hearProbe(), hearProbe()]).toEqual([1, 0, 0]);
    town.run(3_000);
    expect([hearProbe(), hearProbe()]).toEqual([1, 0]);
  });
});

describe('M5 and D4: leaving', () => {
  it('is known at once everywhere, without suspicion', () => {
    const town = new Town();
    const nodes = town.settle(5);
    const [a, ...others] = nodes as [Dweller, ...Dweller[]];
    town.leave(a);
    const took = town.until(() => others.every((node) => node.status(a) === 'left'), 1_000);
    expect(took).toBeLessThan(100);
    town.run(30_000);
    for (const node of others) {
      expect(node.comings()).toEqual(['down a left']);
      expect(node.heard('nodeChanged')).toEqual([]);
    }
  });

  it('D4: says nothing more, neither answer nor dial', () => {
    const town = new Town();
    const [a, b] = town.settle(3) as [Dweller, Dweller];
    town.give(a, { type: 'leave' });
    a.sent.clear();
    const known = a.machine.members().length;
    town.give(a, {
      type: 'message',
      from: b.info.incarnation,
      message: { type: 'probe', seq: 1, digest: 0, claims: [] },
    });
    town.give(a, { type: 'contacts', addresses: [b.info.address] });
    town.run(60_000);
    expect(a.countSent()).toBe(0);
    expect(a.machine.nextDeadline()).toBe(Infinity);
    expect(a.machine.members()).toHaveLength(known);
    expect(a.machine.isUp(b.info.incarnation)).toBe(true);
    expect(a.machine.isUp(a.info.incarnation)).toBe(false);
  });

  it('does not keep its name from coming back as a new incarnation', () => {
    const town = new Town();
    const [a, b, c] = town.settle(3) as [Dweller, Dweller, Dweller];
    town.leave(c);
    town.run(20);
    const again = town.add('c', { contacts: [a, b] });
    town.until(() => [a, b].every((node) => node.status(again) === 'up') && again.up().length === 3, 100);
    for (const node of [a, b]) expect(node.comings()).toEqual(['down c left', 'up c']);
  });

  it('takes away the right to accuse', () => {
    const town = new Town();
    const [a, b, c] = town.settle(3) as [Dweller, Dweller, Dweller];
    town.leave(a);
    town.run(100);
    const claims = [{ kind: 'suspect' as const, node: b.info, version: 1, by: a.info.incarnation }];
    town.give(c, { type: 'message', from: b.info.incarnation, message: { type: 'gossip', claims } });
    expect(c.status(b)).toBe('up');
    const dead = [{ kind: 'dead' as const, node: b.info, version: 1 }];
    town.give(c, { type: 'message', from: a.info.incarnation, message: { type: 'gossip', claims: dead } });
    expect(c.status(b)).toBe('up');
  });
});

describe('M6: load', () => {
  it.each([3, 10, 40])('is one probe per interval and node among %i, when nothing happens', (count) => {
    const town = new Town();
    const nodes = town.settle(count);
    town.run(60_000);
    for (const node of nodes) {
      expect([...node.sent.keys()].sort()).toEqual(['ack', 'probe']);
      expect(node.sent.get('probe')).toBeLessThanOrEqual(121);
      expect(node.sent.get('probe')).toBeGreaterThan(118);
    }
  });
});

describe('W7: what one node makes up about another', () => {
  /** The highest version that anybody believes. */
  const highest = (town: Town): number => town.now + 100 * 365.25 * 86_400_000;

  it.each<[string, (town: Town) => Omit<Claim & { kind: 'dead' | 'left' }, 'node'>]>([
    ['that it has left', () => ({ kind: 'left', version: 6 })],
    ['that it has left, with the highest version', (town) => ({ kind: 'left', version: highest(town) })],
    ['that it is dead, with the highest version', (town) => ({ kind: 'dead', version: highest(town) })],
    ['that it has left, with a version that nobody can have', () => ({ kind: 'left', version: 2 ** 53 - 1 })],
  ])('%s, is over within 20 s', (_what, lie) => {
    for (let seed = 1; seed <= 5; seed++) {
      const town = new Town({ seed });
      const nodes = town.settle(4) as [Dweller, Dweller, Dweller, Dweller];
      const [victim, liar, ...others] = nodes;
      const claim = { ...lie(town), node: victim.info } as Claim;
      for (const other of [victim, ...others]) {
        const message = { type: 'gossip', claims: [claim] } as const;
        town.give(other, { type: 'message', from: liar.info.incarnation, message });
      }
      town.kill(liar);
      const living = [victim, ...others];
      town.until(() => living.every((node) => living.every((other) => node.status(other) === 'up')), 20_000);
      town.run(10_000);
      for (const node of living) for (const other of living) expect(node.status(other)).toBe('up');
    }
  });
});

describe('M3: a link that is open and carries nothing', () => {
  it.each([
    ['one way', false],
    ['both ways', true],
  ])('%s, is dialled anew within 5 s, and nobody is declared failed', (_ways, isBoth) => {
    for (let seed = 1; seed <= 5; seed++) {
      const town = new Town({ seed });
      const nodes = town.settle(4) as [Dweller, Dweller, Dweller, Dweller];
      const [a, b] = nodes;
      town.deaden(a, b);
      if (isBoth) town.deaden(b, a);
      town.run(5_000);
      const before = a.sent.get('ack') ?? 0;
      town.run(5_000);
      expect(town.isDeaf(a, b)).toBe(false);
      expect((a.sent.get('ack') ?? 0) - before).toBeGreaterThan(0);
      for (const node of nodes) expect(node.comings()).toEqual([]);
    }
  });
});
