/**
 * What users get: packed tarballs, installed into applications that Nest's own command has just generated, as CommonJS
 * with Nest 11 and Jest, and as ES modules with Nest 12 and Vitest. They build, form a cluster, and run their tests.
 */
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DemoCluster } from '../support/demo-cluster.js';
import { until } from '../support/until.js';

const ROOT = join(__dirname, '../..');
const PACKED = ['protocol', 'core', 'testing'];
const MINUTES = 60_000;

let workshop: string;
let tarballs: string[];

function run(
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
function pack(): string[] {
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
  for (const lib of PACKED) symlinkSync(join(copy, 'libs', lib), join(modules, '@nest-cluster', lib));
  for (const lib of PACKED) run(join(copy, 'libs', lib), 'npm', ['pack', '--pack-destination', workshop]);
  return readdirSync(workshop)
    .filter((file) => file.endsWith('.tgz'))
    .map((file) => join(workshop, file));
}

const STATUS = `import { Controller, Get } from '@nestjs/common';
import { Cluster, ClusterLeadership } from '@nest-cluster/core';

@Controller('status')
export class StatusController {
  constructor(
    private readonly cluster: Cluster,
    private readonly leadership: ClusterLeadership,
  ) {}

  @Get()
  status(): object {
    return { state: this.cluster.state, leader: this.leadership.leader?.name ?? null };
  }
}
`;

const OWN_TEST = `import { Injectable } from '@nestjs/common';
import { LeaderOnly } from '@nest-cluster/core';
import { ClusterTestingModule } from '@nest-cluster/testing';

@Injectable()
class Job {
  ran = 0;

  @LeaderOnly()
  run(): void {
    this.ran += 1;
  }
}

describe('a job of the application', () => {
  it('runs on one node', async () => {
    const cluster = await ClusterTestingModule.start({
      module: (node) => ({ imports: [node], providers: [Job] }),
    });
    for (const node of cluster.nodes) node.get(Job).run();
    expect(cluster.nodes.map((node) => node.get(Job).ran).sort()).toEqual([0, 0, 1]);
    await cluster.close();
  });
});
`;

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
  run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs]);
  const extension = major === 12 ? '.js' : '';
  const file = join(folder, 'src/app.module.ts');
  const module = readFileSync(file, 'utf8')
    .replace(/imports: \[\]/, 'imports: [ClusterModule.forRoot()]')
    .replace(/controllers: \[AppController\]/, 'controllers: [AppController, StatusController]');
  writeFileSync(
    file,
    `import { ClusterModule } from '@nest-cluster/core';\nimport { StatusController } from './status.controller${extension}';\n${module}`,
  );
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

/** Two processes of the built application see each other, agree on a leader, and end when they are told to. */
async function formsCluster(folder: string): Promise<void> {
  const env = await DemoCluster.environment(2);
  const children: ChildProcess[] = [];
  const urls: string[] = [];
  try {
    for (const name of ['one@test', 'two@test']) {
      const child = fork(join(folder, 'dist/main.js'), [], {
        cwd: folder,
        silent: true,
        env: { PATH: process.env['PATH'] ?? '', ...env, CLUSTER_NODE_NAME: name },
      });
      children.push(child);
      child.on('message', (url) => {
        if (typeof url === 'string') urls.push(url);
      });
    }
    await until('both are green and agree', async () => {
      const all = await Promise.all(
        urls.map(async (url) => {
          const response = await fetch(`${url.replace('[::1]', '127.0.0.1')}/status`);
          return (await response.json()) as { state: string; leader: string | null };
        }),
      );
      const leaders = new Set(all.map(({ leader }) => leader));
      return (
        all.length === 2 &&
        all.every(({ state }) => state === 'green') &&
        leaders.size === 1 &&
        !leaders.has(null)
      );
    });
    for (const child of children) child.kill('SIGTERM');
    await until('both have ended', () =>
      children.every((child) => child.exitCode !== null || child.signalCode !== null),
    );
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

beforeAll(() => {
  workshop = mkdtempSync(join(tmpdir(), 'nest-cluster-packed-'));
  tarballs = pack();
}, 5 * MINUTES);

afterAll(() => rmSync(workshop, { recursive: true, force: true }));

it.each([11, 12] as const)(
  'a generated Nest %i application builds, forms a cluster, and runs its own tests',
  async (major) => {
    const folder = application(major);
    run(folder, 'npm', ['run', 'build']);
    // Nest 12 builds next to its tests, one folder deeper.
    const built = readdirSync(join(folder, 'dist')).includes('main.js') ? folder : undefined;
    expect(built).toBeDefined();
    await formsCluster(folder);
    const env = await DemoCluster.environment(1);
    run(folder, 'npm', ['test'], env);
    run(folder, 'npm', ['run', 'test:e2e'], env);
  },
  10 * MINUTES,
);
