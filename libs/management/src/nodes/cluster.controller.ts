/**
 * The cluster as a whole, and its recovery mode.
 */
import {
  Body,
  Controller,
  Delete,
  Get,
  Inject,
  Patch,
  Post,
  Put,
  Req,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { ClusterStore } from '@nest-cluster/core';
import { AccessGuard } from '../access/access.guard.js';
import type { HttpRequest } from '../http/http.js';
import { fieldOf, jsonBody } from '../http/input.js';
import { badRequest, notFound } from '../http/problem.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { ClusterReport, type ClusterAnswer } from './cluster-report.js';

@Controller({ version: VERSION_NEUTRAL })
@UseGuards(AccessGuard)
@UseFilters(ProblemFilter)
export class ClusterController {
  constructor(
    @Inject(ClusterReport) private readonly report: ClusterReport,
    @Inject(ClusterStore) private readonly store: ClusterStore,
  ) {}

  @Get()
  show(): Promise<ClusterAnswer> {
    return this.report.whole();
  }

  @Put()
  change(@Req() request: HttpRequest, @Body() body: unknown): Promise<ClusterAnswer> {
    const recovery = fieldOf(jsonBody(request, body), 'recovery');
    if (recovery !== 'automatic' && recovery !== 'manual')
      throw badRequest('recovery must be automatic or manual');
    this.store.setRecovery(recovery);
    return this.report.whole();
  }

  @Post()
  post(): never {
    throw noSuchCall();
  }

  @Patch()
  patch(): never {
    throw noSuchCall();
  }

  @Delete()
  delete(): never {
    throw noSuchCall();
  }
}

function noSuchCall() {
  return notFound('there is no such call');
}
