import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { ClusterLeadership, LeaderOnly } from '@nest-cluster/core';

@Injectable()
export class Billing {
  readonly done: string[] = [];

  constructor(private readonly leadership: ClusterLeadership) {}

  // Nobody waits for what it returns: skipped off the leader.
  @Cron('0 3 * * *')
  @LeaderOnly()
  nightly(): void {
    this.done.push('nightly');
  }

  // Called by a processor of a queue: fails off the leader, so that the queue tries the job again.
  @LeaderOnly()
  async charge(order: string): Promise<void> {
    const { signal, token } = this.leadership;
    if (!signal.aborted) this.done.push(`${order} ${token}`);
  }

  // Every node hears of it, and one is enough.
  @LeaderOnly({ otherwise: 'skip' })
  announce(): void {
    this.done.push('announced');
  }
}
