/**
 * The store in real processes that are killed, stopped and blocked, under a writer on each node.
 */
import { randomBytes } from 'node:crypto';
import { freePort } from '../support/free-port.js';
import { green, sameContent, StoreDriver } from '../support/store-driver.js';
import { until } from '../support/until.js';

const running: StoreDriver[] = [];

async function environment(size: number): Promise<(name: string) => StoreDriver> {
  const env = {
    CLUSTER_STRATEGY: 'gossip',
    CLUSTER_SECRET: randomBytes(16).toString('hex'),
    CLUSTER_SIZE: String(size),
    CLUSTER_BIND: '127.0.0.1',
    CLUSTER_GOSSIP_INTERFACE: '127.0.0.1',
    CLUSTER_GOSSIP_PORT: String(await freePort()),
  };
  return (name) => {
    const node = StoreDriver.start(name, env);
    running.push(node);
    return node;
  };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((node) => node.end()));
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('S2: no acknowledged write is lost to a kill, a stop or a block, and all end up with the same entries', async () => {
  const start = await environment(3);
  const nodes = ['a', 'b', 'c'].map((name) => start(`${name}@store`));
  await green(nodes);
  const writers = [...nodes];
  for (const [index, node] of nodes.entries()) await node.ask('write', { prefix: `${index}-`, lanes: 4 });
  await pause(1_000);

  await nodes[2]?.end();
  await pause(500);
  const again = start('c@store');
  nodes[2] = again;
  writers.push(again);
  await until('the new c has the store', async () => (await again.state()).ready);
  await again.ask('write', { prefix: '3-', lanes: 4 });

  nodes[1]?.signal('SIGSTOP');
  await pause(3_000);
  nodes[1]?.signal('SIGCONT');
  await pause(500);
  await nodes[0]?.ask('block', 3_000);
  await pause(500);

  await Promise.all(nodes.map((node) => node.ask('stop')));
  const quiet = Date.now();
  const { size } = await sameContent(nodes);
  const equalAfterMs = Date.now() - quiet;
  const held = new Set(await again.ask<string[]>('keys'));
  const acked = writers.flatMap((writer) => writer.acked);
  const lost = acked.filter((key) => !held.has(key));
  console.log(
    `${acked.length} acknowledged, ${lost.length} lost, ${size} held; equal ${equalAfterMs} ms after the last write`,
  );
  expect(acked.length).toBeGreaterThan(1_000);
  expect(lost).toEqual([]);
  expect(equalAfterMs).toBeLessThanOrEqual(1_000);
  await green(nodes);
});

it('S7: a node joins 100,000 keys of 100 bytes while writes go on, and misses none', async () => {
  const start = await environment(3);
  const nodes = [start('a@store'), start('b@store')];
  await until('both have the store', async () =>
    (await Promise.all(nodes.map((node) => node.state()))).every(({ ready, size }) => ready && size === 0),
  );
  await nodes[0]?.ask('fill', 'key-', 100_000, 100);
  await sameContent(nodes);
  await nodes[1]?.ask('write', { prefix: 'meanwhile-', lanes: 4 });
  const joining = start('c@store');
  const began = await until('c runs', async () => (await joining.state()) && Date.now());
  const ready = await until('c has the store', async () => {
    const state = await joining.state();
    return state.ready && state;
  });
  const joinMs = Date.now() - began;
  expect(ready.size).toBeGreaterThanOrEqual(100_000);
  await nodes[1]?.ask('stop');
  const { size } = await sameContent([...nodes, joining]);
  console.log(`joined 100,000 keys in ${joinMs} ms`);
  expect(size).toBe(100_000 + (nodes[1]?.acked.length ?? 0));
  // 2 s on a machine of its own.
  expect(joinMs).toBeLessThan(6_000);
});

it('S4: keys that come and go leave nothing behind', async () => {
  const start = await environment(3);
  const nodes = ['a', 'b', 'c'].map((name) => start(`${name}@store`));
  await green(nodes);
  for (let round = 0; round < 5; round++) {
    const node = nodes[round % 3];
    await node?.ask('fill', `round-${round}-`, 5_000, 20);
    await node?.ask('clear');
  }
  await until('no delete is remembered anywhere', async () =>
    (await Promise.all(nodes.map((node) => node.state()))).every(({ size }) => size === 0),
  );
});

it('N2: a closed application lets its process end', async () => {
  const start = await environment(1);
  const node = start('a@store');
  await until('it has the store', async () => (await node.state()).ready);
  const ended = new Promise((resolve) => node.process.once('exit', resolve));
  await node.ask('close');
  node.process.disconnect();
  expect(await ended).toBe(0);
});
