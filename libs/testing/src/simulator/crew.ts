/**
 * Shares seeds among child processes, one per core, and gathers their reports. A child that dies is an error.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Report } from './run.js';

export interface Crew {
  /** The program that each child runs; it answers every seed that it is sent with a `Report`. */
  readonly program: string;
  readonly args: readonly string[];
  readonly jobs: number;
}

/** Runs all seeds; stops early when `report` answers false. */
export async function runCrew(
  { program, args, jobs }: Crew,
  seeds: Iterable<number>,
  report: (report: Report) => boolean,
): Promise<void> {
  const waiting = seeds[Symbol.iterator]();
  let isStopped = false;
  const work = (child: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      const next = (): void => {
        const seed = waiting.next();
        if (seed.done || isStopped) child.disconnect();
        else child.send(seed.value);
      };
      child.on('message', (answer: Report | 'ready') => {
        if (answer !== 'ready' && !report(answer)) isStopped = true;
        next();
      });
      child.on('error', reject);
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a child ended with ${code}`))));
    });
  const children = Array.from({ length: jobs }, () =>
    fork(program, [...args], {
      env: { ...process.env, SIM_CHILD: '1' },
      execArgv: ['--max-old-space-size=1024'],
    }),
  );
  try {
    await Promise.all(children.map(work));
  } finally {
    for (const child of children) child.kill();
  }
}

/** The side of the child: runs each seed that it is sent. */
export function serveCrew(run: (seed: number) => Report): void {
  process.on('message', (seed: number) => process.send?.(run(seed)));
  process.send?.('ready');
}
