/**
 * W1 to W6, seen from outside: who does not belong stays out and is told why, and bytes from strangers harm nobody.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { DemoCluster } from '../support/demo-cluster.js';
import type { DemoNode } from '../support/demo-node.js';
import { until } from '../support/until.js';

function lines(node: DemoNode, about: RegExp): string[] {
  return node.log.filter((line) => about.test(line));
}

async function controlPort(node: DemoNode): Promise<number> {
  const { self, nodes } = (await node.status()) as {
    self: string;
    nodes: readonly { name: string; address?: string }[];
  };
  return Number(
    nodes
      .find(({ name }) => name === self)
      ?.address?.split(':')
      .at(-1),
  );
}

/** Both are alone in a cluster of their own, although they hear each other. */
async function stayApart(a: Record<string, string>, b: Record<string, string>, about: RegExp): Promise<void> {
  const shared = await DemoCluster.environment(2);
  const cluster = DemoCluster.of({ ...shared, CLUSTER_DISCOVERY_INTERVAL_MS: '500' });
  try {
    const first = cluster.add('a@test', a);
    const second = cluster.add('b@test', b);
    await Promise.all([first.listening(), second.listening()]);
    for (const node of [first, second]) {
      await until(`${node.name} says that somebody else is there`, () => lines(node, about).length > 0);
    }
    // Three more rounds of discovery, and not a word more.
    const quiet = Date.now() + 2_000;
    await until('some rounds have passed', () => Date.now() > quiet);
    for (const node of [first, second]) {
      expect(lines(node, about)).toHaveLength(1);
      const { nodes } = await node.status();
      expect(nodes.map(({ name }) => name)).toEqual([node.name]);
    }
  } finally {
    await cluster.stop();
  }
}

describe('clusters on one multicast group', () => {
  it('W6: with other names stay apart, and say so once', async () => {
    await stayApart({ CLUSTER_NAME: 'red' }, { CLUSTER_NAME: 'blue' }, /cluster of another name/i);
  }, 60_000);

  it('W3, W4: with other secrets stay apart, and say "unknown key" once', async () => {
    const secret = () => ({ CLUSTER_SECRET: randomBytes(16).toString('hex') });
    await stayApart(secret(), secret(), /unknown key/i);
  }, 60_000);
});

it('W2: a node without a secret refuses to bind anything but loopback, and says what to set', async () => {
  const cluster = DemoCluster.of(await DemoCluster.environment(1));
  try {
    const node = cluster.add('open@test', { CLUSTER_SECRET: '', CLUSTER_BIND: '0.0.0.0' });
    await until('it has given up', () => !node.isRunning);
    await until('it says what to set', () => node.log.some((line) => line.includes('CLUSTER_SECRET')));
  } finally {
    await cluster.stop();
  }
}, 60_000);

it('W3: a rolling restart changes the secret, and no node is lost on the way', async () => {
  const [old, fresh] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  const cluster = await DemoCluster.start(3, { CLUSTER_SECRET: old });
  try {
    for (const secrets of [`${old},${fresh}`, `${fresh},${old}`, fresh]) {
      for (const name of ['n1@test', 'n2@test', 'n3@test']) {
        await cluster.node(name).end('SIGTERM');
        cluster.add(name, { CLUSTER_SECRET: secrets });
        await cluster.settled();
      }
    }
    expect([...cluster.nodes.values()].every((node) => node.isRunning)).toBe(true);
  } finally {
    await cluster.stop();
  }
}, 180_000);

describe('strangers at the port', () => {
  let cluster: DemoCluster;

  beforeAll(async () => {
    cluster = await DemoCluster.start(3);
  });

  afterAll(() => cluster.stop());

  function call(port: number, first?: Uint8Array | string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.on('error', () => undefined);
        if (first !== undefined) socket.write(first);
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }

  it('W5: random bytes, a web browser, and a torn greeting change nothing', async () => {
    const leader = await cluster.settled();
    const since = Date.now();
    const port = await controlPort(leader);
    const sockets: Socket[] = [];
    for (let turn = 0; turn < 50; turn++) {
      sockets.push(await call(port, randomBytes(1 + turn * 300)));
      sockets.push(await call(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
      sockets.push(await call(port, Buffer.from([0x16, 0x03, 0x01, 0x7f, 0xff, ...randomBytes(20)])));
    }
    for (const socket of sockets) socket.destroy();
    await until(
      'the leader says that it turned somebody away',
      () => lines(leader, /plain text|TLS|bytes/i).length > 0,
    );
    expect(lines(leader, /WARN/).length).toBeLessThan(20);
    for (const node of cluster.nodes.values()) {
      const { state, leader: seen } = await node.status();
      expect({ state, leader: seen?.node }).toEqual({ state: 'green', leader: leader.name });
      expect((await node.events()).filter(({ at, type }) => at > since && type !== 'nodeUp')).toEqual([]);
    }
  }, 60_000);

  it('W5: a thousand idle connections keep nobody out', async () => {
    const leader = await cluster.settled();
    const port = await controlPort(leader);
    // Whoever is one too many is turned away, some before they have noticed that they were let in.
    const calls = await Promise.allSettled(Array.from({ length: 1_000 }, () => call(port)));
    const sockets = calls.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    expect(sockets.length).toBeGreaterThan(256);
    try {
      const [other] = cluster.others(leader);
      await other?.end('SIGKILL');
      if (other) cluster.add(other.name);
      await cluster.settled();
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    expect((await leader.status()).state).toBe('green');
  }, 60_000);
});
