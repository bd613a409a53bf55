/**
 * Splits a stream into lines, each bounded before it is kept.
 */
import { StringDecoder } from 'node:string_decoder';

/** Longest line that is kept, in characters: an object in etcd is at most 1.5 MiB. */
const LINE_LENGTH_MAX = 4 * 1024 * 1024;

/** Resolves at the end of the stream; rejects when it breaks, or with what `line` throws. */
export async function readLines(stream: AsyncIterable<unknown>, line: (text: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + (Buffer.isBuffer(chunk) ? decoder.write(chunk) : String(chunk))).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part.trim() !== '') line(part);
    if (rest.length > LINE_LENGTH_MAX) throw new Error(`a line is longer than ${LINE_LENGTH_MAX} characters`);
  }
}
