/**
 * The entries of the store: a page of keys, and one key at a time.
 */
import { Delete, Get, Inject, Put, Req, Res } from '@nestjs/common';
import { ClusterStore } from '@nest-cluster/core';
import { BodyReader } from '../http/body-reader.js';
import { answer, type HttpRequest, type HttpResponse } from '../http/http.js';
import { assertNoEmptyKey, keyOf, oneOf, parameter, wholeNumber } from '../http/input.js';
import { ManagementController } from '../http/management-controller.decorator.js';
import { Problem, badRequest, noSuchCall } from '../http/problem.js';
import { ACKS, KEYS_PER_PAGE, KEYS_PER_PAGE_MAX, TTL_MS_MAX } from '../limits.js';
import { RESOLVED_MANAGEMENT, type ResolvedManagement } from '../management-options.js';
import { Call } from '../openapi/call.js';
import { keyCalls } from '../openapi/calls.js';
import { decodeCursor, keyPage } from './key-page.js';
import { plainValue } from './plain-value.js';

export interface EntryAnswer {
  readonly key: string;
  readonly value: unknown;
  /** False when the value is shown otherwise than it is: JSON cannot say it, or it is too large to be shown whole. */
  readonly exact: boolean;
}

@ManagementController('keys')
export class KeysController {
  constructor(
    @Inject(ClusterStore) private readonly store: ClusterStore,
    @Inject(BodyReader) private readonly bodies: BodyReader,
    @Inject(RESOLVED_MANAGEMENT) private readonly management: ResolvedManagement,
  ) {}

  @Get()
  @Call(keyCalls.list)
  async list(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    assertNoEmptyKey(request);
    const prefix = parameter(request, 'prefix') ?? '';
    const limit = wholeNumber(request, 'limit', 1, KEYS_PER_PAGE_MAX) ?? KEYS_PER_PAGE;
    const cursor = parameter(request, 'cursor');
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    if (cursor !== undefined && after === undefined) throw badRequest('cursor must be one that a page gave');
    answer(response, 200, await keyPage(this.store.keys(), prefix, limit, after));
  }

  @Delete()
  @Call(keyCalls.purge)
  async purge(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    assertNoEmptyKey(request);
    if (oneOf(request, 'all', ['true']) === undefined)
      throw badRequest('this call deletes every key; say so with ?all=true');
    const ack = oneOf(request, 'ack', ACKS) ?? 'quorum';
    const deleted = this.store.size;
    await this.store.clear({ ack });
    answer(response, 200, { deleted });
  }

  @Put()
  put(@Req() request: HttpRequest): never {
    assertNoEmptyKey(request);
    throw noSuchCall();
  }

  @Get('*key')
  @Call(keyCalls.read)
  read(@Req() request: HttpRequest, @Res() response: HttpResponse): void {
    const key = this.key(request);
    if (!this.store.has(key)) throw unknown(key);
    const { value, exact } = plainValue(this.store.peek(key));
    answer(response, 200, { key, value, exact } satisfies EntryAnswer);
  }

  @Put('*key')
  @Call(keyCalls.write)
  async write(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const key = this.key(request);
    const ttl = wholeNumber(request, 'ttl', 1, TTL_MS_MAX);
    const ack = oneOf(request, 'ack', ACKS) ?? 'quorum';
    const value = await this.bodies.read(request);
    await this.store.set(key, value, ttl === undefined ? { ack } : { ack, ttl });
    answer(response, 200, { key, value, exact: true } satisfies EntryAnswer);
  }

  @Delete('*key')
  @Call(keyCalls.remove)
  async remove(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const key = this.key(request);
    const ack = oneOf(request, 'ack', ACKS) ?? 'quorum';
    if (!this.store.has(key) || !(await this.store.delete(key, { ack }))) throw unknown(key);
    answer(response, 200, { key, deleted: true });
  }

  private key(request: HttpRequest): string {
    return keyOf(request, this.management.path);
  }
}

function unknown(key: string): Problem {
  return new Problem(404, 'NOT_FOUND', `there is no key ${JSON.stringify(key)}`);
}
