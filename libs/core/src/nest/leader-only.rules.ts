/**
 * What `@LeaderOnly()` does with a call where this node does not lead, told by the other decorators on the method (N5).
 */
import type { ClusterLeadership } from './cluster-leadership.js';
import { subscriptionsOf } from './handler.decorators.js';

export interface LeaderOnlyOptions {
  /**
   * What a call does where this node does not lead. `throw`: it fails with `CLUSTER_NOT_LEADER`, in the form that the caller
   * understands: a `ClusterError`, a 503 of HTTP, a GraphQL error, an `RpcException`, a `WsException`. `skip`: it returns
   * `undefined`. Routes and GraphQL fields fail in any case.
   *
   * Default: `skip` for `@Cron`, `@Interval`, `@Timeout`, `@OnEvent` and handlers of cluster events, because nobody waits for
   * what they return; `throw` for everything else.
   */
  readonly otherwise?: 'skip' | 'throw';
}

const LEADER_ONLY = 'nest-cluster:leader-only';

/** Metadata of `@Cron`, `@Interval` and `@Timeout`, and of `@OnEvent`. */
const NOBODY_WAITS = ['SCHEDULER_TYPE', 'EVENT_LISTENER_METADATA'];

/** What `microservices:handler_type` says of `@MessagePattern`; another number stands for `@EventPattern`. */
const MESSAGE_HANDLER = 1;

export function markLeaderOnly(method: object, options: LeaderOnlyOptions): void {
  Reflect.defineMetadata(LEADER_ONLY, options, method);
}

/** True for methods that `@LeaderOnly()` stands on. */
export function isLeaderOnly(method: object): boolean {
  return Reflect.hasMetadata(LEADER_ONLY, method);
}

/** What was asked for, or what suits the method; decorators that stand above `@LeaderOnly()` count, too. */
export function otherwiseOf(method: object): 'skip' | 'throw' {
  const options: unknown = Reflect.getMetadata(LEADER_ONLY, method);
  const asked: unknown =
    typeof options === 'object' && options !== null ? Reflect.get(options, 'otherwise') : undefined;
  if (asked === 'skip' || asked === 'throw') return asked;
  const isUnattended =
    NOBODY_WAITS.some((key) => Reflect.hasMetadata(key, method)) || subscriptionsOf(method).length > 0;
  return isUnattended ? 'skip' : 'throw';
}

/** An empty answer would look like success there. */
export function refusesAnyway(transport: string): boolean {
  return transport === 'http' || transport === 'graphql';
}

/** By which transport Nest calls this method, or `event` or `code`. */
export function originOf(method: object): 'http' | 'graphql' | 'rpc' | 'ws' | 'event' | 'code' {
  const has = (key: string) => Reflect.hasMetadata(key, method);
  if (has('path') && has('method')) return 'http';
  if (has('graphql:resolver_type')) return 'graphql';
  if (has('websockets:message_mapping')) return 'ws';
  if (!has('microservices:handler_type')) return 'code';
  return Reflect.getMetadata('microservices:handler_type', method) === MESSAGE_HANDLER ? 'rpc' : 'event';
}

/** Also of what a test put in the place of the real one. */
export function leads(leadership: Pick<ClusterLeadership, 'isLeader'> | undefined): boolean {
  return leadership?.isLeader() === true;
}
