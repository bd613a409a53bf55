/**
 * One connection that carries frames, from the moment it is secured: first the handshake's, then the peer's. All frames
 * sent in one turn of the event loop leave in one write. Owns its socket; whoever holds the link hears once that it closed.
 */
import type { Socket } from 'node:net';
import type { RejectReason } from '../ports/transport.js';
import { FrameReader, FrameWriter } from './framing.js';
import { GOODBYE_TIMEOUT_MS, HANDSHAKE_FRAME_BYTES_MAX } from './limits.js';

export interface LinkOptions {
  readonly frameBytesMax: number;
  readonly backlogBytesMax: number;
}

export interface LinkHandler {
  frame(frame: Buffer): void;
  /** Nothing comes any more, and nothing can be sent; `fault` says what the peer did wrong, if it did. */
  closed(fault: LinkFault | undefined, error: Error | undefined): void;
  drained?(): void;
}

export interface LinkFault {
  readonly reason: RejectReason;
  readonly detail: string;
}

/** Bytes over all links of a transport, past ones included. */
export interface ByteTotals {
  bytesIn: number;
  bytesOut: number;
}

export class Link {
  bytesIn = 0;
  bytesOut = 0;
  /** Where the peer's end of the connection is, for logs. */
  readonly remote: string;
  private readonly reader = new FrameReader(HANDSHAKE_FRAME_BYTES_MAX, (frame) => this.handler?.frame(frame));
  private readonly writer = new FrameWriter();
  private handler: LinkHandler | undefined;
  private fault: LinkFault | undefined;
  private error: Error | undefined;
  private flushing: NodeJS.Immediate | undefined;
  private goodbye: NodeJS.Timeout | undefined;
  private isOpen = false;
  private ended = false;

  constructor(
    private readonly socket: Socket,
    private readonly options: LinkOptions,
    private readonly totals: ByteTotals,
  ) {
    this.remote = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => this.onDrain());
    socket.on('end', () => this.onEnd());
    socket.on('error', (error) => this.onError(error));
    socket.on('close', () => this.onClose());
  }

  /** Nothing more is sent: the link was ended by this side, or is gone. */
  get isEnding(): boolean {
    return this.ended;
  }

  /** Bytes that were sent and that the kernel has not taken yet. */
  get backlog(): number {
    return this.writer.bytes + this.socket.writableLength;
  }

  /** Who gets frames and the end from now on. */
  serve(handler: LinkHandler): void {
    this.handler = handler;
  }

  /** The peer is known: frames may be as long as the plane allows. */
  open(): void {
    this.isOpen = true;
    this.reader.bytesMax = this.options.frameBytesMax;
  }

  send(frame: Uint8Array): void {
    if (this.ended) return;
    const { backlogBytesMax } = this.options;
    if (this.backlog + frame.length > backlogBytesMax) {
      this.fail(
        'backlogFull',
        `${this.remote} does not take what it is sent: ${this.backlog} bytes wait, of at most ${backlogBytesMax}`,
      );
      return;
    }
    this.writer.append(frame);
    this.flushing ??= setImmediate(() => this.flush());
  }

  /** Closes once everything that was sent is out, or after a while in which it cannot be. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.write();
    this.socket.end();
    this.goodbye = setTimeout(() => this.socket.destroy(), GOODBYE_TIMEOUT_MS);
  }

  /** Closes at once, because of what the peer did. */
  fail(reason: RejectReason, detail: string): void {
    this.fault ??= { reason, detail };
    this.destroy();
  }

  destroy(): void {
    this.ended = true;
    this.reader.stop();
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.bytesIn += chunk.length;
    this.totals.bytesIn += chunk.length;
    if (this.reader.push(chunk)) return;
    const { announced, bytesMax } = this.reader;
    if (this.isOpen) this.fail('frameTooLarge', `a frame of ${announced} bytes, of at most ${bytesMax}`);
    else if (isTlsRecord(announced))
      this.fail('tls', `${this.remote} speaks TLS, and this node has no secret`);
    else this.fail('handshakeInvalid', `${this.remote} is no cluster node: what it said is no handshake`);
  }

  private flush(): void {
    this.flushing = undefined;
    if (!this.ended && !this.socket.writableNeedDrain) this.write();
  }

  private write(): void {
    const batch = this.writer.take();
    if (!batch) return;
    this.bytesOut += batch.length;
    this.totals.bytesOut += batch.length;
    this.socket.write(batch);
  }

  private onDrain(): void {
    if (this.ended) return;
    this.write();
    if (!this.socket.writableNeedDrain) this.handler?.drained?.();
  }

  /** Whoever hung up still gets what was on its way to it. */
  private onEnd(): void {
    if (this.backlog === 0) this.socket.destroy();
    else this.end();
  }

  private onError(error: Error): void {
    this.error ??= error;
    this.socket.destroy();
  }

  private onClose(): void {
    this.ended = true;
    this.reader.stop();
    clearImmediate(this.flushing);
    clearTimeout(this.goodbye);
    this.handler?.closed(this.fault, this.error);
  }
}

/** The first four bytes of every TLS connection: a handshake record of version 3.x, less than 16 KiB long. */
function isTlsRecord(announced: number): boolean {
  return announced >>> 16 === 0x1603;
}
