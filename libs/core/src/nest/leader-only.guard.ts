/**
 * Turns requests away before pipes and interceptors see them, where this node does not lead (N5). What is not a request
 * passes, and is decided at the method.
 */
import { Inject, Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ClusterLeadership } from './cluster-leadership.js';
import { leads, originOf, otherwiseOf, refusesAnyway } from './leader-only.rules.js';
import { notLeader } from './not-leader.js';

const REQUESTS: readonly string[] = ['http', 'graphql', 'rpc', 'ws'];

@Injectable()
export class LeaderOnlyGuard implements CanActivate {
  constructor(
    @Optional() @Inject(ClusterLeadership) private readonly leadership: ClusterLeadership | undefined,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const transport = context.getType<string>();
    if (!REQUESTS.includes(transport) || leads(this.leadership)) return true;
    const handler = context.getHandler();
    if (otherwiseOf(handler) === 'skip' && !refusesAnyway(transport)) return true;
    const origin = originOf(handler);
    throw notLeader(
      // An event of a microservice is a message that nobody waits for: Nest logs an error that is none for a client.
      origin === 'event' ? origin : transport,
      this.leadership,
      `${context.getClass().name}.${handler.name}()`,
    );
  }
}
