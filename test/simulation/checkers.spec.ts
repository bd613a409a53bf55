// The simulator before it is trusted: silent about a machine that keeps the promises, and not about one that breaks them.
import type { Cast, StoreCast, StoreUnderTest } from '@nest-cluster/testing';
import { PRODUCT, runSeed } from '@nest-cluster/testing';
import type { Habit } from './toy-machine.js';
import { ToyMachine } from './toy-machine.js';

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

function broken(habit?: Habit, acts: readonly string[] = ['crashLeader']): ReadonlySet<string | undefined> {
  const cast: Cast = { ...PRODUCT, createMachine: (config, now) => new ToyMachine(config, now, habit) };
  const options = { minutes: 2, nodes: 5, size: 5, acts };
  return new Set(SEEDS.map((seed) => runSeed(seed, cast, options).violation?.rule));
}

describe('the checkers', () => {
  it('say nothing about a machine that keeps its promises while main threads are blocked', () => {
    expect([...broken(undefined, ['blocked'])]).toEqual([undefined]);
  });

  it.each<[string, string, Habit]>([
    ['L1', 'two leaders', 'everybodyLeads'],
    ['L3', 'a token that is given out again', 'oneToken'],
    ['M1', 'a node that comes up twice', 'tellsTwice'],
    ['M2', 'a crash that is not noticed', 'ignoresClosedLinks'],
    ['M4', 'a false alarm', 'forgetsOnTick'],
    ['L6', 'no new leader', 'neverLeadsAgain'],
    ['T3', 'a deadline that stays in the past', 'ticksForNothing'],
    ['convergence', 'a leader that nobody hears of', 'keepsLeaderSecret'],
    ['throws', 'a broken invariant', 'throws'],
  ])('%s: see %s', (rule, _what, habit) => {
    expect(broken(habit)).toContain(rule);
  });

  it('M3: see that nobody notices silence', () => {
    expect(broken(undefined, ['silence'])).toContain('M3');
  });

  it('see that a store breaks an invariant of its own', () => {
    const store: StoreCast = {
      ...PRODUCT.store,
      createReplica: (config) => {
        const machine: StoreUnderTest = PRODUCT.store.createReplica(config);
        machine.check = () => {
          if (machine.size > 2) throw new Error('three keys are too many');
        };
        return machine;
      },
    };
    const { violation } = runSeed(1, PRODUCT, { minutes: 2, acts: ['rush'], store });
    expect(violation).toMatchObject({ rule: 'invariant', what: expect.stringContaining('three keys') });
  });
});
