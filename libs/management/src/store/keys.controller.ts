/**
 * The entries of the store: a page of keys, and one key at a time.
 */
import {
  Body,
  Controller,
  Delete,
  Get,
  Inject,
  Put,
  Req,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { ClusterStore } from '@nest-cluster/core';
import { AccessGuard } from '../access/access.guard.js';
import type { HttpRequest } from '../http/http.js';
import { jsonBody, keyOf, oneOf, parameter, wholeNumber } from '../http/input.js';
import { Problem, badRequest } from '../http/problem.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { RESOLVED_MANAGEMENT, type ResolvedManagement } from '../management-options.js';
import { decodeCursor, keyPage, type KeyPage } from './key-page.js';
import { plainValue } from './plain-value.js';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
const TTL_MS_MAX = 2 ** 43;
const ACKS = ['local', 'quorum', 'all'] as const;

export interface EntryAnswer {
  readonly key: string;
  readonly value: unknown;
  /** False when JSON cannot say what the value is, so that it is written differently. */
  readonly exact: boolean;
}

@Controller({ path: 'keys', version: VERSION_NEUTRAL })
@UseGuards(AccessGuard)
@UseFilters(ProblemFilter)
export class KeysController {
  constructor(
    @Inject(ClusterStore) private readonly store: ClusterStore,
    @Inject(RESOLVED_MANAGEMENT) private readonly management: ResolvedManagement,
  ) {}

  @Get()
  async list(@Req() request: HttpRequest): Promise<KeyPage> {
    const prefix = parameter(request, 'prefix') ?? '';
    const limit = wholeNumber(request, 'limit', 1, LIMIT_MAX) ?? LIMIT_DEFAULT;
    const cursor = parameter(request, 'cursor');
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    if (cursor !== undefined && after === undefined) throw badRequest('cursor must be one that a page gave');
    return keyPage(this.store.keys(), prefix, limit, after);
  }

  @Delete()
  async purge(@Req() request: HttpRequest): Promise<{ readonly deleted: number }> {
    const ack = oneOf(request, 'ack', ACKS) ?? 'quorum';
    const deleted = this.store.size;
    await this.store.clear({ ack });
    return { deleted };
  }

  @Get('*key')
  async read(@Req() request: HttpRequest): Promise<EntryAnswer> {
    const key = this.key(request);
    if (!this.store.has(key)) throw unknown(key);
    return { key, value: null, exact: true, ...plainValue(this.store.peek(key)) };
  }

  @Put('*key')
  async write(@Req() request: HttpRequest, @Body() body: unknown): Promise<EntryAnswer> {
    const key = this.key(request);
    const value = jsonBody(request, body);
    const ttl = wholeNumber(request, 'ttl', 1, TTL_MS_MAX);
    const ack = oneOf(request, 'ack', ACKS) ?? 'quorum';
    await this.store.set(key, value, ttl === undefined ? { ack } : { ack, ttl });
    return { key, value, exact: true };
  }

  @Delete('*key')
  async remove(@Req() request: HttpRequest): Promise<{ readonly key: string; readonly deleted: true }> {
    const key = this.key(request);
    const ack = oneOf(request, 'ack', ACKS) ?? 'quorum';
    if (!this.store.has(key) || !(await this.store.delete(key, { ack }))) throw unknown(key);
    return { key, deleted: true };
  }

  private key(request: HttpRequest): string {
    return keyOf(request, this.management.path);
  }
}

function unknown(key: string): Problem {
  return new Problem(404, 'NOT_FOUND', `there is no key ${JSON.stringify(key)}`);
}
