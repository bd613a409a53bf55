/**
 * `@LeaderOnly()`: a method that runs on the leader, and elsewhere does nothing (N5).
 *
 * The method is wrapped when the class is made, so that whoever calls it – a cron job, an event, a route, other code –
 * meets the same door. Which application's leadership is asked (N3) is known per instance: Nest injects it into what it
 * builds from a class, and the explorer binds what factories made. An unbound instance, or one before start, does not lead.
 */
import { HttpException, Inject, Optional, UseGuards } from '@nestjs/common';
import { ClusterError } from '@nest-cluster/protocol';
import { ClusterLeadership } from './cluster-leadership.js';
import { LeaderOnlyGuard, notLeader } from './leader-only.guard.js';

const LEADERSHIP = Symbol('the leadership of the application that an instance belongs to');
const LEADER_ONLY = 'nest-cluster:leader-only';

const bindings = new WeakMap<object, ClusterLeadership>();

type Method = (this: object, ...args: unknown[]) => unknown;

/**
 * Runs the method on the leader only. Elsewhere a call returns `undefined`; an HTTP route answers 503 with
 * `{ statusCode, code: 'CLUSTER_NOT_LEADER', message, leader }`, before pipes and interceptors.
 *
 * Goes with `@Cron`, `@Interval`, `@Timeout`, `@OnEvent` and route decorators in either order, and keeps name, `this`,
 * arguments, result and metadata. The lease is not given back before the method's promise settles: a long-running method
 * should watch `ClusterLeadership.signal`, which inside it, also behind `await`, is the signal of this very run; just so
 * `ClusterLeadership.token` is the fencing token of its term.
 */
export function LeaderOnly(): MethodDecorator {
  return (target, key, descriptor) => {
    const method: unknown = descriptor?.value;
    if (typeof target === 'function' || typeof method !== 'function') {
      throw new ClusterError(
        'CLUSTER_HANDLER_INVALID',
        `@LeaderOnly() stands on ${String(key)}, which is not a method of an instance`,
      );
    }
    const guarded = guard(method as Method);
    for (const name of ['name', 'length'] as const) {
      Object.defineProperty(guarded, name, { value: method[name], configurable: true });
    }
    for (const metadataKey of Reflect.getOwnMetadataKeys(method)) {
      Reflect.defineMetadata(metadataKey, Reflect.getOwnMetadata(metadataKey, method), guarded);
    }
    Reflect.defineMetadata(LEADER_ONLY, true, guarded);
    const wrapped: PropertyDescriptor = { ...descriptor, value: guarded };
    UseGuards(LeaderOnlyGuard)(target, key, wrapped);
    Object.assign(descriptor, wrapped);
    injectLeadership(target);
    return descriptor;
  };
}

/** True for methods that `@LeaderOnly()` stands on. */
export function isLeaderOnly(method: object): boolean {
  return Reflect.hasMetadata(LEADER_ONLY, method);
}

/** For objects that Nest did not build from their class, such as those of a factory. */
export function bindLeadership(instance: object, leadership: ClusterLeadership): void {
  bindings.set(instance, leadership);
}

function guard(method: Method): Method {
  return function guarded(...args) {
    const leadership = bindings.get(this);
    const attempt = leadership?.attempt(() => method.apply(this, args));
    if (attempt?.isDone === true) return attempt.result;
    // Lost between the guard and here: an empty answer would look like success.
    if (isRoute(guarded)) throw new HttpException(notLeader(leadership), 503);
    return undefined;
  };
}

function isRoute(method: object): boolean {
  return Reflect.hasMetadata('path', method) && Reflect.hasMetadata('method', method);
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
