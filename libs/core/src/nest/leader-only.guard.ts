/**
 * Lets HTTP and GraphQL requests through on the leader only (N5). Everything else passes and is decided at the method,
 * which does nothing elsewhere than on the leader.
 */
import {
  HttpException,
  Inject,
  Injectable,
  Optional,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { ClusterLeadership } from './cluster-leadership.js';

/** Where somebody waits for an answer, and silence would look like success. */
const ANSWERING: readonly string[] = ['http', 'graphql'];

/** The body of a 503; `leader` is the name of the leading node, or null. */
export interface NotLeaderBody {
  readonly statusCode: 503;
  readonly code: 'CLUSTER_NOT_LEADER';
  readonly message: string;
  readonly leader: string | null;
}

@Injectable()
export class LeaderOnlyGuard implements CanActivate {
  constructor(
    @Optional() @Inject(ClusterLeadership) private readonly leadership: ClusterLeadership | undefined,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (!ANSWERING.includes(context.getType<string>()) || this.leadership?.isLeader() === true) return true;
    throw new HttpException(notLeader(this.leadership), 503);
  }
}

export function notLeader(leadership: ClusterLeadership | undefined): NotLeaderBody {
  const leader = leadership?.leader?.name ?? null;
  return {
    statusCode: 503,
    code: 'CLUSTER_NOT_LEADER',
    message:
      leader === null
        ? 'Only the leader answers this, and nobody leads'
        : `Only the leader answers this: ${leader}`,
    leader,
  };
}
