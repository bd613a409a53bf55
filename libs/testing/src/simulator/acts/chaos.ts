/** Anything at any time. */
import type { Act } from '../act.js';
import { anybody, between } from '../act.js';
import {
  block,
  changeWeather,
  crash,
  cutWay,
  leave,
  loseHost,
  partition,
  pause,
  restartMissing,
  stepDown,
  suspend,
} from '../faults.js';
import type { World } from '../world.js';

export const chaos: Act = {
  name: 'chaos',
  weight: 3,
  *play(world) {
    const strikes = 5 + Math.floor(world.random() * 20);
    for (let strike = 0; strike < strikes; strike++) {
      hit(world);
      yield between(world, 0, 3_000);
      if (world.random() < 0.3) restartMissing(world);
    }
  },
};

function hit(world: World): void {
  const [first, second] = anybody(world);
  if (!first || !second) return restartMissing(world);
  const order = anybody(world);
  const half = 1 + Math.floor(world.random() * (order.length - 1));
  const hits: (() => void)[] = [
    () => crash(world, first),
    () => loseHost(world, first),
    () => leave(world, first),
    () => pause(world, first, between(world, 10, 6_000)),
    () => suspend(world, first, between(world, 10, 6_000)),
    () => block(world, first, between(world, 100, 8_000)),
    () => stepDown(world, world.leader() ?? first),
    () => pause(world, world.leader() ?? first, between(world, 10, 6_000)),
    () => partition(world, [order.slice(0, half), order.slice(half)]),
    () => cutWay(world, first, second),
    () => world.conditions.clear(),
    () => changeWeather(world, { loss: between(world, 0, 0.4), duplication: between(world, 0, 0.4) }),
    () =>
      changeWeather(world, {
        tail: between(world, 0, 0.3),
        tailMs: between(world, 10, 4_000),
        reordering: 0.3,
      }),
    () => changeWeather(world, world.settings.weather),
  ];
  hits[Math.floor(world.random() * hits.length)]?.();
}
