/**
 * Tells once that a node of another application is in this cluster: the two share one leader, so that the leader-only work of
 * one of them never runs, and one store. Applications are told apart by the names that nodes have when nobody chose one.
 */
import type { Logger } from '@nestjs/common';
import { baseOf } from './node-address.js';

export class OtherApplications {
  private isTold = false;

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly cluster: string,
    /** Name of this node, if nobody chose it. */
    private readonly ownName: string | undefined,
  ) {}

  met(name: string): void {
    const own = this.ownName === undefined ? undefined : baseOf(this.ownName);
    const theirs = baseOf(name);
    if (this.isTold || own === undefined || theirs === undefined || own === theirs) return;
    this.isTold = true;
    this.logger.warn(
      `${name} belongs to the application ${theirs}, this node to ${own}, and both are in cluster ${this.cluster}: they share one ` +
        'leader and one store, so that leader-only work of one of them does not run. Give each application a CLUSTER_NAME of ' +
        'its own; if they are one application, give all its nodes the same CLUSTER_NODE_BASENAME',
    );
  }
}
