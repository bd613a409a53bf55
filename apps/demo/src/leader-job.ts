/**
 * A job that runs each second on exactly one node, whichever leads.
 */
import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { ClusterLeadership, LeaderOnly } from '@nest-cluster/core';

const RUNS_MAX = 1_000;

export interface Run {
  /** Wall clock in milliseconds. */
  readonly at: number;
  readonly token: number;
}

@Injectable()
export class LeaderJob {
  private readonly done: Run[] = [];

  constructor(private readonly leadership: ClusterLeadership) {}

  @Cron(CronExpression.EVERY_SECOND)
  @LeaderOnly()
  run(): void {
    this.done.push({ at: Date.now(), token: this.leadership.token ?? 0 });
    if (this.done.length > RUNS_MAX) this.done.shift();
  }

  /** What this node ran, newest last. */
  runs(): readonly Run[] {
    return this.done;
  }
}
