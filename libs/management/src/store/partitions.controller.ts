/**
 * Recovery by hand (P4): which partitions there are, what a choice would do, and the choice.
 */
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Req,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { Cluster, ClusterStore, type PartitionChoice } from '@nest-cluster/core';
import { AccessGuard } from '../access/access.guard.js';
import type { HttpRequest } from '../http/http.js';
import { fieldOf, jsonBody } from '../http/input.js';
import { Problem, badRequest } from '../http/problem.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { PartitionBook, type PartitionAnswer } from './partition-book.js';

export interface SideDifference {
  /** A node of that side; what `keep` takes. */
  readonly side: string;
  readonly written: readonly string[];
  readonly deleted: readonly string[];
  readonly conflicts: readonly string[];
  readonly total: number;
}

/** Seen from the node that answers; lists are cut at a bound, totals are not. */
export interface DifferenceAnswer {
  readonly partition: string;
  readonly sides: readonly SideDifference[];
  /** Keys changed on this side that others lack: what keeping another side would drop. */
  readonly here: { readonly keys: readonly string[]; readonly total: number };
}

@Controller({ path: 'partitions', version: VERSION_NEUTRAL })
@UseGuards(AccessGuard)
@UseFilters(ProblemFilter)
export class PartitionsController {
  constructor(
    @Inject(Cluster) private readonly cluster: Cluster,
    @Inject(ClusterStore) private readonly store: ClusterStore,
    @Inject(PartitionBook) private readonly book: PartitionBook,
  ) {}

  @Get()
  list(): readonly PartitionAnswer[] {
    return this.book.list();
  }

  @Get(':id/diff')
  async diff(@Param('id') id: string): Promise<DifferenceAnswer> {
    const { partition, here, sides } = await this.store.diff(this.find(id).id);
    const { nodes, pastNodes } = this.cluster;
    const names = new Map([...pastNodes, ...nodes].map(({ incarnation, name }) => [incarnation, name]));
    return {
      partition,
      here,
      sides: sides.map(({ side, ...changes }) => ({ side: names.get(side) ?? side, ...changes })),
    };
  }

  @Post(':id/resolve')
  @HttpCode(200)
  async resolve(
    @Req() request: HttpRequest,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<PartitionAnswer> {
    const choice = choiceOf(jsonBody(request, body));
    const partition = this.find(id);
    if (partition.state !== 'waiting')
      throw new Problem(
        409,
        'CONFLICT',
        `partition ${id} does not wait for a choice: it is ${partition.state}`,
      );
    await this.store.resolve(id, choice);
    const { book } = this;
    return book.list().find((other) => other.id === id) ?? book.withReport({ ...partition, state: 'healed' });
  }

  private find(id: string): PartitionAnswer {
    const partition = this.book.list().find((known) => known.id === id);
    if (partition === undefined)
      throw new Problem(404, 'CLUSTER_PARTITION_UNKNOWN', `there is no partition ${JSON.stringify(id)}`);
    return partition;
  }
}

function choiceOf(body: unknown): PartitionChoice {
  const choose = fieldOf(body, 'choose');
  const side = fieldOf(body, 'side');
  if (choose === 'merge') return { choose };
  if (choose !== 'keep') throw badRequest('choose must be merge or keep');
  if (typeof side !== 'string' || side === '') throw badRequest('side must name a node of the side to keep');
  return { choose, side };
}
