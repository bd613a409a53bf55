/**
 * Which application this process runs, by the nearest `package.json` that has a name.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Environment } from '../ports/cluster-strategy.js';

/** What the process was started with, and in which folder. */
export interface ProcessPlace {
  readonly script: string | undefined;
  readonly folder: string;
}

function thisProcess(): ProcessPlace {
  return { script: process.argv[1], folder: process.cwd() };
}

/**
 * The name in the nearest `package.json` of the script, or else of the folder. An installed script, such as PM2's or a test
 * runner's, runs the application that the folder belongs to.
 */
export function applicationName({ script, folder }: ProcessPlace = thisProcess()): string | undefined {
  const ofFolder = () => nearestName(folder);
  if (script === undefined || isInstalled(script)) return ofFolder();
  return nearestName(dirname(script)) ?? ofFolder();
}

function isInstalled(script: string): boolean {
  return script.split(sep).includes('node_modules');
}

/** Jest and Vitest set a variable, which the processes that a test starts inherit; those have a script of their own. */
export function isTestRunner(env: Environment, { script }: ProcessPlace = thisProcess()): boolean {
  if (env.JEST_WORKER_ID === undefined && env.VITEST === undefined) return false;
  return script === undefined || isInstalled(script);
}

function nearestName(from: string): string | undefined {
  for (let folder = from, below = ''; folder !== below; below = folder, folder = dirname(folder)) {
    try {
      const found: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (typeof found === 'object' && found !== null && 'name' in found && typeof found.name === 'string')
        return found.name;
    } catch {
      // Not here: look further up.
    }
  }
  return undefined;
}
