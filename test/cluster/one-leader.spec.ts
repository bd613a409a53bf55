/**
 * L1, L3: never two leaders and tokens that only grow, seen by the processes themselves while they are killed, stopped,
 * blocked and restarted.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@nest-cluster/protocol';
import { DemoCluster } from '../support/demo-cluster.js';
import { DemoNode } from '../support/demo-node.js';
import { until } from '../support/until.js';

const FAULTS = 50;
const PROGRAM = join(__dirname, '../support/leader-watch.mjs');

interface Reign {
  readonly file: string;
  readonly token: number;
  readonly from: number;
  readonly to: number;
}

class WatchedCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'nest-cluster-reigns-'));
  readonly files: string[] = [];
  readonly nodes = new Map<string, DemoNode>();

  constructor(private readonly env: Readonly<Record<string, string>>) {}

  async add(name: string): Promise<void> {
    const file = join(this.folder, `${this.files.length}.reigns`);
    this.files.push(file);
    this.nodes.set(name, DemoNode.start(name, { ...this.env, WATCH_FILE: file }, PROGRAM));
    await this.nodes.get(name)?.listening();
  }

  reigns(): Reign[] {
    return this.files.flatMap((file) => {
      const bytes = readFileSync(file);
      const values = new Float64Array(
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      );
      const reigns: Reign[] = [];
      for (let at = 0; at + 2 < values.length; at += 3) {
        reigns.push({ file, token: values[at] ?? 0, from: values[at + 1] ?? 0, to: values[at + 2] ?? 0 });
      }
      return reigns;
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => node.end('SIGKILL')));
    rmSync(this.folder, { recursive: true });
  }
}

it(`L1, L3: one leader at a time and growing tokens through ${FAULTS} kills, stops, blocks and restarts`, async () => {
  const seed = Number(process.env['NEST_CLUSTER_SEED'] ?? Date.now() % 1_000_000);
  const random = seededRandom(seed);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
  const cluster = new WatchedCluster(await DemoCluster.environment(3, { CLUSTER_LEASE_MS: '800' }));
  const names = ['n1@test', 'n2@test', 'n3@test'];
  try {
    for (const name of names) await cluster.add(name);
    for (let fault = 0; fault < FAULTS; fault++) {
      const reigning = cluster.reigns().length;
      const now = Number(process.hrtime.bigint()) / 1e6;
      await until('somebody leads', () => cluster.reigns().some(({ to }) => to > now));
      const name = names[between(0, names.length)] ?? '';
      const node = cluster.nodes.get(name);
      switch (between(0, 4)) {
        case 0:
          await node?.end('SIGKILL');
          await cluster.add(name);
          break;
        case 1:
          await node?.end('SIGTERM');
          await cluster.add(name);
          break;
        case 2: {
          node?.signal('SIGSTOP');
          const wakes = Date.now() + between(200, 3_000);
          await until('it has been stopped for long enough', () => Date.now() > wakes);
          node?.signal('SIGCONT');
          break;
        }
        default:
          node?.process.send({ block: between(200, 3_000) });
      }
      expect(cluster.reigns().length).toBeGreaterThanOrEqual(reigning);
    }
    const reigns = cluster.reigns().sort((a, b) => a.from - b.from);
    process.stderr.write(`one-leader: seed ${seed}, ${reigns.length} terms through ${FAULTS} faults\n`);
    for (const [index, reign] of reigns.entries()) {
      const next = reigns[index + 1];
      if (!next) continue;
      expect({ seed, overlapMs: Math.max(0, reign.to - next.from) }).toEqual({ seed, overlapMs: 0 });
      expect(next.token).toBeGreaterThan(reign.token);
    }
    expect(reigns.length).toBeGreaterThan(5);
  } finally {
    await cluster.stop();
  }
}, 600_000);
