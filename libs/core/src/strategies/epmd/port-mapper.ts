/**
 * A port mapper for a host on which none runs: it does what Erlang's `epmd` does, for whoever asks, Erlang nodes included.
 * A name lives as long as the connection that registered it. As with `epmd`, anyone who reaches the port may ask, but only
 * processes of this host may register.
 *
 * What strangers can fill is bounded (W5): connections, names, the bytes of a request, and the time to make one.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';
import type { EpmdRequest, Registered } from './epmd-protocol.js';
import { aliveReply, namesReply, portReply, REQUEST_BYTES_MAX, readRequest } from './epmd-protocol.js';

const NAMES_MAX = 1_024;
const CONNECTIONS_MAX = 2_048;
/** How long a connection may take to make its request, in milliseconds. */
const REQUEST_MS = 10_000;
/** What the daemon answers instead of a creation when it refuses. */
const NO_CREATION = 99;

export class PortMapper {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly nodes = new Map<string, Registered>();
  private creation = Math.floor(Math.random() * 0xffff_0000) + 4;

  private constructor(private readonly port: number) {
    this.server = createServer((socket) => this.serve(socket));
    this.server.maxConnections = CONNECTIONS_MAX;
  }

  /** `host` undefined: on every address. Fails with `EADDRINUSE` when there is a port mapper already. */
  static async listen(port: number, host: string | undefined): Promise<PortMapper> {
    const mapper = new PortMapper(port);
    // Exclusive: workers of node:cluster would share the port otherwise, and each knows its own names only.
    mapper.server.listen({ port, host, exclusive: true });
    await once(mapper.server, 'listening');
    mapper.server.on('error', () => void mapper.close());
    return mapper;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const tooLate = setTimeout(() => socket.destroy(), REQUEST_MS);
    socket.on('close', () => clearTimeout(tooLate));
    let bytes = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]).subarray(0, REQUEST_BYTES_MAX);
      const request = readRequest(bytes);
      if (request === 'more') return;
      clearTimeout(tooLate);
      socket.off('data', read);
      if (!request) return void socket.destroy();
      this.answer(request, socket);
    };
    socket.on('data', read);
  }

  private answer(request: EpmdRequest, socket: Socket): void {
    switch (request.kind) {
      case 'names':
        return this.finish(socket, namesReply(this.port, this.nodes.values()));
      case 'port':
        return this.finish(socket, portReply(this.nodes.get(request.name)));
      case 'alive':
        return this.register(request.node, socket);
    }
  }

  private register(node: Registered, socket: Socket): void {
    if (!isLocal(socket)) return void socket.destroy();
    if (this.nodes.has(node.name) || this.nodes.size >= NAMES_MAX)
      return this.finish(socket, aliveReply(node, false, NO_CREATION));
    this.nodes.set(node.name, node);
    this.creation++;
    socket.on('close', () => this.nodes.delete(node.name));
    // Nothing more is to be said; a peer that talks on is not the node that registered.
    socket.on('data', () => socket.destroy());
    socket.write(aliveReply(node, true, this.creation));
  }

  private finish(socket: Socket, reply: Buffer): void {
    socket.resume();
    socket.end(reply);
    socket.setTimeout(REQUEST_MS, () => socket.destroy());
  }
}

/** A process of this host reaches it by loopback, or by the very address that it answers from. */
function isLocal({ remoteAddress = '', localAddress }: Socket): boolean {
  const remote = remoteAddress.replace(/^::ffff:/, '');
  return remote.startsWith('127.') || remote === '::1' || remoteAddress === localAddress;
}
