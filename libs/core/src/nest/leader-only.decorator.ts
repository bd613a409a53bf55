/**
 * `@LeaderOnly()`: a method that runs on the leader alone (N5).
 *
 * The method is wrapped when the class is made, so that whoever calls it – a cron job, an event, a route, other code –
 * meets the same door. Which application's leadership is asked (N3) is known per instance: Nest injects it into what it
 * builds from a class, and the explorer binds what factories made. An unbound instance, or one before start, does not lead.
 */
import { Inject, Logger, Optional, UseGuards } from '@nestjs/common';
import { ClusterError } from '@nest-cluster/protocol';
import { ClusterLeadership, type LeaderAttempt } from './cluster-leadership.js';
import { LeaderOnlyGuard } from './leader-only.guard.js';
import {
  leads,
  markLeaderOnly,
  originOf,
  otherwiseOf,
  refusesAnyway,
  type LeaderOnlyOptions,
} from './leader-only.rules.js';
import { notLeader } from './not-leader.js';

const LEADERSHIP = Symbol('the leadership of the application that an instance belongs to');

const bindings = new WeakMap<object, ClusterLeadership>();

type Method = (this: object, ...args: unknown[]) => unknown;

/**
 * Runs the method on the leader only. Elsewhere a call fails with `CLUSTER_NOT_LEADER`, so that no work is lost unseen: a
 * `ClusterError` in code, such as a processor of a queue or a CQRS handler; 503 with
 * `{ statusCode, code: 'CLUSTER_NOT_LEADER', message, leader }` on an HTTP route, before pipes and interceptors; an
 * `RpcException` or `WsException` of `{ status, code, message, leader }`; a GraphQL error with that code. Jobs and events that
 * nobody waits for are skipped; `{ otherwise: 'skip' | 'throw' }` chooses.
 *
 * Goes with `@Cron`, `@Interval`, `@Timeout`, `@OnEvent` and route decorators in either order, and keeps name, `this`,
 * arguments, result and metadata. The lease is not given back before the method's promise settles: a long-running method
 * should watch `ClusterLeadership.signal`, which inside it, also behind `await`, is the signal of this very run; just so
 * `ClusterLeadership.token` is the fencing token of its term.
 */
export function LeaderOnly(options: LeaderOnlyOptions = {}): MethodDecorator {
  return (target, key, descriptor) => {
    const method: unknown = descriptor?.value;
    if (typeof target === 'function' || typeof method !== 'function') {
      throw new ClusterError(
        'CLUSTER_HANDLER_INVALID',
        `@LeaderOnly() stands on ${String(key)}, which is not a method of an instance`,
      );
    }
    const isAsync =
      Reflect.getMetadata('design:returntype', target, key) === Promise || isAsyncFunction(method);
    const guarded = guard(method as Method, isAsync);
    for (const name of ['name', 'length'] as const) {
      Object.defineProperty(guarded, name, { value: method[name], configurable: true });
    }
    for (const metadataKey of Reflect.getOwnMetadataKeys(method)) {
      Reflect.defineMetadata(metadataKey, Reflect.getOwnMetadata(metadataKey, method), guarded);
    }
    markLeaderOnly(guarded, options);
    const wrapped: PropertyDescriptor = { ...descriptor, value: guarded };
    UseGuards(LeaderOnlyGuard)(target, key, wrapped);
    Object.assign(descriptor, wrapped);
    injectLeadership(target);
    return descriptor;
  };
}

/** For objects that Nest did not build from their class, such as those of a factory or of a unit test. */
export function bindLeadership(instance: object, leadership: ClusterLeadership): void {
  bindings.set(instance, leadership);
}

function guard(method: Method, isAsync: boolean): Method {
  let hasWarned = false;
  return function guarded(...args) {
    const leadership = bindings.get(this);
    const attempt = attemptUnder(leadership, () => method.apply(this, args));
    if (attempt.isDone) return attempt.result;
    const origin = originOf(guarded);
    const what = `${classNameOf(this)}${method.name}()`;
    const refusal = notLeader(origin, leadership, what);
    if (otherwiseOf(guarded) === 'throw' || refusesAnyway(origin)) {
      // Whoever calls an asynchronous method looks for its errors in the promise.
      if (isAsync) return Promise.reject(refusal);
      throw refusal;
    }
    if (leadership === undefined && !hasWarned) {
      hasWarned = true;
      new Logger('ClusterLeadership').warn(`${refusal.message}. It is skipped`);
    }
    return undefined;
  };
}

/** What a test put in the place of the real leadership has no terms; it says whether it leads. */
function attemptUnder(
  leadership: ClusterLeadership | undefined,
  work: () => unknown,
): LeaderAttempt<unknown> {
  if (leadership instanceof ClusterLeadership) return leadership.attempt(work);
  return leads(leadership) ? { isDone: true, result: work() } : { isDone: false };
}

/** A method that was taken off its instance has none. */
function classNameOf(instance: object | undefined): string {
  return instance === undefined ? '' : `${instance.constructor.name}.`;
}

function isAsyncFunction(method: object): boolean {
  return Object.prototype.toString.call(method) === '[object AsyncFunction]';
}

/** The injector assigns a property; this one only notes whose leadership it was, and nothing shows on the instance. */
function injectLeadership(prototype: object): void {
  if (LEADERSHIP in prototype) return;
  Object.defineProperty(prototype, LEADERSHIP, {
    set(this: object, leadership: ClusterLeadership) {
      bindings.set(this, leadership);
    },
  });
  Inject(ClusterLeadership)(prototype, LEADERSHIP);
  Optional()(prototype, LEADERSHIP);
}
