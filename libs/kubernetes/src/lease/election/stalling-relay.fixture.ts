/**
 * Stands between one candidate and the server, holds back what is on its way, or turns away whoever comes.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class StallingRelay {
  private readonly sockets = new Set<Socket>();
  private isStalled = false;
  private isClosed = false;

  private constructor(
    private readonly server: Server,
    /** Told of everything that moves. */
    private readonly moved: () => void,
  ) {}

  static async start(targetPort: number, moved: () => void): Promise<StallingRelay> {
    const server = createServer({ pauseOnConnect: true }, (near) => relay.join(near, targetPort));
    const relay = new StallingRelay(server, moved);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** TCP loses nothing: what is held back arrives later. */
  stall(isStalled: boolean): void {
    this.isStalled = isStalled;
    for (const socket of this.sockets) {
      if (isStalled) socket.pause();
      else socket.resume();
    }
  }

  /** All connections break, and new ones too. */
  refuse(isClosed: boolean): void {
    this.isClosed = isClosed;
    if (isClosed) for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket, targetPort: number): void {
    if (this.isClosed) return void near.resetAndDestroy();
    const far = connect(targetPort, '127.0.0.1');
    this.carry(near, far);
    this.carry(far, near);
  }

  private carry(from: Socket, to: Socket): void {
    this.moved();
    this.sockets.add(from);
    from.on('data', (bytes) => {
      this.moved();
      to.write(bytes);
    });
    from.once('end', () => to.end());
    from.on('error', () => from.destroy());
    from.once('close', () => {
      this.moved();
      this.sockets.delete(from);
      to.destroy();
    });
    if (this.isStalled) from.pause();
    else from.resume();
  }
}
