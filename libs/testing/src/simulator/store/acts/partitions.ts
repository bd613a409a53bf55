/** Sides that grow apart under the eyes of an outsider, and find together again, by themselves or as told (P1, P3, P4). */
import type { Choice, Partition } from '@nest-cluster/protocol';
import type { Act } from '../../act.js';
import { anybody, between } from '../../act.js';
import { partition } from '../../faults.js';
import type { World } from '../../world.js';
import type { Quarantine } from '../checkers/p4-manual.js';
import type { Parted, Reports } from '../checkers/p3-report.js';
import type { Clients } from '../clients.js';
import type { StoreFleet } from '../fleet.js';
import type { StoreNode } from '../store-node.js';

const PART_MS_MAX = 30_000;
const MEET_MS_MAX = 40_000;
const POLL_MS = 100;
const AGAIN_MS = 5_000;

/** Nothing but the partition itself goes wrong, so that everything can be counted. */
export const isQuiet = (fleet: StoreFleet) => (): boolean => {
  const { loss, reordering, duplication, tail } = fleet.world.settings.weather;
  const { minority } = fleet.settings.options;
  return loss + reordering + duplication + tail === 0 && minority === 'available';
};

/** Two sides write, on keys that both had, and meet again. */
export const reunion = (fleet: StoreFleet, clients: Clients, reports: Reports): Act => ({
  name: 'reunion',
  weight: 5,
  suits: isQuiet(fleet),
  *play(world) {
    const parted = yield* part(world, fleet, clients);
    if (parted === undefined) return;
    reports.expect(parted);
  },
});

/** The same in manual recovery: nothing merges until somebody chooses. */
export const quarantine = (fleet: StoreFleet, clients: Clients, checker: Quarantine): Act => ({
  name: 'quarantine',
  weight: 5,
  suits: isQuiet(fleet),
  *play(world) {
    fleet.living[0]?.feed({ type: 'recovery', mode: 'manual' });
    yield 1_000;
    const parted = yield* part(world, fleet, clients, (sides) => checker.begin(sides));
    if (parted !== undefined) yield* choose(world, fleet, checker, parted);
    checker.end();
    fleet.living[0]?.feed({ type: 'recovery', mode: 'automatic' });
    yield 500;
  },
});

/** Cuts the nodes into sides, waits until each has given up the others, and lets all write. */
export function* part(
  world: World,
  fleet: StoreFleet,
  clients: Clients,
  begun: (sides: readonly (readonly StoreNode[])[]) => void = () => {},
  count = 2,
): Generator<number, Parted | undefined, void> {
  for (let key = 0; key < 8; key++)
    fleet.ask(fleet.living[0] as StoreNode, 'write', `${fleet.chapter}.brief-old${key}`, 'all');
  yield between(world, 100, 3_000);
  clients.stop();
  // What had a time to live, or is still on its way, would not be counted the same by everybody.
  yield 8_000;
  const order = anybody(world);
  const most = Math.ceil(order.length / count);
  const groups = Array.from({ length: count }, (_, side) => order.slice(side * most, (side + 1) * most));
  const sides = groups.map((group) => group.flatMap((process) => fleet.nodes.get(process) ?? []));
  if (
    fleet.wallMax > world.agenda.now + 1_750_000_000_000 + 100_000 ||
    sides.flat().some(({ drops }) => drops > 0)
  )
    return;
  partition(world, groups);
  for (let waited = 0; !sees(world, sides, false); waited += POLL_MS) {
    if (waited > PART_MS_MAX) return undefined;
    yield POLL_MS;
  }
  yield 500;
  begun(sides);
  const changed = sides.map(() => new Set<string>());
  for (let round = 0; round < 40; round++) {
    const side = Math.floor(world.random() * count);
    const nodes = sides[side] ?? [];
    const node = nodes[Math.floor(world.random() * nodes.length)];
    const key = `${fleet.chapter}.brief-old${Math.floor(world.random() * 8)}`;
    const isNew = world.random() < 0.3;
    const name = isNew ? `${fleet.chapter}.brief-new${side}-${round}` : key;
    const isDelete = !isNew && world.random() < 0.25;
    if (node === undefined || !node.isResponsive) return undefined;
    if (isDelete && fleet.visible(node, name).length === 0) continue;
    fleet.ask(node, isDelete ? 'delete' : 'write', name, 'local');
    changed[side]?.add(name);
    yield between(world, 5, 50);
  }
  yield 3_000;
  return { sides, changed };
}

function* choose(
  world: World,
  fleet: StoreFleet,
  checker: Quarantine,
  parted: Parted,
): Generator<number, void, void> {
  const nodes = parted.sides.flat();
  const kept = parted.sides.map((side) => fleet.content(side[0] as StoreNode));
  world.conditions.clear();
  world.disturbed('the sides meet, and somebody has to choose');
  for (
    let waited = 0;
    !sees(world, parted.sides, true) || nodes.some((node) => !isWaiting(node));
    waited += POLL_MS
  ) {
    if (waited > MEET_MS_MAX) return fleet.violate('P4', 'not everybody tells of a partition that waits');
    yield POLL_MS;
  }
  yield 1_500;
  const told = nodes[Math.floor(world.random() * nodes.length)] as StoreNode;
  const id = waitingAt(told)?.id ?? '';
  told.feed({ type: 'diff', id: -1, partition: id });
  yield 200;
  checker.compareDiff(told, parted);
  checker.end();
  const dice = world.random();
  const index = Math.floor(world.random() * 2);
  const side = parted.sides[index]?.[0]?.info.incarnation;
  const choice: Choice = dice < 0.3 || side === undefined ? { kind: 'merge' } : { kind: 'keep', side };
  if (dice > 0.85) return;
  fleet.note(told, `chooses ${JSON.stringify(choice)} for ${id}`);
  fleet.wasChosen ||= choice.kind === 'keep';
  for (let waited = 0; nodes.some((node) => isWaiting(node) || !node.ready); waited += POLL_MS) {
    if (waited > MEET_MS_MAX) return fleet.violate('P4', 'a choice does not come to an end');
    // It is refused while nobody leads, and whoever chooses does so again.
    if (waited % AGAIN_MS === 0 && isWaiting(told))
      told.feed({ type: 'resolve', id: -2, partition: id, choice });
    yield POLL_MS;
  }
  yield 2_000;
  if (choice.kind === 'keep') checker.compareKept(kept[index] ?? new Map(), nodes);
}

/** Whether all of one side see, or do not see, all of the other. */
export function sees(world: World, sides: readonly (readonly StoreNode[])[], expected: boolean): boolean {
  return sides.every((side) =>
    side.every((node) =>
      sides.every(
        (others) =>
          others === side ||
          others.every((other) => world.witness(node.process).sees(other.info) === expected),
      ),
    ),
  );
}

export function waitingAt(node: StoreNode): Partition | undefined {
  return node.machine.status().partitions.find(({ state }) => state === 'waiting');
}

export function isWaiting(node: StoreNode): boolean {
  return waitingAt(node) !== undefined;
}
