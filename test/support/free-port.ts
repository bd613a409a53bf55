import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports that no system gives away by itself, so that a test elsewhere that lets it choose does not get one of them. */
const FIRST = 20_000;
const LAST = 32_000;

/** A port that was free a moment ago, for TCP and UDP alike. For programs that cannot be told to take any. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST);
    if ((await isFreeForTcp(port, host)) && (await isFreeForUdp(port, host))) return port;
  }
}

async function isFreeForTcp(port: number, host: string): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

async function isFreeForUdp(port: number, host: string): Promise<boolean> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').bind(port, host);
  try {
    await once(socket, 'listening');
  } catch {
    return false;
  }
  socket.close();
  await once(socket, 'close');
  return true;
}
