/**
 * Following the events of a node: many clients, slow ones, and those that come back.
 */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { DocumentedCalls, type Answer } from '../../support/documented-calls.js';
import { ADAPTERS, startNodes, TOKEN, type ManagedNode } from '../../support/management-app.js';
import { until, withRoom } from '../../support/until.js';

/** One client that reads everything, or nothing. */
class Follower {
  text = '';
  isOver = false;

  private constructor(readonly socket: Socket) {}

  static open({ origin }: ManagedNode, lastId?: string): Follower {
    const { port } = new URL(origin);
    const socket = connect(Number(port), '127.0.0.1');
    const follower = new Follower(socket);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (follower.text += text));
    socket.on('close', () => (follower.isOver = true));
    socket.on('error', () => undefined);
    const last = lastId === undefined ? '' : `Last-Event-ID: ${lastId}\r\n`;
    socket.write(`GET /cluster/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n${last}\r\n`);
    return follower;
  }

  /** As far as it came. */
  get answer(): Answer {
    const [head = '', text = ''] = this.text.split('\r\n\r\n', 2);
    const headers = Object.fromEntries(
      head.split('\r\n').map((line) => [line.split(':')[0]?.toLowerCase(), line.replace(/^[^:]*: /, '')]),
    ) as Answer['headers'];
    const status = Number(head.split(' ')[1]);
    return { status, headers, text, body: status === 200 ? {} : (JSON.parse(text) as Answer['body']) };
  }

  get ids(): readonly string[] {
    return [...this.text.matchAll(/^id: (\S+)$/gm)].map(([, id = '']) => id);
  }

  /** Keys that it heard were written. */
  get written(): readonly string[] {
    return [...this.text.matchAll(/"type":"storeWritten".*?"key":"([^"]*)"/g)].map(([, key = '']) => key);
  }

  close(): void {
    this.socket.destroy();
  }
}

describe.each(ADAPTERS)('events on %s', (adapter) => {
  let node: ManagedNode;
  const followers: Follower[] = [];

  beforeEach(async () => {
    [node] = (await startNodes(1, adapter, { management: { eventClientsMax: 120 } })) as readonly [
      ManagedNode,
    ];
  });
  afterEach(async () => {
    for (const follower of followers.splice(0)) follower.close();
    await node.close();
  });

  async function follow(lastId?: string): Promise<Follower> {
    const follower = Follower.open(node, lastId);
    followers.push(follower);
    await until('the stream begins', () => follower.text.includes('retry:') || follower.isOver);
    return follower;
  }

  it('reach a hundred clients, each in order', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => follow()));
    for (let index = 0; index < 50; index++) await node.store.set(`k${index}`, { index });
    const expected = Array.from({ length: 50 }, (_, index) => `k${index}`);
    await until('all have heard all', () => all.every(({ written }) => written.length === 50));
    for (const { written } of all) expect(written).toEqual(expected);
  });

  it('show the beginning of a huge whole number, on the spot', async () => {
    const follower = await follow();
    const huge = BigInt(`0x${'f'.repeat(800_000)}`);
    const before = performance.now();
    for (let round = 0; round < 3; round++) await node.store.set('huge', huge);
    await until('it hears', () => follower.written.length === 3);
    expect(performance.now() - before).toBeLessThan(withRoom(500));
    expect(follower.text).toContain('… (800000 hexadecimal digits)');
  });

  it('are refused to more clients than allowed', async () => {
    await Promise.all(Array.from({ length: 120 }, () => follow()));
    const late = Follower.open(node);
    followers.push(late);
    await until('it is answered', () => late.text.includes('}'));
    const calls = new DocumentedCalls(node.origin, node.document);
    for (const { answer } of followers) calls.check('GET', '/cluster/events', answer);
    expect(late.answer).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    followers[0]?.close();
    await until('there is room again', async () => {
      const next = await follow();
      return next.text.startsWith('HTTP/1.1 200');
    });
  });

  it('go on where a client stopped', async () => {
    const first = await follow();
    await node.store.set('a', 1);
    await until('it hears', () => first.written.length === 1);
    const lastId = first.ids.at(-1);
    first.close();
    for (const key of ['b', 'c', 'd']) await node.store.set(key, 1);
    const second = await follow(lastId);
    await until('it hears what it missed', () => second.written.length === 3);
    expect(second.written).toEqual(['b', 'c', 'd']);
    expect(second.text).not.toContain('event: reset');
    await node.store.set('e', 1);
    await until('it goes on', () => second.written.includes('e'));
  });

  it.each(['0123456789ab-5', 'nonsense', '-1', '<script>'])(
    'tell a client that its place %s is unknown',
    async (lastId) => {
      const follower = await follow(lastId);
      await until('it is told', () => follower.text.includes('event: reset'));
    },
  );

  it('tell a client that missed too much', async () => {
    const first = await follow();
    await node.store.set('a', 1);
    await until('it hears', () => first.written.length === 1);
    const lastId = first.ids.at(-1);
    first.close();
    await Promise.all(Array.from({ length: 1_100 }, (_, index) => node.store.set(`k${index}`, index)));
    const second = await follow(lastId);
    await until('it is told', () => second.text.includes('event: reset'));
    expect(second.written).toEqual([]);
  });

  it('drop a client that does not read, and bother nobody else', async () => {
    // Whoever does not read does not hear that it was dropped either: only the server's own side of the answer tells.
    const asked = once(node.app.getHttpServer() as Server, 'request') as Promise<
      [IncomingMessage, ServerResponse]
    >;
    const slow = await follow();
    const [, response] = await asked;
    const good = await follow();
    slow.socket.pause();
    const value = 'x'.repeat(3_000);
    let written = 0;
    await until('the slow one is dropped', async () => {
      await Promise.all(
        Array.from({ length: 200 }, () => node.store.set(`k${written++ % 100}`, value, { ack: 'local' })),
      );
      return response.writableEnded;
    });
    // From here on it reads in the time that it is given for what waits for it.
    slow.socket.resume();
    await until('it notices', () => slow.isOver);
    // Its answer has an end, so that a browser has nothing to complain of.
    expect(slow.text.endsWith('\r\n0\r\n\r\n')).toBe(true);
    await until('the other one has heard all', () => good.written.length === written);
    expect(good.isOver).toBe(false);
  });

  it('say values as text, and leave long ones out', async () => {
    const follower = await follow();
    await node.store.set('<img src=x>', '<script>alert(1)</script>');
    await node.store.set('long', 'x'.repeat(10_000));
    await node.store.set('odd', new Map([[1n, new Date(0)]]));
    await until('all are told', () => follower.written.length === 3);
    expect(follower.text).toContain('"key":"long","node":"n1@test","truncated":true');
    expect(follower.text).toContain('"value":[["1","1970-01-01T00:00:00.000Z"]]');
  });

  it('end when the application does', async () => {
    const follower = await follow();
    await node.close();
    await until('it is over', () => follower.isOver);
  });
});
