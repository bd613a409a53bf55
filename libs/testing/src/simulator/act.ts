/**
 * An act is a short story of faults: it begins in a converged cluster, yields the milliseconds to wait between its steps,
 * and leaves the cleaning up to whoever plays it.
 */
import { shuffled } from '@nest-cluster/protocol';
import type { Process } from './process.js';
import type { World } from './world.js';

export interface Act {
  readonly name: string;
  /** How often it is chosen, relative to the others. 0: only where it is asked for by name, so that seeds keep their stories. */
  readonly weight: number;
  /** False where it makes no sense with these settings. */
  suits?(world: World): boolean;
  play(world: World): Generator<number, void, void>;
}

/** The processes that run, in an order of chance. */
export function anybody(world: World): Process[] {
  return shuffled([...world.running], world.random);
}

/** Everybody but these, in an order of chance. */
export function others(world: World, ...processes: Process[]): Process[] {
  return anybody(world).filter((process) => !processes.includes(process));
}

/** The leader, or anybody. */
export function leaderOf(world: World): Process {
  const process = world.leader() ?? anybody(world)[0];
  if (!process) throw new Error('nobody runs');
  return process;
}

/** A number between two others. */
export function between(world: World, from: number, to: number): number {
  return from + world.random() * (to - from);
}
