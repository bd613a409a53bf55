/**
 * What membership costs and how fast it is as a cluster grows (M3, M4, M6), on a network of 1 ms.
 */
import { LEADERSHIP_DEFAULTS, MEMBERSHIP_DEFAULTS } from '@nest-cluster/protocol';
import type { Effect, NodeInfo } from '@nest-cluster/protocol';
import { CALM } from './conditions.js';
import { changeWeather, crash, loseHost } from './faults.js';
import type { Process } from './process.js';
import type { Settings } from './settings.js';
import { addressOf, World } from './world.js';
import type { Cast } from './world.js';

export interface Scale {
  readonly nodes: number;
  /** Sent by one node from the start of all until nobody has anything to tell any more. */
  readonly startMessages: number;
  readonly startBytes: number;
  /** Sent by one node in one second when nothing happens. */
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** The same of the busiest node. */
  readonly messagesPerSecondMax: number;
  /** Milliseconds until everybody knows. */
  readonly joinKnownMs: number;
  readonly crashKnownMs: number;
  readonly silenceKnownMs: number;
  /** How often a node that lives was reported down while 10 % of the frames were lost. */
  readonly falseAlarms: number;
}

const IDLE_MS = 20_000;
const LOSSY_MS = 30_000;
const PATIENCE_MS = 300_000;
/** Nothing new was told for so long: what is sent from here on is what it costs to watch each other. */
const QUIET_MS = 2_000;
const STEP_MS = 10;

export function measureScale(nodes: number, cast: Cast): Scale {
  let toldAt = 0;
  const createMachine: Cast['createMachine'] = (config, now) => {
    const machine = cast.createMachine(config, now);
    return {
      nextDeadline: () => machine.nextDeadline(),
      step: (input, at) => {
        const effects = machine.step(input, at);
        if (effects.some(tells)) toldAt = world.agenda.now;
        return effects;
      },
    };
  };
  const world: World = new World(settingsOf(nodes), { createMachine });
  world.contactPoints = [0, 1, 2].map(addressOf);
  for (let index = 0; index < nodes; index++) world.agenda.at(index * 5, () => void world.start(index));
  until(world, 'everybody is there', () => world.running.size === nodes && allSee(world, nodes - 1));
  until(world, 'everything is told', () => world.agenda.now - toldAt > QUIET_MS);

  const before = sent(world);
  pass(world, IDLE_MS);
  const idle = sent(world);
  const seconds = IDLE_MS / 1_000;
  const most = [...idle.byNode].map(([process, frames]) => frames - (before.byNode.get(process) ?? 0));

  const joined = world.start(nodes);
  const joinKnownMs = until(world, 'a join is known', () => knows(world, joined.info));
  pass(world, 5_000);
  const crashed = last(world);
  crash(world, crashed);
  const crashKnownMs = until(world, 'a crash is known', () => !isSeen(world, crashed.info));
  pass(world, 5_000);
  const silent = last(world);
  loseHost(world, silent);
  const silenceKnownMs = until(world, 'silence is known', () => !isSeen(world, silent.info));
  pass(world, 5_000);

  return {
    nodes,
    startMessages: before.frames / nodes,
    startBytes: before.bytes / nodes,
    messagesPerSecond: (idle.frames - before.frames) / nodes / seconds,
    bytesPerSecond: (idle.bytes - before.bytes) / nodes / seconds,
    messagesPerSecondMax: Math.max(...most) / seconds,
    joinKnownMs,
    crashKnownMs,
    silenceKnownMs,
    falseAlarms: falseAlarms(world),
  };
}

export function printScale(cast: Cast, print: (line: string) => void, sizes: readonly number[]): void {
  print(
    '| nodes | start of all, messages and kB per node | messages/s per node | bytes/s per node | busiest, messages/s | join | crash | silence | false alarms |',
  );
  print('|---|---|---|---|---|---|---|---|---|');
  for (const nodes of sizes) {
    const scale = measureScale(nodes, cast);
    print(
      `| ${nodes} | ${scale.startMessages.toFixed(0)}, ${(scale.startBytes / 1_000).toFixed(0)} | ${scale.messagesPerSecond.toFixed(1)} | ${scale.bytesPerSecond.toFixed(0)} | ` +
        `${scale.messagesPerSecondMax.toFixed(1)} | ${scale.joinKnownMs.toFixed(0)} ms | ${scale.crashKnownMs.toFixed(0)} ms | ` +
        `${scale.silenceKnownMs.toFixed(0)} ms | ${scale.falseAlarms} |`,
    );
  }
}

/** Somebody is told about somebody. */
function tells(effect: Effect): boolean {
  return effect.type === 'send' && 'claims' in effect.message && effect.message.claims.length > 0;
}

/** Nobody votes: leadership adds nothing to what is measured. */
function settingsOf(nodes: number): Settings {
  return {
    seed: nodes,
    minutes: 0,
    nodes,
    size: undefined,
    voters: ['nobody'],
    membership: MEMBERSHIP_DEFAULTS,
    leadership: LEADERSHIP_DEFAULTS,
    weather: { ...CALM, delayMs: 0.9, jitterMs: 0.1 },
    rates: Array.from({ length: nodes + 1 }, (_, index) => 0.995 + (index % 11) / 1_000),
    wallOffsets: Array.from({ length: nodes + 1 }, () => 0),
    acts: undefined,
  };
}

function falseAlarms(world: World): number {
  let alarms = 0;
  world.checkers.all.push({ event: (_process, event) => void (alarms += Number(event.type === 'nodeDown')) });
  changeWeather(world, { loss: 0.1 });
  pass(world, LOSSY_MS);
  return alarms;
}

function pass(world: World, ms: number): void {
  world.agenda.run(world.agenda.now + ms, () => world.violation !== undefined);
  if (world.violation) throw new Error(world.violation.what);
}

/** Milliseconds of true time until the condition holds. */
function until(world: World, what: string, holds: () => boolean): number {
  const began = world.agenda.now;
  while (!holds()) {
    pass(world, STEP_MS);
    if (world.agenda.now - began > PATIENCE_MS) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
  }
  return world.agenda.now - began;
}

function allSee(world: World, count: number): boolean {
  for (const process of world.running) if (world.witness(process).up.size < count) return false;
  return true;
}

function knows(world: World, node: NodeInfo): boolean {
  for (const process of world.running)
    if (process.info.incarnation !== node.incarnation && !world.witness(process).sees(node)) return false;
  return true;
}

function isSeen(world: World, node: NodeInfo): boolean {
  for (const process of world.running) if (world.witness(process).sees(node)) return true;
  return false;
}

function last(world: World): Process {
  const process = [...world.running].at(-1);
  if (!process) throw new Error('nobody runs');
  return process;
}

function sent(world: World): { frames: number; bytes: number; byNode: Map<Process, number> } {
  const byNode = new Map([...world.running].map((process) => [process, process.transport.framesSent]));
  return { frames: world.network.frames, bytes: world.network.bytes, byNode };
}
