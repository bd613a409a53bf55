/**
 * Sides of a cut by the names of their processes, so that a process that starts again is on the side of the one before it.
 */
import { between } from '../../act.js';
import { crash, indexOf, leave, partition } from '../../faults.js';
import type { Process } from '../../process.js';
import type { World } from '../../world.js';
import type { StoreFleet } from '../fleet.js';
import type { StoreNode } from '../store-node.js';

type Wait = Generator<number, void, void>;

const POLL_MS = 20;
const LEAVE_MS_MAX = 4_000;
const READY_MS_MAX = 6_000;

export type Names = readonly string[];

/** So many sides of about the same size. */
export function deal(processes: readonly Process[], count: number): Names[] {
  const groups: string[][] = Array.from({ length: count }, () => []);
  for (const [index, { info }] of processes.entries()) groups[index % count]?.push(info.name);
  return groups;
}

/** From here on only nodes of one side hear each other. */
export function cutInto(world: World, groups: readonly Names[]): void {
  world.conditions.clear();
  partition(
    world,
    groups.map((names) => names.flatMap((name) => running(world, name) ?? [])),
  );
}

export function running(world: World, name: string): Process | undefined {
  return [...world.running].find(({ info }) => info.name === name);
}

export function storeOf(fleet: StoreFleet, name: string): StoreNode | undefined {
  const process = running(fleet.world, name);
  return process && fleet.nodes.get(process);
}

/** These end, as if killed or with a goodbye. */
export function* end(world: World, names: Names, isKilled: boolean): Wait {
  const gone = names.flatMap((name) => running(world, name) ?? []);
  for (const process of gone) (isKilled ? crash : leave)(world, process);
  for (let waited = 0; gone.some(({ ended }) => !ended) && waited < LEAVE_MS_MAX; waited += POLL_MS)
    yield POLL_MS;
}

/** These start again, on their side of the cut, and are waited for until they are ready, but not for ever. */
export function* begin(fleet: StoreFleet, names: Names, groups: readonly Names[]): Wait {
  const { world } = fleet;
  for (const name of names) if (running(world, name) === undefined) world.start(indexOf(name));
  if (groups.length > 0) cutInto(world, groups);
  const isBegun = (): boolean => names.every((name) => storeOf(fleet, name)?.ready === true);
  for (let waited = 0; !isBegun() && waited < READY_MS_MAX; waited += POLL_MS) yield POLL_MS;
}

/** All of a side are restarted, one after the other or together. */
export function* restartSide(fleet: StoreFleet, side: Names, groups: readonly Names[]): Wait {
  const { world } = fleet;
  const isKilled = world.random() < 0.5;
  const batches = world.random() < 0.7 ? side.map((name) => [name]) : [side];
  for (const batch of batches) {
    yield* end(world, batch, isKilled);
    yield between(world, 0, 300);
    yield* begin(fleet, batch, groups);
    yield between(world, 0, 2_000);
  }
}
