/**
 * The README's example compiles, starts, and does what it says.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScheduleModule } from '@nestjs/schedule';
import { ClusterTestingModule, eventually } from '@nest-cluster/testing';
import { Reports } from './readme-example.js';

const README = readFileSync(join(__dirname, '../../README.md'), 'utf8');

it('shows code that is compiled here', () => {
  const code = readFileSync(join(__dirname, 'readme-example.ts'), 'utf8');
  expect(README).toContain(`\`\`\`ts\n${code}\`\`\``);
});

it('shows a leader-only job whose report every node can read', async () => {
  const greetings = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  const cluster = await ClusterTestingModule.start({
    module: (node) => ({ imports: [ScheduleModule.forRoot(), node], providers: [Reports] }),
  });
  try {
    expect(greetings).toHaveBeenCalledWith('node-2 is here');
    await eventually('every node has the store', () => cluster.nodes.every(({ store }) => store.ready));
    const { leader } = cluster;
    await Promise.all(cluster.nodes.map((node) => node.get(Reports).hourly()));
    const token = leader?.leadership.token;
    await eventually('every node holds the report', () =>
      cluster.nodes.every(
        (node) => (node.store.peek('last-report') as { token?: number } | undefined)?.token === token,
      ),
    );
  } finally {
    await cluster.close();
    greetings.mockRestore();
  }
});

it('points at pages that are there', () => {
  for (const [, page = ''] of README.matchAll(/\]\((docs\/[a-z./-]+?)(?:#[a-z-]+)?\)/g)) {
    expect(() => readFileSync(join(__dirname, '../..', page))).not.toThrow(/ENOENT/);
  }
});

it.each(['testing-example', 'testing-unit-example', 'testing-application-example'])(
  'shows a test that runs here: %s',
  (example) => {
    const page = readFileSync(join(__dirname, '../../docs/testing.md'), 'utf8');
    const code = readFileSync(join(__dirname, `${example}.spec.ts`), 'utf8');
    expect(page).toContain(`\`\`\`ts\n${code}\`\`\``);
  },
);
