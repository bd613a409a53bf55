#!/usr/bin/env node
/**
 * `npm run sim`: many seeds on all cores, or one seed with its trace. Exits with 1 when a promise was broken.
 */
import { minutesOf, readArguments, USAGE } from './arguments.js';
import type { Arguments } from './arguments.js';
import { runCrew, serveCrew } from './crew.js';
import type { Report, runSeed } from './run.js';
import type { Choice } from './settings.js';
import type { FullCast } from './product.js';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function describeViolation(
  { seed, violation }: Report,
  { minutes, nodes, size, leaseMs: lease, acts, store, strict }: Arguments,
): string | undefined {
  if (!violation) return undefined;
  const also = Object.entries({
    minutes: minutes === minutesOf(store) ? undefined : minutes,
    nodes,
    size,
    lease,
    acts: acts?.join(','),
  })
    .map(([name, value]) => (value === undefined ? '' : ` --${name} ${value}`))
    .join('');
  const { rule, what, at } = violation;
  return `seed ${seed} breaks ${rule} at ${(at / 1_000).toFixed(3)} s: ${what}\n  npm run sim -- ${store ? '--store ' : ''}${strict ? '--strict ' : ''}--seed ${seed}${also}`;
}

function choiceOf({ minutes, nodes, size, leaseMs, acts }: Arguments): Choice {
  return { minutes, nodes, size, leaseMs, acts };
}

interface Stage {
  readonly cast: FullCast;
  readonly runSeed: typeof runSeed;
}

/** Loaded only where it runs: the code under test comes with everything that an application loads. */
async function stageOf({ protocol }: Arguments): Promise<Stage> {
  const [{ castFrom }, run] = await Promise.all([import('./product.js'), import('./run.js')]);
  return { cast: await castFrom(protocol), runSeed: run.runSeed };
}

async function replay(seed: number, asked: Arguments): Promise<boolean> {
  const { cast, runSeed: run } = await stageOf(asked);
  const report = run(seed, cast, {
    ...choiceOf(asked),
    print,
    showsMessages: asked.messages,
    ...(asked.store && { store: cast.store, strict: asked.strict }),
  });
  print(
    describeViolation(report, asked) ??
      `seed ${seed}: ${report.acts} acts, ${report.frames} frames, nothing broken`,
  );
  return report.violation === undefined;
}

async function runMany(asked: Arguments, program: string, args: readonly string[]): Promise<boolean> {
  const began = performance.now();
  const seeds = Array.from({ length: asked.seeds }, (_, index) => asked.from + index);
  let done = 0;
  let frames = 0;
  let broken = 0;
  let healedMs = 0;
  await runCrew({ program, args, jobs: Math.min(asked.jobs, Math.max(1, asked.seeds)) }, seeds, (report) => {
    done++;
    frames += report.frames;
    healedMs = Math.max(healedMs, report.healedMs);
    const violation = describeViolation(report, asked);
    if (!violation) return true;
    broken++;
    print(violation);
    return !asked.first;
  });
  const seconds = (performance.now() - began) / 1_000;
  print(
    `${done} seeds, ${broken} broken, ${(done / seconds).toFixed(1)} seeds/s, ` +
      `${Math.round(frames / Math.max(done, 1))} frames per seed, healed within ${(healedMs / 1_000).toFixed(1)} s`,
  );
  return broken === 0;
}

async function main([, program = '', ...args]: readonly string[]): Promise<boolean> {
  if (args.includes('--help')) {
    print(USAGE);
    return true;
  }
  const asked = readArguments(args);
  if (process.env['SIM_CHILD'] !== undefined) {
    const { cast, runSeed: run } = await stageOf(asked);
    const choice = { ...choiceOf(asked), ...(asked.store && { store: cast.store, strict: asked.strict }) };
    serveCrew((seed) => run(seed, cast, choice));
    return true;
  }
  if (asked.scale) {
    const { printScale } = await import('./scale.js');
    const { cast } = await stageOf(asked);
    printScale(cast, print, asked.nodes === undefined ? [10, 100, 300] : [asked.nodes]);
    return true;
  }
  if (asked.seed !== undefined) return replay(asked.seed, asked);
  return runMany(asked, program, args);
}

main(process.argv).then(
  (isWhole) => {
    if (!isWhole) process.exitCode = 1;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    process.exitCode = 2;
  },
);
