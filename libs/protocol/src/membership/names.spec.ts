/** T1: a name belongs to one process at a time. */
import { expectAlternation, type Dweller } from './dweller.fixture.js';
import { Town } from './town.fixture.js';

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

  it('lets it begin alone when everybody else is gone', () => {
    const town = new Town();
    const [a, b] = town.settle(2) as [Dweller, Dweller];
    const twin = town.add('a', { contacts: [b] });
    const younger = town.add('a', { contacts: [b], startedAt: town.now + 10 });
    town.until(() => twin.machine.isRefused() && younger.machine.isRefused(), 1_000);
    town.kill(a);
    town.kill(b);
    town.until(() => [twin, younger].some(({ machine }) => !machine.isRefused()), 60_000);
    for (let passed = 0; passed < 60; passed++) {
      for (const node of [twin, younger]) {
        town.give(node, { type: 'contacts', addresses: [twin.info.address, younger.info.address] });
      }
      town.run(1_000);
    }
    expect([twin, younger].map(({ machine }) => machine.isRefused())).toEqual([false, true]);
    expect(twin.up()).toEqual(['a']);
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
