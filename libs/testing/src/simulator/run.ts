/**
 * One run: a seed, its settings, act after act – faults first, then healing, then the promises that must come true.
 */
import type { Act } from './act.js';
import { ACTS } from './acts/index.js';
import type { Violation } from './checker.js';
import { installCheckers } from './checkers/index.js';
import type { Convergence } from './checkers/index.js';
import { heal } from './faults.js';
import { settingsOf } from './settings.js';
import type { Choice, Settings } from './settings.js';
import type { StoreCast } from './store/store-cast.js';
import { installStore } from './store/store-run.js';
import type { StoreRun } from './store/store-run.js';
import { Trace } from './trace.js';
import { World } from './world.js';
import type { Cast } from './world.js';

export interface Report {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly frames: number;
  readonly acts: number;
  /** Longest time from healing to agreement, in milliseconds. */
  readonly healedMs: number;
}

export interface RunOptions extends Choice {
  /** Where the settings and then the trace go, line by line. */
  readonly print?: (line: string) => void;
  readonly showsMessages?: boolean;
  /** Every node holds a store, too. */
  readonly store?: StoreCast | undefined;
  /** Stores go through acts that combine faults, under checkers that make no allowances. */
  readonly strict?: boolean;
}

const MINUTE_MS = 60_000;
const QUIET_MS = 3_000;

export function runSeed(seed: number, cast: Cast, options: RunOptions = {}): Report {
  const { print, showsMessages, store: storeCast, strict = false, ...choice } = options;
  const settings = settingsOf(seed, choice);
  print?.(`seed ${seed}`);
  print?.(`settings ${JSON.stringify(settings)}`);
  const world = new World(settings, cast, print && new Trace(print, showsMessages));
  const convergence = installCheckers(world);
  const store = storeCast && installStore(world, storeCast, () => convergence.isReached, strict);
  const director = direct(world, convergence, chooseFrom(settings, store), store);
  let acts = 0;
  const goOn = (): void => {
    const wait = director.next();
    if (wait.value !== undefined) acts = wait.value.acts;
    if (!wait.done) world.agenda.in(wait.value.ms, goOn);
  };
  try {
    world.agenda.at(0, goOn);
    world.agenda.run(settings.minutes * MINUTE_MS, () => world.violation !== undefined);
  } catch (error) {
    world.violate('throws', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const { violation, network } = world;
  return {
    seed,
    violation,
    frames: network.frames,
    acts,
    healedMs: Math.max(convergence.longestMs, store?.longestMs ?? 0),
  };
}

function chooseFrom({ acts }: Settings, store: StoreRun | undefined): readonly Act[] {
  const all = store ? [...ACTS.filter((act) => store.suits(act)), ...store.acts] : ACTS;
  if (!acts) return all;
  return all.filter(({ name }) => acts.includes(name)).map((act) => ({ ...act, weight: act.weight || 1 }));
}

/** Starts everybody, then plays acts until the time is over. */
function* direct(
  world: World,
  convergence: Convergence,
  acts: readonly Act[],
  store: StoreRun | undefined,
): Generator<{ ms: number; acts: number }, undefined, void> {
  const spreadMs = world.random() < 0.5 ? 100 : 5_000;
  for (let index = 0; index < world.settings.nodes; index++) {
    world.start(index);
    yield { ms: (world.random() * spreadMs) / world.settings.nodes, acts: 0 };
  }
  heal(world);
  for (let played = 0; ; played++) {
    while (!convergence.isReached || store?.isReached === false) yield { ms: 100, acts: played };
    yield { ms: QUIET_MS + world.random() * 3 * world.settings.leadership.leaseMs, acts: played };
    const act = draw(acts, world);
    if (!act) continue;
    world.trace?.fault(world.agenda.now, `act: ${act.name}`);
    store?.begin();
    for (const ms of act.play(world)) yield { ms, acts: played };
    heal(world);
  }
}

function draw(acts: readonly Act[], world: World): Act | undefined {
  const suited = acts.filter((act) => act.suits?.(world) ?? true);
  let rest = world.random() * suited.reduce((sum, { weight }) => sum + weight, 0);
  return suited.find(({ weight }) => (rest -= weight) < 0);
}
