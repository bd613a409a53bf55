/**
 * The cluster as a whole, and its recovery mode.
 */
import { Delete, Get, Inject, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { ClusterStore } from '@nest-cluster/core';
import { BodyReader } from '../http/body-reader.js';
import { answer, type HttpRequest, type HttpResponse } from '../http/http.js';
import { fieldsOf } from '../http/input.js';
import { ManagementController } from '../http/management-controller.decorator.js';
import { badRequest, noSuchCall } from '../http/problem.js';
import { Call } from '../openapi/call.js';
import { clusterCalls } from '../openapi/calls.js';
import { ClusterReport } from './cluster-report.js';

@ManagementController()
export class ClusterController {
  constructor(
    @Inject(ClusterReport) private readonly report: ClusterReport,
    @Inject(ClusterStore) private readonly store: ClusterStore,
    @Inject(BodyReader) private readonly bodies: BodyReader,
  ) {}

  @Get()
  @Call(clusterCalls.show)
  async show(@Res() response: HttpResponse): Promise<void> {
    answer(response, 200, await this.report.whole());
  }

  @Put()
  @Call(clusterCalls.change)
  async change(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const { recovery } = fieldsOf(await this.bodies.read(request), ['recovery']);
    if (recovery !== 'automatic' && recovery !== 'manual')
      throw badRequest('recovery must be automatic or manual');
    this.store.setRecovery(recovery);
    answer(response, 200, await this.report.whole());
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
