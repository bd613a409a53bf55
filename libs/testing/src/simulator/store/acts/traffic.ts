/** Writers at work while replicas are slow, end, or begin (S1, S2, S4, S7). */
import type { Act } from '../../act.js';
import { anybody, between, others } from '../../act.js';
import { crash, partition, restart } from '../../faults.js';
import type { StoreFleet } from '../fleet.js';

/** Nothing goes wrong but that many write the same keys at once. */
export const rush = (fleet: StoreFleet): Act => ({
  name: 'rush',
  weight: 4,
  *play(world) {
    for (let round = 0; round < 40; round++) {
      for (const node of fleet.living)
        if (world.random() < 0.5) fleet.ask(node, 'write', `${fleet.chapter}.shared0`, 'quorum');
      yield between(world, 0, 100);
    }
  },
});

/** Links fill up and drain again. */
export const congestion = (fleet: StoreFleet): Act => ({
  name: 'congestion',
  weight: 4,
  *play(world) {
    for (let round = 0; round < 12; round++) {
      const [from, to] = anybody(world);
      const node = from && fleet.nodes.get(from);
      if (node && to && node.isResponsive) node.congest(to.info.incarnation, world.random() < 0.7);
      yield between(world, 0, 1_500);
    }
  },
});

/** One node after the other is killed right after it wrote, and comes back with nothing. */
export const oneByOne = (fleet: StoreFleet): Act => ({
  name: 'oneByOne',
  weight: 4,
  *play(world) {
    for (const process of anybody(world)) {
      const node = fleet.nodes.get(process);
      for (let count = 0; count < 5 && node; count++)
        fleet.ask(node, 'write', `${fleet.chapter}.fresh-${node.name}-${count}`, 'quorum');
      yield between(world, 0, 5);
      crash(world, process);
      yield between(world, 50, 1_000);
      restart(world, process);
      yield between(world, 2_000, 5_000);
    }
  },
});

/** A part is cut off for longer than deletes may be remembered, while the others write, delete, and forget (S4). */
export const shortMemory = (fleet: StoreFleet): Act => ({
  name: 'shortMemory',
  weight: 4,
  *play(world) {
    yield 2_000;
    const [first] = anybody(world);
    if (!first) return;
    const rest = others(world, first);
    const group = rest.slice(0, Math.floor(world.random() * (rest.length / 2)));
    const away = [first, ...group];
    partition(world, [away, rest.filter((process) => !group.includes(process))]);
    yield between(world, 4_000, 9_000);
    for (const process of world.running) {
      const node = fleet.nodes.get(process);
      if (node && !away.includes(process))
        for (let key = 0; key < 4; key++) fleet.ask(node, 'delete', `${fleet.chapter}.brief${key}`, 'local');
    }
    yield between(world, 5_000, 15_000);
  },
});

/** Somebody begins anew between two stores that have forgotten each other, and meets both (S3, S4). */
export const newcomer = (fleet: StoreFleet): Act => ({
  name: 'newcomer',
  weight: 0,
  *play(world) {
    const [away, late, ...rest] = anybody(world);
    if (!away || !late || rest.length === 0) return;
    yield 2_000;
    partition(world, [[away], [late, ...rest]]);
    yield between(world, 6_000, 12_000);
    for (const process of rest) {
      const node = fleet.nodes.get(process);
      for (let key = 0; key < 4; key++)
        if (node) fleet.ask(node, 'delete', `${fleet.chapter}.brief${key}`, 'local');
    }
    yield between(world, 3_000, 8_000);
    crash(world, late);
    yield between(world, 100, 1_000);
    world.conditions.clear();
    partition(world, [[away], rest]);
    restart(world, late);
    yield between(world, 500, 8_000);
  },
});
