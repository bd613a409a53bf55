/** The proof that the simulator has teeth: break one rule of the protocol that ships, and it must say so. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Mutant } from './mutants/mutant.js';

const root = resolve(__dirname, '../..');
const cli = join(root, 'libs/testing/dist/simulator/cli.js');

/** A copy of the protocol as it ships, with the mutation. */
function build(folder: string, mutant: Mutant): void {
  cpSync(join(root, 'libs/protocol/dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(root, 'libs/protocol/package.json'), join(folder, 'package.json'));
  for (const { file, find, replace } of mutant.also ? [mutant, mutant.also] : [mutant]) {
    const path = join(folder, 'dist', file);
    const parts = readFileSync(path, 'utf8').split(find);
    if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times: ${find}`);
    writeFileSync(path, parts.join(replace));
  }
}

/** What the simulator prints about it. */
function examine(folder: string, { acts, options = [], seedsMax = 100, file }: Mutant): Promise<string> {
  const isOfStore = file.startsWith('store/');
  const args = [
    ...(isOfStore ? ['--store'] : []),
    '--protocol',
    join(folder, 'dist'),
    '--seeds',
    `${seedsMax}`,
    '--minutes',
    isOfStore ? '2' : '4',
    '--acts',
    acts.join(','),
  ];
  return new Promise((done, fail) => {
    execFile(
      process.execPath,
      [cli, ...args, '--first', '--jobs', '1', ...options],
      (error, stdout, stderr) => (stderr ? fail(new Error(stderr, { cause: error })) : done(stdout)),
    );
  });
}

/** A test for each of them. */
export function hunt(room: string, mutants: readonly Mutant[]): void {
  describe(`mutants of ${room} are found out`, () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'nest-cluster-mutant-'));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it.each(mutants.map((mutant) => [mutant.fault, mutant] as const))('%s', async (_fault, mutant) => {
      build(folder, mutant);
      const [, rule] = /breaks (\S+) at/.exec(await examine(folder, mutant)) ?? [];
      expect(mutant.breaks).toContain(rule);
    });
  });
}
