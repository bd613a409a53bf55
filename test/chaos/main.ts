/**
 * npm run chaos: real processes in network namespaces, a nemesis, clients, and a judgement over what they saw.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { missingForNamespaces, Network } from './lab/network.js';
import { inside, list } from './inside.js';

const HOSTS_MAX = 6;
/** What stands in the environment of the process that runs among the clients. */
const INSIDE = 'CHAOS_INSIDE';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** As a shell says that a signal ended it. */
const INTERRUPTED = 130;

const id = process.env[INSIDE];
// Whoever is interrupted leaves by the same door, so that what it made is taken away.
if (id !== undefined) for (const signal of SIGNALS) process.on(signal, () => process.exit(INTERRUPTED));
process.exitCode =
  id === undefined ? await outside() : await inside(Network.attach(id, HOSTS_MAX), options());

function options() {
  return parseArgs({
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string' },
      nodes: { type: 'string' },
      phases: { type: 'string' },
      profile: { type: 'string' },
      faults: { type: 'string' },
      out: { type: 'string' },
      mutant: { type: 'string' },
      scenario: { type: 'string' },
      list: { type: 'boolean', default: false },
    },
  }).values;
}

/** Makes the network, runs the rest inside it, and takes it away again, however that ends. */
async function outside(): Promise<number> {
  if (options().list) return list();
  const missing = missingForNamespaces();
  if (missing !== undefined) {
    console.error(`This needs root, iproute2 and nftables: ${missing}`);
    return 2;
  }
  const name = `ncc${process.pid.toString(36)}`;
  const network = Network.create(name, HOSTS_MAX);
  process.once('exit', () => network.remove());
  const child = spawn(
    'ip',
    [
      'netns',
      'exec',
      network.control,
      process.execPath,
      fileURLToPath(import.meta.url),
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit', env: { ...process.env, [INSIDE]: name } },
  );
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
