/**
 * A job that runs each second on exactly one node, whichever leads. It writes into the store what all nodes then see.
 */
import { Injectable, Logger } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { Cluster, ClusterLeadership, ClusterStore, LeaderOnly } from '@nest-cluster/core';
import { JOB_KEY, type JobReport } from './store-watch.js';

const RUNS_MAX = 1_000;

export interface Run {
  /** Wall clock in milliseconds. */
  readonly at: number;
  readonly token: number;
}

@Injectable()
export class LeaderJob {
  private readonly logger = new Logger('DemoJob');
  private readonly done: Run[] = [];

  constructor(
    private readonly leadership: ClusterLeadership,
    private readonly cluster: Cluster,
    private readonly store: ClusterStore,
  ) {}

  @Cron(CronExpression.EVERY_SECOND)
  @LeaderOnly()
  async run(): Promise<void> {
    const { token } = this.leadership;
    this.done.push({ at: Date.now(), token });
    if (this.done.length > RUNS_MAX) this.done.shift();
    if (!this.store.ready) return;
    const runs = (this.store.peek<JobReport>(JOB_KEY)?.runs ?? 0) + 1;
    const report: JobReport = { runs, by: this.cluster.self.name, token };
    try {
      await this.store.set(JOB_KEY, report);
    } catch (error) {
      this.logger.warn(
        `run ${runs} is not confirmed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** What this node ran, newest last. */
  runs(): readonly Run[] {
    return this.done;
  }
}
