import { Fleet, type Site } from './fleet.fixture.js';

describe('a write that nobody here has, of a node that ended', () => {
  it('is awaited as long as a node is that may have it (S2)', () => {
    const fleet = Fleet.ready(3);
    const [writer, holder, other] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.set(writer, 'first', '1');
    fleet.run(3_000);
    let delay = 200;
    const slow = (from: Site): number => (from === writer ? delay : 1);
    Object.assign(fleet.weather, { disorder: true, delayMs: slow });
    const id = fleet.set(writer, 'second', '2');
    fleet.run(2);
    delay = 1;
    fleet.set(writer, 'third', '3');
    fleet.run(5);
    // They tell each other that both lack the second write.
    fleet.unlink(holder, other);
    fleet.meet(holder, other);
    fleet.run(10);
    fleet.split([other], [writer, holder]);
    fleet.run(1_000);
    expect(writer.results.get(id)).toBe('acked');
    fleet.crash(writer);
    const successor = fleet.start('n0', [other]);
    fleet.run(10_000);
    expect(successor.machine.status().ready).toBe(true);
    fleet.heal();
    fleet.run(3_000);
    for (const site of fleet.alive)
      expect(fleet.content(site)).toEqual({ first: '1', second: '2', third: '3' });
  });
});
