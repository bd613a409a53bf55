/**
 * A copy of everything that is compiled, in which one rule is broken.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from '../../simulation/mutants/mutant.js';

const SCOPE = '@nest-cluster';
const MAIN = 'apps/demo/dist/main.js';

export interface Build {
  readonly main: string;
  readonly remove: () => void;
}

export const mainOf = (root: string): string => join(root, MAIN);

export function buildMutant(root: string, mutant: Mutant): Build {
  const folder = mkdtempSync(join(tmpdir(), 'nest-cluster-chaos-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    copyCompiled(root, folder);
    linkPackages(root, folder);
    for (const edit of mutant.also ? [mutant, mutant.also] : [mutant]) {
      const path = join(folder, 'libs/protocol/dist', edit.file);
      const text = readFileSync(path, 'utf8');
      if (text.split(edit.find).length !== 2)
        throw new Error(`${mutant.fault}: ${JSON.stringify(edit.find)} must be in ${edit.file} exactly once`);
      writeFileSync(
        path,
        text.replace(edit.find, () => edit.replace),
      );
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { main: join(folder, MAIN), remove };
}

function copyCompiled(root: string, folder: string): void {
  for (const place of ['libs', 'apps'])
    for (const name of readdirSync(join(root, place)))
      for (const part of ['package.json', 'dist'])
        cpSync(join(root, place, name, part), join(folder, place, name, part), { recursive: true });
}

/** Everything else comes from where it is; our own packages are the copies. */
function linkPackages(root: string, folder: string): void {
  const from = join(root, 'node_modules');
  const to = join(folder, 'node_modules');
  mkdirSync(join(to, SCOPE), { recursive: true });
  for (const name of readdirSync(from)) if (name !== SCOPE) symlinkSync(join(from, name), join(to, name));
  for (const name of readdirSync(join(root, 'libs')))
    symlinkSync(join(folder, 'libs', name), join(to, SCOPE, name));
}
