/**
 * What `docs/discovery.md` says is true: its example compiles and works, and no variable or default is left out.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OptionProblem } from '@nest-cluster/core';
import { dns, epmd, gossip, staticHosts, statefulSet } from '@nest-cluster/core';
import { FileStrategy } from './file-strategy.js';

const page = readFile(join(__dirname, '../../docs/discovery.md'), 'utf8');

describe('docs/discovery.md', () => {
  it('shows a strategy that compiles and finds what stands in its file', async () => {
    expect(await page).toContain(await readFile(join(__dirname, 'file-strategy.ts'), 'utf8'));
    const folder = await mkdtemp(join(tmpdir(), 'discovery-'));
    const file = join(folder, 'nodes');
    await writeFile(file, 'one:45893\ntwo:45893\n');
    const strategy = new FileStrategy(file);
    expect(await strategy.discover(AbortSignal.timeout(5_000))).toEqual(['one:45893', 'two:45893']);
    await rm(folder, { recursive: true });
    await expect(strategy.discover(AbortSignal.timeout(5_000))).rejects.toThrow(/ENOENT/);
  });

  const definitions = [gossip(), staticHosts(), statefulSet(), dns(), epmd()];

  it.each(definitions.map((definition) => [definition.name, definition] as const))(
    'lists every setting of %s beside its variable',
    async (name, definition) => {
      // Whatever is asked for holds nonsense, so that every setting has a problem.
      const nonsense = new Proxy<Record<string, string>>({}, { get: () => '?!' });
      const section =
        (await page)
          .replace(/ +/g, ' ')
          .split('\n## ')
          .find((text) => text.startsWith(`${name}\n`)) ?? '';
      const problems = definition.problems(nonsense);
      expect(problems.length).toBeGreaterThan(0);
      const documented = problems.filter(({ option, variable }: OptionProblem) =>
        section.includes(`| \`${option.split('.')[1]}\` | \`${variable}\``),
      );
      expect(documented).toEqual(problems);
    },
  );
});
