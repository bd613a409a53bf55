// Processes under load, and waiting for them. Whoever starts them ends them.
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const STORE = fileURLToPath(new URL('store-node.mjs', import.meta.url));
const FLOOR = fileURLToPath(new URL('floor-node.mjs', import.meta.url));
const WAIT_MS = 120_000;

export class Processes {
  #running = [];
  #lastId = 0;
  #env = {
    PATH: process.env.PATH,
    CLUSTER_STRATEGY: 'gossip',
    CLUSTER_NAME: `bench-${process.pid}`,
    CLUSTER_SECRET: randomBytes(32).toString('hex'),
    CLUSTER_BIND: '127.0.0.1',
    CLUSTER_GOSSIP_INTERFACE: '127.0.0.1',
    CLUSTER_SIZE: '3',
  };

  /** With `watched`, it looks for pauses from its start on. The timer for that fires every millisecond, and spoils latencies. */
  store(name, { watched = false } = {}) {
    const env = { ...this.#env, CLUSTER_NODE_NAME: `${name}@bench` };
    return this.#start(STORE, watched ? { ...env, BENCH_WATCHED: '1' } : env);
  }

  /** Three nodes of the floor, linked with each other. */
  async floor() {
    const nodes = await Promise.all([1, 2, 3].map(() => this.#start(FLOOR, this.#env)));
    for (const node of nodes)
      for (const other of nodes) if (other !== node) await node.ask('dial', other.hello.address);
    await until(async () =>
      (await Promise.all(nodes.map((node) => node.ask('peers')))).every((peers) => peers === 2),
    );
    return nodes;
  }

  end() {
    for (const { child } of this.#running) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
    }
  }

  async #start(file, env) {
    const child = fork(file, [], { env, execArgv: ['--expose-gc', '--max-old-space-size=4096'] });
    const waiting = new Map();
    const node = {
      child,
      hello: undefined,
      ask: (act, argument) =>
        new Promise((resolve, reject) => {
          const id = ++this.#lastId;
          waiting.set(id, { resolve, reject });
          child.send({ id, act, argument });
        }),
    };
    this.#running.push(node);
    node.hello = await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
    });
    child.on('message', ({ id, result, error }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error) reject(new Error(error));
      else resolve(result);
    });
    return node;
  }
}

export async function until(holds, ms = WAIT_MS) {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
