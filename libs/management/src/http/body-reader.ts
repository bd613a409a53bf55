/**
 * Reads the JSON body of a call that was allowed. Few bytes may be on their way at a time, over all calls, so that bodies that
 * are sent slowly hold a bounded amount of memory.
 */
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '@nest-cluster/core';
import { messageOf, type HttpRequest } from './http.js';
import { parseJson } from './json-text.js';
import { badRequest, busy, tooLarge, tooSlow, unsupported } from './problem.js';
import { bodyHeadOf } from './set-aside.js';

/** How many of the largest bodies may be on their way at once. */
const LARGEST_AT_ONCE = 8;
/** How many bodies may be on their way at once. */
const BODIES_MAX = 256;
/** Longest time for reading one body, in milliseconds: less than the connection has, so that the client hears why. */
const READING_MS = 8_000;

@Injectable()
export class BodyReader {
  /** JSON writes some values longer than they are stored. The store has the last word. */
  private readonly bytesMax: number;
  private bodies = 0;
  private bytes = 0;

  constructor(@Inject(RESOLVED_OPTIONS) { store }: ResolvedOptions) {
    this.bytesMax = 2 * store.maxValueBytes + 1_024;
  }

  /** Any JSON value. */
  async read(request: HttpRequest): Promise<unknown> {
    const message = messageOf(request);
    const { bytes, type, encoding } = bodyHeadOf(message);
    if (encoding !== undefined && encoding !== 'identity')
      throw unsupported(`the body is encoded as ${JSON.stringify(encoding)}; send it as it is`);
    if (!isJson(type) || bytes === 0) throw badRequest('the body must be JSON, sent as application/json');
    if (bytes !== undefined && bytes > this.bytesMax) throw tooLarge(this.bytesMax);
    const release = this.reserve(bytes ?? this.bytesMax);
    try {
      return parseJson(await collect(message, this.bytesMax));
    } finally {
      release();
    }
  }

  /** Undefined when there is no body. */
  async readOptional(request: HttpRequest): Promise<unknown> {
    return bodyHeadOf(messageOf(request)).bytes === 0 ? undefined : this.read(request);
  }

  /** A body without an announced end may become as large as allowed. */
  private reserve(bytes: number): () => void {
    if (this.bodies >= BODIES_MAX || this.bytes + bytes > LARGEST_AT_ONCE * this.bytesMax) throw busy();
    this.bodies++;
    this.bytes += bytes;
    return () => {
      this.bodies--;
      this.bytes -= bytes;
    };
  }
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/([\w.+-]+\+)?json *(;|$)/i.test(contentType ?? '');
}

function collect(message: IncomingMessage, bytesMax: number): Promise<Buffer> {
  if (message.readableDidRead)
    throw new Error('something in front of the management calls has read the body');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const deadline = setTimeout(() => end(() => reject(tooSlow(READING_MS))), READING_MS);
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > bytesMax) end(() => reject(tooLarge(bytesMax)));
      else chunks.push(chunk);
    };
    const complete = () => end(() => resolve(Buffer.concat(chunks)));
    const breakOff = () => end(() => reject(badRequest('the body ended early')));
    /** What is still to come is dropped. */
    const end = (settle: () => void) => {
      clearTimeout(deadline);
      message.off('data', take).off('end', complete).off('close', breakOff).resume();
      settle();
    };
    message.on('data', take).once('end', complete).once('close', breakOff).once('error', breakOff);
  });
}
