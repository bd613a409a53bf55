/**
 * What a caller is told where this node does not lead, in the words of the transport that it came by (N5). Packages that an
 * application may not have installed are loaded when they are needed first.
 */
import { HttpException } from '@nestjs/common';
import { ClusterError } from '@nest-cluster/protocol';
import type { ClusterLeadership } from './cluster-leadership.js';
import { exportOf } from './optional-package.js';

const CODE = 'CLUSTER_NOT_LEADER';
const STATUS = 503;

/** The body of a 503; `leader` is the name of the leading node, or null. */
export interface NotLeaderBody {
  readonly statusCode: 503;
  readonly code: 'CLUSTER_NOT_LEADER';
  readonly message: string;
  readonly leader: string | null;
}

/** What a client of a microservice gets as the error, and a client of a gateway with the `exception` event. */
export interface NotLeaderMessage extends Omit<NotLeaderBody, 'statusCode'> {
  readonly status: 'error';
}

/** GraphQL shows clients the `extensions` of an error. Without a `statusCode` Apollo's driver leaves them as they are. */
class NotLeaderInGraphql extends HttpException {
  readonly extensions: { readonly code: string; readonly leader: string | null };

  constructor({ code, message, leader }: NotLeaderMessage) {
    super({ code, message, leader }, STATUS);
    this.extensions = { code, leader };
  }
}

type Leadership = Pick<ClusterLeadership, 'leader'> | undefined;

/**
 * @param context Nest's name of the transport: `http`, `graphql`, `rpc` or `ws`; anything else is code that called
 * @param what the method, for whoever reads the error of a call
 */
export function notLeader(context: string, leadership: Leadership, what: string): Error {
  const { message, leader } = describe(leadership);
  const told: NotLeaderMessage = { status: 'error', code: CODE, message, leader };
  switch (context) {
    case 'http':
      return new HttpException({ statusCode: STATUS, code: CODE, message, leader }, STATUS);
    case 'graphql':
      return new NotLeaderInGraphql(told);
    case 'rpc':
      return made('@nestjs/microservices', 'RpcException', told) ?? refusal(leadership, what);
    case 'ws':
      return made('@nestjs/websockets', 'WsException', told) ?? refusal(leadership, what);
    default:
      return refusal(leadership, what);
  }
}

function describe(leadership: Leadership): { readonly message: string; readonly leader: string | null } {
  const leader = leadership?.leader?.name ?? null;
  const message =
    leader === null
      ? 'Only the leader answers this, and nobody leads'
      : `Only the leader answers this: ${leader}`;
  return { message, leader };
}

function refusal(leadership: Leadership, what: string): ClusterError {
  return new ClusterError(CODE, `${what} runs on the leader only; ${whoLeads(leadership)}`);
}

function whoLeads(leadership: Leadership): string {
  if (leadership === undefined)
    return (
      'its instance belongs to no application that imports ClusterModule. ' +
      'In a unit test, bind it to fakeLeadership() of @nest-cluster/testing'
    );
  const name = leadership.leader?.name;
  return name === undefined ? 'this node does not lead, and nobody is known to' : `${name} leads`;
}

function made(packageName: string, className: string, told: NotLeaderMessage): Error | undefined {
  const found = exportOf(packageName, className);
  if (typeof found !== 'function') return undefined;
  const exception: unknown = Reflect.construct(found, [told]);
  return exception instanceof Error ? exception : undefined;
}
