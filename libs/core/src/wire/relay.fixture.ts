/**
 * Stands between two nodes, and fails in ways that a network does.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Address } from '@nest-cluster/protocol';

interface Pair {
  /** Towards the dialler. */
  readonly near: Socket;
  /** Towards the node that is dialled. */
  readonly far: Socket | undefined;
}

export class Relay {
  private readonly pairs: Pair[] = [];

  private constructor(private readonly server: Server) {}

  /** Without a target it swallows everything and says nothing. */
  static async start(targetPort?: number): Promise<Relay> {
    const server = createServer((near) => relay.join(near, targetPort));
    const relay = new Relay(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get address(): Address {
    const { port } = this.server.address() as AddressInfo;
    return `127.0.0.1:${port}` as Address;
  }

  /** Connections that were made to it so far. */
  get count(): number {
    return this.pairs.length;
  }

  /** The dialler's connections break; the other node hears nothing of it. */
  cutTowardsDialler(): void {
    for (const { near, far } of this.pairs) {
      near.unpipe();
      far?.unpipe();
      near.resetAndDestroy();
    }
  }

  /** Takes nothing more from the node that is dialled. */
  hold(): void {
    for (const { near, far } of this.pairs) far?.unpipe(near).pause();
  }

  release(): void {
    for (const { near, far } of this.pairs) far?.pipe(near, { end: false });
  }

  async close(): Promise<void> {
    for (const { near, far } of this.pairs) {
      near.destroy();
      far?.destroy();
    }
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket, targetPort: number | undefined): void {
    near.on('error', () => near.destroy());
    const far = targetPort === undefined ? undefined : connect(targetPort, '127.0.0.1');
    this.pairs.push({ near, far });
    if (!far) {
      near.resume();
      return;
    }
    far.on('error', () => far.destroy());
    near.pipe(far, { end: false });
    far.pipe(near, { end: false });
  }
}
