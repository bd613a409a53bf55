/**
 * What users get: tarballs of the packages, and programs that are run until they end.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const INSTALLED = ['protocol', 'core', 'testing', 'terminus', 'prometheus', 'management'];

export function run(
  cwd: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  try {
    execFileSync(command, args, { cwd, stdio: 'pipe', env: { ...process.env, NO_COLOR: '1', ...env } });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout.toString()}\n${stderr.toString()}`, {
      cause: error,
    });
  }
}

/** Packs copies, because packing builds anew and other tests are using what is built. */
export function packInto(workshop: string, packages: readonly string[] = INSTALLED): string[] {
  const copy = join(workshop, 'source');
  const isSource = (path: string) => !['node_modules', 'dist'].includes(basename(path));
  for (const part of ['libs', 'scripts', 'tsconfig.base.json', 'tsconfig.json']) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true, filter: isSource });
  }
  // Our own packages must see each other's copies, and everything else what is installed.
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@nest-cluster'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@nest-cluster') symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const lib of packages) symlinkSync(join(copy, 'libs', lib), join(modules, '@nest-cluster', lib));
  for (const lib of packages) run(join(copy, 'libs', lib), 'npm', ['pack', '--pack-destination', workshop]);
  return readdirSync(workshop)
    .filter((file) => file.endsWith('.tgz'))
    .map((file) => join(workshop, file));
}
