/** Choices that contradict each other, that lose their side, and among three sides (P4). */
import type { Choice } from '@nest-cluster/protocol';
import type { Act } from '../../act.js';
import { anybody, between } from '../../act.js';
import { crash, pause, restartMissing, slow } from '../../faults.js';
import { pick } from '../../settings.js';
import type { World } from '../../world.js';
import type { Outcomes } from '../checkers/p4-outcome.js';
import type { Clients } from '../clients.js';
import type { StoreFleet } from '../fleet.js';
import type { StoreNode } from '../store-node.js';
import { cutInto, deal } from './groups.js';
import { isQuiet, isWaiting, part, sees, waitingAt } from './partitions.js';

type Wait = Generator<number, void, void>;
type Sides = readonly (readonly StoreNode[])[];

const POLL_MS = 100;
const MEET_MS_MAX = 40_000;
/** How long a choice may take before somebody chooses again, and how often somebody does. */
const CHOICE_MS_MAX = 8_000;
const CHOICES_MAX = 8;
/** The ids of these calls are nobody's. */
const NO_CALL = -3;

/** Several are told different things in the same instant, and may be cut off from each other right then. */
export const contradiction = (fleet: StoreFleet, clients: Clients, outcomes: Outcomes, weight: number): Act =>
  manual('contradiction', fleet, clients, outcomes, weight, 2, function* (world, sides) {
    const [first, second] = pickTwo(world, sides);
    if (world.random() < 0.5) delayBetween(world, first, second, between(world, 2, 300));
    choose(fleet, first, keeping(world, sides));
    yield between(world, 0, 20);
    choose(fleet, second, keeping(world, sides));
    if (world.random() < 0.4) {
      yield between(world, 0, 30);
      cutInto(world, deal(anybody(world), 2));
    }
    yield between(world, 500, 6_000);
    world.conditions.clear();
  });

/** One side is kept, and somebody is killed, cut off or halted at some moment of what follows. */
export const keepSteps = (fleet: StoreFleet, clients: Clients, outcomes: Outcomes, weight: number): Act =>
  manual('keepSteps', fleet, clients, outcomes, weight, 2, function* (world, sides) {
    const [told] = pickTwo(world, sides);
    const index = Math.floor(world.random() * 2);
    const keptSide = sides[index] ?? [];
    choose(fleet, told, keep(keptSide));
    yield world.random() < 0.5 ? between(world, 0, 5) : between(world, 0, 100);
    const struck = world.random() < 0.6 ? keptSide : [pick(sides[1 - index] ?? [], world.random)];
    const dice = world.random();
    for (const node of struck)
      if (dice < 0.4 && node !== undefined) crash(world, node.process);
      else if (dice < 0.6 && node !== undefined) pause(world, node.process, between(world, 500, 5_000));
    if (dice >= 0.6) cutInto(world, [names(keptSide), names(sides[1 - index] ?? [])]);
    yield between(world, 500, 8_000);
    world.conditions.clear();
    restartMissing(world);
    yield between(world, 1_000, 3_000);
  });

/** Three sides, of which two meet first. */
export const threeSides = (fleet: StoreFleet, clients: Clients, outcomes: Outcomes, weight: number): Act =>
  manual('threeSides', fleet, clients, outcomes, weight, 3, function* (world, sides) {
    const [told] = pickTwo(world, sides);
    choose(fleet, told, keeping(world, sides));
    yield between(world, 0, 6_000);
  });

/** Sides part in manual recovery and meet; the story goes on, and then there are choices until nothing waits. */
function manual(
  name: string,
  fleet: StoreFleet,
  clients: Clients,
  outcomes: Outcomes,
  weight: number,
  count: number,
  story: (world: World, sides: Sides) => Wait,
): Act {
  return {
    name,
    weight,
    suits: isQuiet(fleet),
    *play(world) {
      fleet.living[0]?.feed({ type: 'recovery', mode: 'manual' });
      yield 1_000;
      const parted = yield* part(world, fleet, clients, undefined, count);
      if (parted !== undefined) {
        fleet.wasChosen = true;
        outcomes.expect(parted.sides);
        yield* meet(world, fleet, parted.sides);
        yield* story(world, parted.sides);
        yield* chooseUntilOver(world, fleet);
      }
      fleet.living[0]?.feed({ type: 'recovery', mode: 'automatic' });
      yield 500;
    },
  };
}

function* meet(world: World, fleet: StoreFleet, sides: Sides): Wait {
  if (sides.length > 2 && world.random() < 0.5) {
    cutInto(world, [names(sides[0] ?? []), names(sides.slice(1).flat())]);
    yield between(world, 2_000, 8_000);
  }
  world.conditions.clear();
  world.disturbed('the sides meet, and somebody has to choose');
  const isMet = (): boolean => sees(world, sides, true) && sides.flat().every(isWaiting);
  for (let waited = 0; !isMet(); waited += POLL_MS) {
    if (waited > MEET_MS_MAX) return fleet.violate('P4', 'not everybody tells of a partition that waits');
    yield POLL_MS;
  }
  yield between(world, 0, 1_500);
}

/** Whoever still waits chooses: each time that must help, or there is nothing left to choose. */
function* chooseUntilOver(world: World, fleet: StoreFleet): Wait {
  const isOver = (): boolean => fleet.living.every((node) => node.ready && !isWaiting(node));
  for (let round = 0; round < CHOICES_MAX; round++) {
    for (let waited = 0; !isOver() && waited < CHOICE_MS_MAX; waited += POLL_MS) yield POLL_MS;
    if (isOver()) return;
    const told = fleet.living.find((node) => isWaiting(node) && node.isResponsive);
    if (told !== undefined) choose(fleet, told, { kind: 'merge' });
  }
  const stuck = fleet.living.find((node) => !node.ready || isWaiting(node));
  fleet.violate(
    'P4',
    `${stuck?.name} ${stuck?.ready ? 'waits for a choice' : 'is not ready'} after ${CHOICES_MAX} choices`,
  );
}

function choose(fleet: StoreFleet, node: StoreNode, choice: Choice): void {
  if (!node.isResponsive) return;
  const partition = waitingAt(node)?.id ?? '';
  fleet.note(node, `chooses ${JSON.stringify(choice)} for ${partition}`);
  node.feed({ type: 'resolve', id: NO_CALL, partition, choice });
}

function keeping(world: World, sides: Sides): Choice {
  return world.random() < 0.2 ? { kind: 'merge' } : keep(pick(sides, world.random));
}

function keep(side: readonly StoreNode[]): Choice {
  const [first] = side;
  return first === undefined ? { kind: 'merge' } : { kind: 'keep', side: first.info.incarnation };
}

function pickTwo(world: World, sides: Sides): readonly [StoreNode, StoreNode] {
  const nodes = sides.flat();
  return [pick(nodes, world.random), pick(nodes, world.random)];
}

function delayBetween(world: World, one: StoreNode, other: StoreNode, ms: number): void {
  slow(world, one.process, other.process, ms);
  slow(world, other.process, one.process, ms);
}

function names(nodes: readonly StoreNode[]): string[] {
  return nodes.map(({ info }) => info.name);
}
