/**
 * What the nemesis does. A fault starts, lasts, and is stopped; what it needs of chance comes from a source of its own, so that
 * one seed plays the same again.
 */
import { call } from '../clients/http.js';
import type { Life } from '../lab/life.js';
import { among, between } from '../lab/links.js';
import type { Random } from '../random.js';
import { hold, now } from '../until.js';
import type { Stage } from './stage.js';

/** Ends what was begun. Resolves when the processes that it touched run again. */
export type Stop = () => void | Promise<void>;

export interface Started {
  readonly detail: string;
  readonly stop: Stop;
}

export interface Fault {
  /** How often it is drawn, beside the others. */
  readonly weight: number;
  /** Shortest and longest time that it lasts, in milliseconds. */
  readonly lastsMs: readonly [number, number];
  readonly start: (stage: Stage, random: Random) => Started | Promise<Started>;
}

const HALF_MIN_S = 0.3;
const FLAP_MS = [300, 3_000] as const;
const LOSS_PERCENT = [5, 30] as const;
const CLOCK_OFF_MS = [500, 120_000] as const;
const BLOCK_MS = [1_000, 10_000] as const;

export const FAULTS = {
  halves: {
    weight: 3,
    lastsMs: [2_000, 20_000],
    start: (stage, random) => {
      const [one, other] = halves(stage, random);
      return { detail: `${shown(one)} | ${shown(other)}`, stop: stage.cut(one, other) };
    },
  },
  thirds: {
    weight: 1,
    lastsMs: [4_000, 15_000],
    start: (stage, random) => {
      const sides: number[][] = [[], [], []];
      random.shuffle(stage.hosts).forEach((host, at) => sides[at % sides.length]?.push(host));
      return { detail: sides.map(shown).join(' | '), stop: stage.cut(...sides) };
    },
  },
  // Each hears two neighbours, and nobody hears all.
  ring: {
    weight: 1,
    lastsMs: [4_000, 15_000],
    start: (stage, random) => {
      const order = random.shuffle(stage.hosts);
      const next = (at: number) => order[(at + 1) % order.length];
      const kept = new Set(order.flatMap((host, at) => [`${host}>${next(at)}`, `${next(at)}>${host}`]));
      const cut = among(order).filter((way) => !kept.has(way.join('>')));
      return { detail: order.join('-'), stop: stage.trouble({ cut, lossy: [] }) };
    },
  },
  // Two halves with one host that reaches both.
  bridge: {
    weight: 1,
    lastsMs: [4_000, 15_000],
    start: (stage, random) => {
      const [middle, ...rest] = random.shuffle(stage.hosts);
      const half = Math.ceil(rest.length / 2);
      const [one, other] = [rest.slice(0, half), rest.slice(half)];
      return { detail: `${shown(one)} -${middle}- ${shown(other)}`, stop: stage.cut(one, other) };
    },
  },
  oneWay: {
    weight: 2,
    lastsMs: [2_000, 12_000],
    start: (stage, random) => {
      const cut = random.shuffle(among(stage.hosts)).slice(0, 1 + random.below(stage.hosts.length));
      return {
        detail: cut.map((way) => way.join('>')).join(' '),
        stop: stage.trouble({ cut, lossy: [] }),
      };
    },
  },
  isolatedLeader: {
    weight: 2,
    lastsMs: [3_000, 15_000],
    start: async (stage, random) => {
      const host = (await stage.leader()) ?? random.pick(stage.hosts);
      const rest = stage.hosts.filter((other) => other !== host);
      return { detail: String(host), stop: stage.cut([host], rest) };
    },
  },
  flapping: {
    weight: 2,
    lastsMs: [4_000, 15_000],
    start: (stage, random) => {
      const [one, other] = halves(stage, random);
      return { detail: `${shown(one)} | ${shown(other)}`, stop: flap(stage, random, one, other) };
    },
  },
  loss: {
    weight: 2,
    lastsMs: [3_000, 15_000],
    start: (stage, random) => {
      const percent = Math.round(random.between(...LOSS_PERCENT));
      const lossy = among(stage.hosts).map((way) => [way, percent] as const);
      return { detail: `${percent} %`, stop: stage.trouble({ cut: [], lossy }) };
    },
  },
  kill: {
    weight: 2,
    lastsMs: [100, 8_000],
    start: (stage, random) => down(stage, random.pick(stage.hosts), 'SIGKILL', false),
  },
  restart: {
    weight: 2,
    lastsMs: [0, 3_000],
    start: (stage, random) => down(stage, random.pick(stage.hosts), 'SIGTERM', false),
  },
  restartRenamed: {
    weight: 1,
    lastsMs: [0, 3_000],
    start: (stage, random) =>
      down(stage, random.pick(stage.hosts), random.chance(0.5) ? 'SIGKILL' : 'SIGTERM', true),
  },
  stopped: {
    weight: 2,
    lastsMs: [1_000, 30_000],
    start: (stage, random) => {
      const life = stage.cluster.on(random.pick(stage.hosts));
      life?.stop();
      return { detail: life?.id ?? 'nobody', stop: () => life?.resume() };
    },
  },
  blocked: {
    weight: 1,
    lastsMs: [1_000, 10_000],
    start: async (stage, random) => {
      const life = stage.cluster.on(random.pick(stage.hosts));
      const ms = Math.round(random.between(...BLOCK_MS));
      if (life?.isListening !== true) return { detail: 'nobody', stop: () => undefined };
      return { detail: `${life.id} for ${ms} ms`, stop: await block(stage, life, ms) };
    },
  },
  clockStep: {
    weight: 1,
    lastsMs: [1_000, 20_000],
    start: (stage, random) => {
      const life = stage.cluster.on(random.pick(stage.hosts));
      const offMs = Math.round(random.between(...CLOCK_OFF_MS)) * (random.chance(0.5) ? 1 : -1);
      life?.setClock(offMs);
      return { detail: `${life?.id} by ${offMs} ms`, stop: () => life?.setClock(0) };
    },
  },
  stepDown: {
    weight: 1,
    lastsMs: [0, 0],
    start: async (stage, random) => {
      const life = random.pick(stage.cluster.running());
      const { status } = await call(life, '/cluster/leader', { method: 'DELETE', timeoutMs: 3_000 });
      return { detail: `told ${life.id}: ${status}`, stop: () => undefined };
    },
  },
  // One after the other on one side of a cut, each when the one before has the store again.
  rollingRestartInCut: {
    weight: 2,
    lastsMs: [6_000, 20_000],
    start: async (stage, random) => {
      const sides = halves(stage, random);
      const mend = stage.cut(...sides);
      const side = random.pick(sides);
      const isRenamed = random.chance(0.2);
      await hold(random.between(HALF_MIN_S, 8) * 1_000);
      const rolled = roll(stage, side, isRenamed);
      return {
        detail: `${shown(sides[0])} | ${shown(sides[1])}, ${shown(side)} one by one${isRenamed ? ', renamed' : ''}`,
        stop: async () => {
          mend();
          await rolled;
        },
      };
    },
  },
  sideRestartedInCut: {
    weight: 1,
    lastsMs: [4_000, 15_000],
    start: async (stage, random) => {
      const sides = halves(stage, random);
      const mend = stage.cut(...sides);
      const side = random.pick(sides);
      await hold(random.between(HALF_MIN_S, 8) * 1_000);
      const restarts = await Promise.all(side.map((host) => down(stage, host, 'SIGKILL', false)));
      const again = Promise.all(restarts.map(async ({ stop }) => stop()));
      return {
        detail: `${shown(sides[0])} | ${shown(sides[1])}, all of ${shown(side)} at once`,
        stop: async () => {
          mend();
          await again;
        },
      };
    },
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

export function faultOf(name: FaultName): Fault {
  return FAULTS[name];
}

const shown = (hosts: readonly number[]): string =>
  `{${[...hosts].sort((one, other) => one - other).join(',')}}`;

function halves(stage: Stage, random: Random): readonly [number[], number[]] {
  const order = random.shuffle(stage.hosts);
  const small = 1 + random.below(Math.floor(order.length / 2));
  return [order.slice(0, small), order.slice(small)];
}

function flap(stage: Stage, random: Random, one: readonly number[], other: readonly number[]): Stop {
  let isOver = false;
  const flapping = (async () => {
    while (!isOver) {
      const mend = stage.trouble({ cut: between(one, other), lossy: [] });
      await hold(random.between(...FLAP_MS));
      mend();
      if (!isOver) await hold(random.between(...FLAP_MS));
    }
  })();
  return () => {
    isOver = true;
    return flapping;
  };
}

/** Ends a process; the fault's stop starts another in its place. */
async function down(
  stage: Stage,
  host: number,
  signal: 'SIGKILL' | 'SIGTERM',
  isRenamed: boolean,
): Promise<Started> {
  const { cluster } = stage;
  const life = cluster.on(host);
  await life?.end(signal);
  const detail = `${life?.id ?? 'nobody'} by ${signal}${isRenamed ? ', then renamed' : ''}`;
  const stop = async () => {
    if (life !== undefined && !cluster.isTaken(host)) await cluster.listening(cluster.start(host, isRenamed));
  };
  return { detail, stop };
}

async function block(stage: Stage, life: Life, ms: number): Promise<Stop> {
  const t0 = now();
  life.isHalted = true;
  await call(life, `/demo/block?ms=${ms}`, { method: 'POST', timeoutMs: 3_000 });
  return async () => {
    // It answers as soon as its main thread goes on.
    await call(life, '/demo/status', { timeoutMs: ms + 5_000 });
    life.isHalted = false;
    stage.cluster.recorder.add({
      type: 'halt',
      life: life.id,
      host: life.host,
      t0,
      t1: now(),
      how: 'blocked',
    });
  };
}

async function roll(stage: Stage, hosts: readonly number[], isRenamed: boolean): Promise<void> {
  for (const host of hosts) {
    if (stage.isOver || stage.cluster.on(host) === undefined) return;
    const life = await stage.cluster.restart(host, 'SIGTERM', isRenamed);
    await stage.ready(life);
  }
}
