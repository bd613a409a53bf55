/**
 * Asks a port mapper, Erlang's daemon or one of ours. Every answer is bounded in bytes and in time (W5).
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Registered } from './epmd-protocol.js';
import {
  aliveRequest,
  namesRequest,
  portRequest,
  readAliveReply,
  readNamesReply,
  readPortReply,
} from './epmd-protocol.js';

export interface Daemon {
  readonly host: string;
  readonly port: number;
}

/** The longest silence of a daemon that is waited for, in milliseconds. */
const SILENCE_MS = 2_000;
const REPLY_BYTES_MAX = 512 * 1_024;
/** More names than this are not looked at on one host. */
const NAMES_MAX = 1_024;

/** All names registered on that host. */
export async function names(daemon: Daemon, signal?: AbortSignal): Promise<readonly string[]> {
  const found = readNamesReply(await exchange(daemon, namesRequest(), signal));
  if (!found) throw new Error(`${daemon.host}:${daemon.port} does not answer as a port mapper does`);
  return found.slice(0, NAMES_MAX);
}

/** What is registered under a name; undefined when nothing is (any more). */
export async function lookUp(
  daemon: Daemon,
  name: string,
  signal?: AbortSignal,
): Promise<Registered | undefined> {
  return readPortReply(await exchange(daemon, portRequest(name), signal));
}

/**
 * Registers a name for as long as the returned socket lives; undefined when another has that name. The daemon tells its
 * end by closing the socket.
 */
export function register(
  daemon: Daemon,
  name: string,
  port: number,
  extra: Buffer,
): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(daemon);
    const where = `${daemon.host}:${daemon.port}`;
    let reply = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      reply = Buffer.concat([reply, chunk]);
      const accepted = readAliveReply(reply);
      if (accepted === 'more') return;
      socket.off('data', read).setTimeout(0);
      if (accepted) return resolve(socket.resume());
      if (accepted === false) resolve(undefined);
      else reject(new Error(`${where} does not answer as a port mapper does`));
      // The daemon leaves a connection open on which it refused a name.
      socket.destroy();
    };
    socket.setKeepAlive(true, 30_000);
    socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error(`port mapper ${where} is silent`)));
    // These stay for the socket's life: an error that nobody listens to would end the process.
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`port mapper ${where} hung up`)));
    socket.on('data', read);
    socket.write(aliveRequest(name, port, extra));
  });
}

/** Sends a request and reads until the daemon closes. */
function exchange(daemon: Daemon, request: Buffer, signal?: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket = connect({ ...daemon, ...(signal ? { signal } : {}) });
    const fail = (what: string): void => {
      socket.destroy(new Error(`port mapper ${daemon.host}:${daemon.port} ${what}`));
    };
    socket.setTimeout(SILENCE_MS, () => fail('is silent'));
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes > REPLY_BYTES_MAX) return fail('says too much');
      chunks.push(chunk);
    });
    socket.on('error', reject);
    socket.on('end', () => resolve(Buffer.concat(chunks)));
    socket.on('close', () => reject(new Error(`port mapper ${daemon.host}:${daemon.port} hung up`)));
    socket.write(request);
  });
}
