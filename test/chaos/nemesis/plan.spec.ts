import { FAULT_NAMES } from './faults.js';
import { draw, type PlanSettings } from './plan.js';

const ANY: PlanSettings = { hosts: undefined, phases: undefined, faults: [], profile: {} };
const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1);

describe('a plan', () => {
  it('is decided by its seed', () => {
    expect(draw(7, ANY)).toEqual(draw(7, ANY));
    expect(draw(7, ANY)).not.toEqual(draw(8, ANY));
  });

  it('comes to play every fault, every mode of recovery and every kind of voters', () => {
    const plans = SEEDS.map((seed) => draw(seed, ANY));
    const faults = new Set(plans.flatMap(({ phases }) => phases.flat().map(({ fault }) => fault)));
    expect([...faults].sort()).toEqual([...FAULT_NAMES].sort());
    const drawn = (name: 'hosts' | 'recovery' | 'minority' | 'voters') =>
      new Set(plans.map(({ profile }) => profile[name])).size;
    expect([drawn('hosts'), drawn('recovery'), drawn('minority'), drawn('voters')]).toEqual([2, 2, 2, 3]);
  });

  it('keeps to what it is told', () => {
    const plan = draw(7, { hosts: 4, phases: 1, faults: ['ring'], profile: { recovery: 'manual' } });
    expect(plan.profile).toMatchObject({ hosts: 4, recovery: 'manual' });
    expect(new Set(plan.phases.flat().map(({ fault }) => fault))).toEqual(new Set(['ring']));
  });
});
