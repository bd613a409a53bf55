// Runs a cluster of demo processes on this machine until Ctrl-C: npm start -- --nodes 5 --port 4000
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';

const GRACE_MS = 10_000;
const PROBE_MS = 200;
const main = fileURLToPath(new URL('../apps/demo/dist/main.js', import.meta.url));

const { nodes: count, port: firstPort } = readOptions();
const ports = Array.from({ length: count }, (_, index) => firstPort + index);
const colours = [36, 33, 35, 32, 34, 31];
const children = new Map();
let stopping = false;

await refuseTakenPorts();
const token = process.env.CLUSTER_MANAGEMENT_TOKEN ?? randomBytes(16).toString('hex');
// One secret and one name a run, so that two demos on one network stay apart.
const shared = {
  CLUSTER_STRATEGY: 'gossip',
  CLUSTER_NAME: `demo-${firstPort}`,
  CLUSTER_SECRET: randomBytes(32).toString('hex'),
  CLUSTER_BIND: '127.0.0.1',
  CLUSTER_GOSSIP_INTERFACE: '127.0.0.1',
  CLUSTER_SIZE: String(count),
  CLUSTER_MANAGEMENT_TOKEN: token,
  DEMO_CHAOS: '1',
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0));
ports.forEach(startNode);
await announceGreen();

function readOptions() {
  const fail = (message) => {
    console.error(`${message}\nUse: npm start -- [--nodes 1..20] [--port 1..65535]`);
    process.exit(1);
  };
  try {
    const { values } = parseArgs({ options: { nodes: { type: 'string' }, port: { type: 'string' } } });
    const [nodes, port] = [Number(values.nodes ?? 3), Number(values.port ?? 3000)];
    if (!(Number.isInteger(nodes) && nodes >= 1 && nodes <= 20))
      fail('--nodes must be a number from 1 to 20.');
    if (!(Number.isInteger(port) && port >= 1 && port + nodes <= 65_536))
      fail('--port must leave room for every node.');
    return { nodes, port };
  } catch (error) {
    return fail(error.message);
  }
}

async function refuseTakenPorts() {
  for (const port of ports) {
    const error = await new Promise((resolve) => {
      const server = createServer();
      server.once('error', resolve);
      server.listen(port, () => server.close(() => resolve(undefined)));
    });
    if (!error) continue;
    const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.code})`;
    console.error(`Port ${port} ${why}: choose others with npm start -- --port N. Nothing was started.`);
    process.exit(1);
  }
}

function startNode(port, index) {
  const name = `node-${index + 1}`;
  // In a process group of its own: Ctrl-C reaches this process alone, which then tells each node once.
  const child = fork(main, [], {
    detached: true,
    silent: true,
    execArgv: ['--enable-source-maps'],
    env: { ...process.env, ...shared, PORT: String(port), CLUSTER_NODE_NAME: `${name}@localhost` },
  });
  children.set(port, child);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => print(index, name, line));
  }
  child.once('exit', (code, signal) => {
    children.delete(port);
    print(index, name, signal ? `ended by ${signal}` : `ended with code ${code}`);
    // A node that is killed while the others live is what the demo is for; one that cannot start is not.
    if (code && !stopping) stop(1);
    if (children.size === 0) process.exit();
  });
}

function print(index, name, line) {
  if (line.trim() === '') return;
  const colour = colours[index % colours.length];
  console.log(process.stdout.isTTY ? `\x1b[${colour}m${name}\x1b[0m  ${line}` : `${name}  ${line}`);
}

async function announceGreen() {
  while (!stopping) {
    const all = await Promise.all(ports.map(status));
    const leaders = new Set(all.map((one) => one?.leader?.node));
    if (all.every((one) => one?.state === 'green') && leaders.size === 1 && !leaders.has(undefined)) {
      const page = `http://localhost:${firstPort}/cluster/ui?token=${token}`;
      console.log(`\n${count} nodes are green; ${[...leaders][0]} leads. Ctrl-C stops them.\n${page}\n`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
  }
}

async function status(port) {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/demo/status`)).json();
  } catch {
    return undefined;
  }
}

function stop(code) {
  if (stopping) {
    for (const child of children.values()) child.kill('SIGKILL');
    return;
  }
  stopping = true;
  process.exitCode = code;
  for (const child of children.values()) child.kill('SIGTERM');
  setTimeout(() => stop(code), GRACE_MS).unref();
}
