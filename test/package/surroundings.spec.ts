/**
 * The packed core in what applications are run by: bundles of esbuild and webpack, PM2, Yarn PnP, and preloads.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import { linesOf } from '../support/lines.js';
import { packInto, run } from '../support/packing.js';
import { until } from '../support/until.js';
import { ESBUILD, MAIN, OWN_WORKER, PM2, WEBPACK } from './surroundings-sources.js';

const MINUTES = 60_000;
const SECRET = 'a-secret-of-the-test';
const NEST = ['@nestjs/common@12', '@nestjs/core@12', 'reflect-metadata', 'rxjs'];
const TOOLS = ['esbuild@0.28', 'webpack@5', 'pm2@7', '@yarnpkg/cli-dist@4'];

let workshop: string;
let tarballs: string[];
const running: ChildProcess[] = [];

function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, CLUSTER_SECRET: SECRET, CLUSTER_BIND: '127.0.0.1', ...more };
}

async function start(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = environment({ GOSSIP_PORT: String(await freePort()), ...more });
  const child = spawn(process.execPath, args, { cwd: workshop, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return { child, log: linesOf(child) };
}

/** What the program says of its cluster when it is alone. */
async function result(args: readonly string[], more?: Readonly<Record<string, string>>): Promise<string> {
  const { child, log } = await start(args, more);
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  return until('it is green, or has ended', () => {
    const line = log.find((each) => /state green|START FAILS/u.test(each));
    return line ?? (gone() && log.length > 0 ? log.join('\n') : undefined);
  });
}

/** A folder with a bundle of the program. */
function bundle(tool: 'esbuild' | 'webpack', name: string, format: 'cjs' | 'esm' = 'cjs'): string {
  const folder = join(workshop, name);
  const script = join(workshop, `${tool}.mjs`);
  run(workshop, process.execPath, [script, folder, format]);
  return folder;
}

beforeAll(() => {
  workshop = mkdtempSync(join(tmpdir(), 'nest-cluster-surroundings-'));
  tarballs = packInto(workshop);
  writeFileSync(join(workshop, 'package.json'), '{ "name": "surroundings", "private": true }');
  for (const [name, source] of Object.entries({
    'main.mjs': MAIN,
    'esbuild.mjs': ESBUILD,
    'webpack.mjs': WEBPACK,
  }))
    writeFileSync(join(workshop, name), source);
  run(workshop, 'npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...NEST,
    ...TOOLS,
    ...tarballs,
  ]);
}, 5 * MINUTES);

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
});

afterAll(() => rmSync(workshop, { recursive: true, force: true }));

describe('a bundle with the worker beside it', () => {
  it.each([
    ['esbuild', 'cjs', 'main.js'],
    ['esbuild', 'esm', 'main.mjs'],
    ['webpack', 'cjs', 'main.js'],
  ] as const)('of %s as %s runs the control plane in the worker thread', async (tool, format, main) => {
    const folder = bundle(tool, `${tool}-${format}`, format);
    expect(await result([join(folder, main)])).toBe('state green, thread worker');
  });
});

describe('a bundle without the worker', () => {
  it.each([
    ['cjs', 'main.js'],
    ['esm', 'main.mjs'],
  ] as const)('says what is missing, as %s', async (format, main) => {
    const folder = bundle('esbuild', `lone-${format}`, format);
    rmSync(join(folder, 'nest-cluster-worker.js'));
    expect(await result([join(folder, main)])).toMatch(
      /START FAILS: .*nest-cluster-worker\.js.*thread: 'main'/u,
    );
  });

  it("does not start the application's own worker.js", async () => {
    const folder = bundle('esbuild', 'own');
    rmSync(join(folder, 'nest-cluster-worker.js'));
    writeFileSync(join(folder, 'worker.js'), OWN_WORKER);
    expect(await result([join(folder, 'main.js')])).toMatch(/^START FAILS/u);
  });
});

describe('NODE_OPTIONS', () => {
  it('preloads a script that listens, and the cluster starts', async () => {
    const preload = join(workshop, 'exporter.cjs');
    writeFileSync(
      preload,
      `require('node:http').createServer().listen(${await freePort()}, '127.0.0.1').unref();`,
    );
    const more = { NODE_OPTIONS: `--require ${preload}` };
    expect(await result([join(workshop, 'main.mjs')], more)).toBe('state green, thread worker');
  });
});

describe('PM2', () => {
  it('in cluster mode with three instances makes one green cluster', async () => {
    writeFileSync(join(workshop, 'ecosystem.config.cjs'), PM2);
    const pm2 = join(workshop, 'node_modules/pm2/bin/pm2');
    const more = { PM2_HOME: join(workshop, 'pm2'), CLUSTER_SIZE: '3', STAYS: '1' };
    const { log } = await start([pm2, 'start', 'ecosystem.config.cjs', '--no-daemon'], more);
    await until('three are green and hold what each wrote', () => {
      const lines = log.filter((line) => line.includes('state green, written by 3'));
      return new Set(lines.map((line) => /instance (\d)/u.exec(line)?.[1])).size === 3;
    });
  });
});

describe('Yarn PnP', () => {
  it('finds everything in the worker thread, too', async () => {
    const folder = join(workshop, 'pnp');
    mkdirSync(folder);
    copyFileSync(join(workshop, 'main.mjs'), join(folder, 'main.mjs'));
    const own = Object.fromEntries(
      readdirSync(workshop)
        .filter((file) => /nest-cluster-(?:core|protocol)-.*\.tgz$/u.test(file))
        .map((file) => [`@nest-cluster/${/core|protocol/u.exec(file)?.[0]}`, `file:${join(workshop, file)}`]),
    );
    const nest = Object.fromEntries(
      NEST.map((spec) => [/^(@?[^@]+)/u.exec(spec)?.[1], /.@(\d+)$/u.exec(spec)?.[1] ?? '*']),
    );
    const description = { name: 'pnp', private: true, dependencies: { ...nest, ...own }, resolutions: own };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(description));
    writeFileSync(join(folder, 'yarn.lock'), '');
    const yarn = join(workshop, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
    run(folder, process.execPath, [yarn, 'install'], yarnSettings());
    const pnp = `--require ${join(folder, '.pnp.cjs')} --experimental-loader ${join(folder, '.pnp.loader.mjs')}`;
    expect(await result([join(folder, 'main.mjs')], { NODE_OPTIONS: pnp })).toBe(
      'state green, thread worker',
    );
  });
});

/** Yarn does not read npm's settings. */
function yarnSettings(): Record<string, string> {
  const registry = process.env['npm_config_registry'];
  const settings = {
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    YARN_ENABLE_GLOBAL_CACHE: 'false',
  };
  if (registry === undefined) return settings;
  return {
    ...settings,
    YARN_UNSAFE_HTTP_WHITELIST: new URL(registry).hostname,
    YARN_NPM_REGISTRY_SERVER: registry.replace(/\/$/u, ''),
  };
}
