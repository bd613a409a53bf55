import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Ports that no system gives away by itself, so that a test elsewhere that lets it choose does not get one of them. */
const FIRST = 20_000;
const LAST = 32_000;

/** A port that was free a moment ago, for TCP and UDP alike. For programs that cannot be told to take any. */
export function freePort(host = '127.0.0.1'): Promise<number> {
  return freePorts(1, host);
}

/** The first of `count` neighbouring ports that were free a moment ago. Without a host: on every address. */
export async function freePorts(count: number, host?: string): Promise<number> {
  for (;;) {
    const first = randomInt(FIRST, LAST);
    let free = 0;
    while (free < count && (await isFree(first + free, host))) free++;
    if (free === count) return first;
  }
}

async function isFree(port: number, host?: string): Promise<boolean> {
  const kind = host === undefined || host.includes(':') ? 'udp6' : 'udp4';
  return (
    (await getsPort(createServer().listen(port, host))) &&
    (await getsPort(createSocket(kind).bind(port, host)))
  );
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
