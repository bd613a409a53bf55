/** Sides that part again and again, and whose nodes are restarted while they are apart (S2, S4, S7, P3). */
import type { Act } from '../../act.js';
import { anybody, between } from '../../act.js';
import { jump, restartMissing } from '../../faults.js';
import { pick } from '../../settings.js';
import type { World } from '../../world.js';
import type { StoreFleet } from '../fleet.js';
import { begin, cutInto, deal, end, restartSide } from './groups.js';

/** How far wall clocks are set, in milliseconds: two of them may then differ by minutes. */
const SKEW_MS = 110_000;

/** Two to four sides, whole sides restarted meanwhile; then others, or all together, some before the rest. */
export const sides = (fleet: StoreFleet, weight: number): Act => ({
  name: 'sides',
  weight,
  *play(world) {
    const setBack = world.random() < 0.3 ? skew(world) : () => {};
    yield between(world, 500, 2_000);
    const rounds = 1 + Math.floor(world.random() * 3);
    for (let round = 0; round < rounds; round++) {
      const groups = deal(anybody(world), 2 + Math.floor(world.random() * 3));
      cutInto(world, groups);
      yield between(world, 500, 8_000);
      if (world.random() < 0.8) yield* restartSide(fleet, pick(groups, world.random), groups);
      yield between(world, 500, 4_000);
      const [first = [], second = [], ...rest] = groups;
      cutInto(world, [[...first, ...second], rest.flat()]);
      if (world.random() < 0.5) yield between(world, 500, 8_000);
    }
    setBack();
  },
});

/** One after the other says goodbye and comes back, on both sides of a cut. */
export const rollingCut = (fleet: StoreFleet, weight: number): Act => ({
  name: 'rollingCut',
  weight,
  *play(world) {
    yield 1_000;
    const groups = deal(anybody(world), 2);
    const isCutFirst = world.random() < 0.5;
    if (isCutFirst) cutInto(world, groups);
    yield between(world, 500, 6_000);
    for (const name of groups.flat()) {
      if (world.random() < 0.3) continue;
      yield* end(world, [name], false);
      yield* begin(fleet, [name], isCutFirst || world.random() < 0.3 ? groups : []);
      yield between(world, 0, 1_500);
    }
  },
});

/** Some are down while others begin, and come back one after the other to a store that they do not know. */
export const lateStarters = (fleet: StoreFleet, weight: number): Act => ({
  name: 'lateStarters',
  weight,
  *play(world) {
    yield 1_500;
    const [down = [], others = []] = deal(anybody(world), 2);
    yield* end(world, down, world.random() < 0.7);
    yield between(world, 500, 6_000);
    const again = others.filter(() => world.random() < 0.5);
    yield* end(world, again, world.random() < 0.7);
    yield between(world, 0, 1_000);
    for (const name of [...again, ...down]) {
      yield* begin(fleet, [name], []);
      yield between(world, 0, 3_000);
    }
    restartMissing(world);
  },
});

/** Many lives in a short time: replica ids by the dozen. */
export const churn = (fleet: StoreFleet, weight: number): Act => ({
  name: 'churn',
  weight,
  *play(world) {
    for (let round = 0; round < 30; round++) {
      const [victim] = anybody(world);
      if (victim === undefined) return;
      yield* end(world, [victim.info.name], true);
      yield between(world, 0, 100);
      yield* begin(fleet, [victim.info.name], []);
    }
  },
});

/** Sets wall clocks; what it returns sets them back. */
function skew(world: World): () => void {
  const set = anybody(world).map((process) => ({ process, ms: between(world, -SKEW_MS, SKEW_MS) }));
  for (const { process, ms } of set) jump(world, process, ms);
  return () => {
    for (const { process, ms } of set) jump(world, process, -ms);
  };
}
