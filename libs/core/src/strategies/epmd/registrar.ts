/**
 * Keeps this node registered at the port mapper of its host, for as long as it runs. Where there is none, this process becomes it;
 * when the process that is it ends, the connection closes here, and whoever comes first takes over while the others
 * register there. The same holds for a daemon that is restarted.
 */
import type { Socket } from 'node:net';
import { register } from './epmd-client.js';
import type { Daemon } from './epmd-client.js';
import { PortMapper } from './port-mapper.js';

export interface Registration {
  /** Tried in turn, until one is free. */
  readonly names: readonly string[];
  readonly port: number;
  readonly extra: Buffer;
}

/** How soon after a loss it registers again, in milliseconds; doubled while that fails or does not last. */
const AGAIN_MS = { min: 20, max: 5_000 };
/** A registration that lasts this long was a good one, in milliseconds. */
const LASTING_MS = 5_000;

export class Registrar {
  private mapper: PortMapper | undefined;
  private socket: Socket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private againMs = AGAIN_MS.min;
  private stopped = false;

  constructor(
    private readonly daemon: Daemon,
    /** Where a port mapper of our own listens; undefined: on every address. */
    private readonly mapperHost: string | undefined,
    private readonly registration: Registration,
    private readonly note: (text: string) => void,
  ) {}

  /** Resolves once registered; fails when that is not possible now, and may be called again. */
  async register(): Promise<void> {
    const socket = await this.registerThere().catch(async (error: unknown) => {
      if (!isRefused(error)) throw error;
      await this.becomeMapper();
      return this.registerThere();
    });
    if (this.stopped) {
      socket.destroy();
      return;
    }
    const since = Date.now();
    this.socket = socket;
    socket.once('close', () => {
      if (Date.now() - since > LASTING_MS) this.againMs = AGAIN_MS.min;
      this.registerSoon();
    });
    if (socket.destroyed) this.registerSoon();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.socket?.destroy();
    await this.mapper?.close();
    this.mapper = undefined;
  }

  private async registerThere(): Promise<Socket> {
    const { names, port, extra } = this.registration;
    for (const name of names) {
      const socket = await register(this.daemon, name, port, extra);
      if (socket) return socket;
    }
    throw new Error(
      `port mapper ${this.daemon.host}:${this.daemon.port} refuses the names ${names.join(', ')}`,
    );
  }

  private async becomeMapper(): Promise<void> {
    try {
      await this.mapper?.close();
      const mapper = await PortMapper.listen(this.daemon.port, this.mapperHost);
      if (this.stopped) return await mapper.close();
      this.mapper = mapper;
    } catch (error) {
      // Another process was faster, and is the port mapper now.
      if (codeOf(error) !== 'EADDRINUSE') throw error;
    }
  }

  private registerSoon(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    const afterMs = this.againMs * (0.5 + Math.random());
    this.againMs = Math.min(this.againMs * 2, AGAIN_MS.max);
    this.timer = setTimeout(() => {
      this.register().catch((error: unknown) => {
        if (!this.stopped)
          this.note(`not registered at the port mapper of this host, trying again: ${String(error)}`);
        this.registerSoon();
      });
    }, afterMs);
  }
}

function isRefused(error: unknown): boolean {
  return codeOf(error) === 'ECONNREFUSED';
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
