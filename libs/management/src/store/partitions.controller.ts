/**
 * Recovery by hand (P4): which partitions there are, what a choice would do, and the choice.
 */
import { Get, Inject, Post, Req, Res } from '@nestjs/common';
import { Cluster, ClusterStore, type PartitionChoice } from '@nest-cluster/core';
import { BodyReader } from '../http/body-reader.js';
import { answer, type HttpRequest, type HttpResponse } from '../http/http.js';
import { fieldsOf, nameOf } from '../http/input.js';
import { ManagementController } from '../http/management-controller.decorator.js';
import { Problem, badRequest } from '../http/problem.js';
import { NODE_NAME_CHARS_MAX } from '../limits.js';
import { RESOLVED_MANAGEMENT, type ResolvedManagement } from '../management-options.js';
import { Call } from '../openapi/call.js';
import { partitionCalls } from '../openapi/calls.js';
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

@ManagementController('partitions')
export class PartitionsController {
  constructor(
    @Inject(Cluster) private readonly cluster: Cluster,
    @Inject(ClusterStore) private readonly store: ClusterStore,
    @Inject(PartitionBook) private readonly book: PartitionBook,
    @Inject(BodyReader) private readonly bodies: BodyReader,
    @Inject(RESOLVED_MANAGEMENT) private readonly management: ResolvedManagement,
  ) {}

  @Get()
  @Call(partitionCalls.list)
  list(@Res() response: HttpResponse): void {
    answer(response, 200, this.book.list());
  }

  @Get(':id/diff')
  @Call(partitionCalls.diff)
  async diff(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const { id } = this.find(this.id(request, 'diff'));
    const { partition, here, sides } = await this.store.diff(id);
    const { nodes, pastNodes } = this.cluster;
    const names = new Map([...pastNodes, ...nodes].map(({ incarnation, name }) => [incarnation, name]));
    answer(response, 200, {
      partition,
      here,
      sides: sides.map(({ side, ...changes }) => ({ side: names.get(side) ?? side, ...changes })),
    } satisfies DifferenceAnswer);
  }

  @Post(':id/resolve')
  @Call(partitionCalls.resolve)
  async resolve(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const id = this.id(request, 'resolve');
    const choice = choiceOf(await this.bodies.read(request));
    const partition = this.find(id);
    if (partition.state !== 'waiting')
      throw new Problem(
        409,
        'CONFLICT',
        `partition ${id} does not wait for a choice: it is ${partition.state}`,
      );
    await this.store.resolve(id, choice);
    const { book } = this;
    const after = book.list().find((other) => other.id === id);
    answer(response, 200, after ?? book.withReport({ ...partition, state: 'healed' }));
  }

  private id(request: HttpRequest, action: string): string {
    return nameOf(request, this.management.path, 'partitions', action);
  }

  private find(id: string): PartitionAnswer {
    const partition = this.book.list().find((known) => known.id === id);
    if (partition === undefined)
      throw new Problem(404, 'CLUSTER_PARTITION_UNKNOWN', `there is no partition ${JSON.stringify(id)}`);
    return partition;
  }
}

function choiceOf(body: unknown): PartitionChoice {
  const { choose, side } = fieldsOf(body, ['choose', 'side']);
  if (choose === 'merge' && side !== undefined)
    throw badRequest('side belongs to keep; merge takes all sides');
  if (choose === 'merge') return { choose };
  if (choose !== 'keep') throw badRequest('choose must be merge or keep');
  if (typeof side !== 'string' || side === '' || side.length > NODE_NAME_CHARS_MAX)
    throw badRequest('side must name a node of the side to keep');
  return { choose, side };
}
