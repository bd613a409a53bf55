/**
 * What users get: packed tarballs, installed into applications that Nest's own command has just generated, as CommonJS
 * with Nest 11, terminus 11 and Jest, and as ES modules with Nest 12, terminus 12 and Vitest. They build, form a cluster, can
 * be watched, and run their tests.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DemoCluster } from '../support/demo-cluster.js';
import { packInto, run } from '../support/packing.js';
import { until } from '../support/until.js';
import { HEALTH, OWN_TEST, STATUS, TOKEN, withCluster } from './generated-sources.js';

const MINUTES = 60_000;

let workshop: string;
let tarballs: string[];

/** A generated application with our module in it. */
function application(major: 11 | 12): string {
  const name = `nest${major}`;
  const folder = join(workshop, name);
  run(workshop, 'npx', [
    '-y',
    `@nestjs/cli@${major}`,
    'new',
    name,
    '-p',
    'npm',
    '--skip-git',
    '--skip-install',
  ]);
  const peers = [`@nestjs/terminus@${major}`, '@willsoto/nestjs-prometheus', 'prom-client'];
  run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...peers, ...tarballs]);
  const file = join(folder, 'src/app.module.ts');
  writeFileSync(file, withCluster(readFileSync(file, 'utf8'), major === 12 ? '.js' : ''));
  writeFileSync(join(folder, 'src/health.controller.ts'), HEALTH);
  writeFileSync(join(folder, 'src/status.controller.ts'), STATUS);
  writeFileSync(join(folder, 'src/job.spec.ts'), OWN_TEST);
  const main = join(folder, 'src/main.ts');
  writeFileSync(
    main,
    readFileSync(main, 'utf8').replace(
      /await app\.listen\(.*\);/,
      'app.enableShutdownHooks();\n  await app.listen(0);\n  process.send?.(await app.getUrl());',
    ),
  );
  return folder;
}

interface Answer {
  readonly code: number;
  readonly text: string;
}

async function ask(origin: string, path: string): Promise<Answer> {
  const response = await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return { code: response.status, text: await response.text() };
}

async function health(origin: string, path = ''): Promise<string> {
  const { code, text } = await ask(origin, `/health${path}`);
  const { details } = JSON.parse(text) as { details: { cluster: { status: string; state: string } } };
  return `${code} ${details.cluster.status} ${details.cluster.state}`;
}

/** Three processes of the built application see each other, agree on a leader, are watched, and end when they are told to. */
async function formsCluster(folder: string, yellow: string): Promise<void> {
  const env = await DemoCluster.environment(3);
  const children: ChildProcess[] = [];
  const origins = new Map<ChildProcess, string>();
  const gone = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;
  try {
    for (const name of ['one@test', 'two@test', 'three@test']) {
      const child = fork(join(folder, 'dist/main.js'), [], {
        cwd: folder,
        silent: true,
        env: { PATH: process.env['PATH'] ?? '', ...env, CLUSTER_NODE_NAME: name },
      });
      children.push(child);
      child.on('message', (url) => {
        if (typeof url === 'string') origins.set(child, url.replace('[::1]', '127.0.0.1'));
      });
    }
    await until('all are green and agree', async () => {
      const answers = await Promise.all([...origins.values()].map((origin) => ask(origin, '/status')));
      const all = answers.map(({ text }) => JSON.parse(text) as { state: string; leader: string | null });
      const leaders = new Set(all.map(({ leader }) => leader));
      return (
        all.length === 3 &&
        all.every(({ state }) => state === 'green') &&
        leaders.size === 1 &&
        !leaders.has(null)
      );
    });
    const [first, second, third] = children as [ChildProcess, ChildProcess, ChildProcess];
    const origin = origins.get(first) ?? '';
    await isWatched(origin);
    expect(await health(origin)).toBe('200 up green');
    second.kill('SIGKILL');
    await until('it is yellow', async () => (await health(origin)) === yellow);
    expect(await health(origin, '/ready')).toBe('200 up yellow');
    third.kill('SIGKILL');
    await until('it is red', async () => (await health(origin)) === '503 down red');
    expect(await health(origin, '/ready')).toBe('503 down red');
    expect(await health(origin, '/live')).toBe('200 up red');
    first.kill('SIGTERM');
    await until('it has ended', () => gone(first));
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

/** Metrics, calls and the page come out of the packages, too. */
async function isWatched(origin: string): Promise<void> {
  expect((await ask(origin, '/metrics')).text).toMatch(/^cluster_size 3$/m);
  const cluster = await ask(origin, '/cluster');
  expect(JSON.parse(cluster.text)).toMatchObject({ state: 'green', size: { expected: 3, current: 3 } });
  const page = await fetch(`${origin}/cluster/ui?token=${TOKEN}`);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(await page.text()).toContain('new Page().start()');
}

beforeAll(() => {
  workshop = mkdtempSync(join(tmpdir(), 'nest-cluster-packed-'));
  tarballs = packInto(workshop);
}, 5 * MINUTES);

afterAll(() => rmSync(workshop, { recursive: true, force: true }));

it.each([
  // Terminus 11 knows no degraded.
  [11, '200 up yellow'],
  [12, '200 degraded yellow'],
] as const)(
  'a generated Nest %i application builds, forms a cluster, is watched, and runs its own tests',
  async (major, yellow) => {
    const folder = application(major);
    run(folder, 'npm', ['run', 'build']);
    // Nest 12 builds next to its tests, one folder deeper.
    const built = readdirSync(join(folder, 'dist')).includes('main.js') ? folder : undefined;
    expect(built).toBeDefined();
    await formsCluster(folder, yellow);
    const env = await DemoCluster.environment(1);
    run(folder, 'npm', ['test'], env);
    run(folder, 'npm', ['run', 'test:e2e'], env);
  },
  10 * MINUTES,
);
