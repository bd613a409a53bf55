import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { lookUp, names, register } from './epmd-client.js';
import type { Daemon } from './epmd-client.js';
import { PortMapper } from './port-mapper.js';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('PortMapper', () => {
  let daemon: Daemon;
  let mapper: PortMapper;
  const sockets: Socket[] = [];
  const extra = Buffer.from('{"any":"thing"}');

  const registered = async (name: string, port: number): Promise<Socket | undefined> => {
    const socket = await register(daemon, name, port, extra);
    if (socket) sockets.push(socket);
    return socket;
  };

  beforeEach(async () => {
    daemon = { host: '127.0.0.1', port: await freePort() };
    mapper = await PortMapper.listen(daemon.port, daemon.host);
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await mapper.close();
  });

  it('knows a name for as long as its connection lives', async () => {
    const shop = await registered('shop', 4001);
    await registered('bank', 4002);
    expect((await names(daemon)).toSorted()).toEqual(['bank', 'shop']);
    expect(await lookUp(daemon, 'shop')).toMatchObject({ name: 'shop', port: 4001, type: 72, extra });
    expect(await lookUp(daemon, 'nobody')).toBeUndefined();
    shop?.destroy();
    await until(async () => (await names(daemon)).length === 1);
    expect(await registered('shop', 4003)).toBeDefined();
  });

  it('gives a name to one node only', async () => {
    await registered('shop', 4001);
    expect(await registered('shop', 4002)).toBeUndefined();
    expect(await lookUp(daemon, 'shop')).toMatchObject({ port: 4001 });
  });

  it('hangs up on whoever talks rubbish, and serves the others (W5)', async () => {
    await registered('shop', 4001);
    for (const rubbish of ['GET / HTTP/1.1\r\n\r\n', '\0\0', '\0\x01k', '\xff\xff\x78', '\0\x02x!']) {
      const socket = connect(daemon).on('error', () => undefined);
      socket.end(Buffer.from(rubbish, 'latin1'));
      socket.resume();
      await once(socket, 'close');
    }
    expect(await names(daemon)).toEqual(['shop']);
  });

  it('takes a registration back when its connection talks on', async () => {
    const socket = await registered('shop', 4001);
    socket?.write('more');
    await until(async () => (await names(daemon)).length === 0);
    expect(socket?.destroyed).toBe(true);
  });

  it('holds a bounded number of names (W5)', async () => {
    const all = await Promise.all(Array.from({ length: 1_024 }, (_, n) => registered(`n${n}`, 4001)));
    expect(all.every((socket) => socket !== undefined)).toBe(true);
    expect(await registered('one-more', 4001)).toBeUndefined();
    expect(await names(daemon)).toHaveLength(1_024);
  });

  it('is one of a kind, and leaves nothing behind', async () => {
    await expect(PortMapper.listen(daemon.port, daemon.host)).rejects.toThrow(/EADDRINUSE/);
    const socket = await registered('shop', 4001);
    await mapper.close();
    await until(() => Promise.resolve(socket?.destroyed === true));
    await expect(names(daemon)).rejects.toThrow(/ECONNREFUSED/);
  });
});
