/**
 * A short round of chaos with real processes, and the proof that it bites: a build with one rule off is found out.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingForNamespaces } from './lab/network.js';

const MAIN = join(__dirname, 'dist/chaos/main.js');
const ROUND_WITHIN_MS = 170_000;
/** How many times the promised time a machine with neighbours may take. */
const ROOM = process.env['NEST_CLUSTER_ROOM'] ?? '4';

const isPossible = missingForNamespaces() === undefined;
const suite = isPossible || process.env['CI'] === 'true' ? describe : describe.skip;

suite('chaos', () => {
  let out: string;
  let running: ChildProcess | undefined;

  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'nest-cluster-chaos-'));
  });

  afterEach(async () => {
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running?.once('exit', resolve));
    running.kill('SIGTERM');
    await gone;
  });

  afterAll(() => rmSync(out, { recursive: true, force: true }));

  async function play(...args: string[]): Promise<{ readonly code: number | null; readonly said: string }> {
    const child = spawn(process.execPath, [MAIN, '--out', out, ...args], {
      env: { ...process.env, NEST_CLUSTER_ROOM: ROOM },
    });
    running = child;
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { code, said };
  }

  it(
    'finds nothing in a round of cuts, loss, kills, restarts and pauses',
    async () => {
      const { code, said } = await play('--seed', '11', '--phases', '2');
      expect(`${said}exit ${code}`).toMatch(/1 histories, 0 with violations\nexit 0$/);
    },
    ROUND_WITHIN_MS,
  );

  it(
    'finds out a build in which a majority of the nodes seen is a quorum',
    async () => {
      const { code, said } = await play('--mutant', 'quorum-of-the-seen');
      expect(`${said}exit ${code}`).toMatch(/all were found out\nexit 0$/);
    },
    ROUND_WITHIN_MS,
  );
});
