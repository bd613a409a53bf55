/**
 * Reads one JSON body of a bounded size. A sender that goes on beyond it is let finish for a while, so that it hears the
 * answer, and is then cut off.
 */
import type { IncomingMessage } from 'node:http';
import { badRequest, tooLarge } from './problem.js';

/** How much of a body that is too large is read and dropped before its connection is closed, in bytes. */
const DRAIN_BYTES_MAX = 64 * 1024 * 1024;

/** Nothing when there is no JSON body. */
export async function readJson(
  request: IncomingMessage,
  bytesMax: number,
): Promise<{ readonly value: unknown } | undefined> {
  const { headers } = request;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!hasBody || !isJson(headers['content-type'])) return undefined;
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity')
    throw badRequest('the body must not be compressed');
  const bytes = await collect(request, bytesMax);
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    throw badRequest('the body is not JSON in UTF-8');
  }
}

export function isJson(contentType: string | undefined): boolean {
  return /^application\/([\w.+-]+\+)?json *(;|$)/i.test(contentType ?? '');
}

function collect(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bytesMax) return void chunks.push(chunk);
      chunks.length = 0;
      reject(tooLarge(bytesMax));
      if (size > DRAIN_BYTES_MAX) request.destroy();
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => reject(badRequest('the body ended early')));
    request.once('close', () => reject(badRequest('the body ended early')));
  });
}
