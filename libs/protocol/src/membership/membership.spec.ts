/** Who is there: each test names the rule that it proves. */
import { Town, type Dweller } from './town.fixture.js';

const names = (nodes: readonly Dweller[]) => nodes.map(({ name }) => name).sort();

/** Up and down alternate, beginning with `first`, per name. */
function expectAlternation(node: Dweller, isUpAtFirst: boolean): void {
  const up = new Map<string, boolean>();
  for (const coming of node.comings()) {
    const [what, name = ''] = coming.split(' ');
    const isUp = what === 'up';
    if ((up.get(name) ?? isUpAtFirst) === isUp)
      throw new Error(`${node.name} heard ${node.comings().join(', ')}`);
    up.set(name, isUp);
  }
}

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
    for (let seed = 1; seed <= 30; seed++) {
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
    for (let seed = 1; seed <= 20; seed++) {
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

describe('T1: two processes with one name', () => {
  it('refuses the later one with a reason, and admits it once the earlier one is gone', () => {
    const town = new Town();
    const nodes = town.settle(3);
    const [a, b, c] = nodes as [Dweller, Dweller, Dweller];
    const twin = town.add('c', { contacts: [a] });
    town.until(() => twin.machine.isRefused(), 1_000);
    expect(twin.heard('refused').map(({ event }) => event)).toEqual([{ type: 'refused', holder: c.info }]);
    town.run(60_000);
    expectAlternation(twin, false);
    expect(twin.up()).toEqual([]);
    for (const node of nodes) expect(node.comings()).toEqual([]);
    town.kill(c);
    town.until(() => !twin.machine.isRefused(), 20_000);
    town.until(() => [a, b, twin].every((node) => node.up().length === 3 && node.links.size === 2), 1_000);
    expect(twin.heard('admitted')).toHaveLength(1);
    expect(twin.heard('refused')).toHaveLength(1);
    for (const node of [a, b]) expect(node.comings()).toEqual(['down c failed', 'up c']);
    expectAlternation(twin, false);
  });

  it('refuses it also when it meets its namesake itself', () => {
    const town = new Town();
    const a = town.add('a');
    town.run(1_000);
    const twin = town.add('a', { contacts: [a] });
    town.until(() => twin.machine.isRefused(), 100);
    town.run(30_000);
    expect(a.comings()).toEqual([]);
    expect(a.machine.isRefused()).toBe(false);
  });

  it('leaves one when two clusters meet, the one that started first', () => {
    const town = new Town();
    const [a, older] = [town.add('a'), town.add('x')];
    const b = town.add('b', { contacts: [] });
    const younger = town.add('x', { contacts: [b], startedAt: town.now + 500 });
    town.run(2_000);
    expect(b.up()).toEqual(['b', 'x']);
    town.give(a, { type: 'contacts', addresses: [b.info.address] });
    town.until(
      () => [a, b, older].every((node) => node.status(older) === 'up' && node.up().length === 3),
      5_000,
    );
    town.until(() => younger.machine.isRefused(), 1_000);
    town.run(60_000);
    expect(b.comings().slice(-2)).toEqual(['down x failed', 'up x']);
    for (const node of [a, b, older, younger]) expectAlternation(node, false);
    expect([a, b, older].map((node) => node.up())).toEqual([
      ['a', 'b', 'x'],
      ['a', 'b', 'x'],
      ['a', 'b', 'x'],
    ]);
  });

  it('lets a newcomer in as soon as the silent holder of its name does not answer', () => {
    const town = new Town();
    const [a, b, c] = town.settle(3) as [Dweller, Dweller, Dweller];
    town.vanish(c);
    const again = town.add('c', { contacts: [a, b] });
    const took = town.until(() => [a, b].every((node) => node.status(again) === 'up'), 2_000);
    expect(took).toBeLessThan(500);
    for (const node of [a, b]) expect(node.comings()).toEqual(['down c failed', 'up c']);
  });
});

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
