import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Ports that no system gives away by itself, so that a test elsewhere that lets it choose does not get one of them. */
const FIRST = 20_000;
const LAST = 32_000;

/** A port that was free a moment ago, for TCP and UDP alike. For programs that cannot be told to take any. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const kind = host.includes(':') ? 'udp6' : 'udp4';
  for (;;) {
    const port = randomInt(FIRST, LAST);
    const isFree =
      (await getsPort(createServer().listen(port, host))) &&
      (await getsPort(createSocket(kind).bind(port, host)));
    if (isFree) return port;
  }
}

/** Whether it got its port, which it gives back. */
async function getsPort(held: Server | Socket): Promise<boolean> {
  try {
    await once(held, 'listening');
  } catch {
    return false;
  }
  held.close();
  await once(held, 'close');
  return true;
}
