/**
 * A call as bytes over a connection of its own, whole or in part, and what comes back as far as it came.
 */
import { connect, type Socket } from 'node:net';
import { TOKEN } from './management-app.js';

export class RawCall {
  /** Everything that came back. */
  text = '';
  isOver = false;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (this.text += text));
    socket.on('close', () => (this.isOver = true));
    socket.on('error', () => undefined);
  }

  /** @param head further lines, without line breaks */
  static open(origin: string, line: string, head: readonly string[], token = TOKEN): RawCall {
    const call = new RawCall(connect(Number(new URL(origin).port), '127.0.0.1'));
    const access = token === '' ? [] : [`Authorization: Bearer ${token}`];
    call.write([`${line} HTTP/1.1`, 'Host: test', ...access, ...head, '', ''].join('\r\n'));
    return call;
  }

  /** The beginning of a JSON body that is announced to have so many bytes. */
  static withBody(
    origin: string,
    line: string,
    bytes: number,
    sent: string | Buffer,
    token = TOKEN,
  ): RawCall {
    const head = ['Content-Type: application/json', `Content-Length: ${bytes}`];
    const call = RawCall.open(origin, line, head, token);
    call.write(sent);
    return call;
  }

  /** Of the answer; NaN while there is none. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.text)?.[1]);
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  close(): void {
    this.socket.destroy();
  }
}
