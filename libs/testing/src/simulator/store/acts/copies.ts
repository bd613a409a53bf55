/** Copies whose source or link goes away in the middle (S2, S7). */
import type { Act } from '../../act.js';
import { anybody, between } from '../../act.js';
import { crash, pause, restartMissing } from '../../faults.js';
import type { StoreFleet } from '../fleet.js';
import { cutInto, end, running, storeOf } from './groups.js';

const KEYS = 150;
const CONTACT_MS_MAX = 3_000;

/** One or two begin anew, and are cut off, or lose their source, at some moment of the copy. */
export const copyCut = (fleet: StoreFleet, weight: number): Act => ({
  name: 'copyCut',
  weight,
  *play(world) {
    const [first] = fleet.living;
    for (let key = 0; key < KEYS && first; key++)
      fleet.ask(first, 'write', `${fleet.chapter}.fresh-copy${key}`, 'all');
    yield 2_000;
    for (let round = 0; round < 3; round++) {
      const order = anybody(world).map(({ info }) => info.name);
      const fresh = order.slice(0, world.random() < 0.7 ? 1 : 2);
      const rest = order.slice(fresh.length);
      yield* end(world, fresh, true);
      yield between(world, 20, 500);
      restartMissing(world);
      yield* contact(fleet, fresh);
      yield world.random() < 0.5 ? between(world, 0, 5) : between(world, 0, 80);
      const source = running(world, rest[0] ?? '');
      const dice = world.random();
      if (dice < 0.5) cutInto(world, [fresh, rest]);
      else if (source && dice < 0.75) crash(world, source);
      else if (source) pause(world, source, between(world, 500, 5_000));
      yield between(world, 500, 12_000);
      world.conditions.clear();
      restartMissing(world);
      yield between(world, 500, 6_000);
    }
  },
});

/** Until one of these speaks with somebody. */
function* contact(fleet: StoreFleet, names: readonly string[]): Generator<number, void, void> {
  for (let waited = 0; waited < CONTACT_MS_MAX; waited++) {
    if (names.some((name) => (storeOf(fleet, name)?.connected.size ?? 0) > 0)) return;
    yield 1;
  }
}
