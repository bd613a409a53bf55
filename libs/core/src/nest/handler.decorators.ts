/**
 * The decorators that make a method a handler of cluster events. Each gets one typed event object. They stand on methods
 * of singletons; several on one method are fine.
 */
import { Inject, Optional } from '@nestjs/common';
import { ClusterError } from '@nest-cluster/protocol';
import type { ClusterEventType } from './cluster-event.js';
import { HANDLER_INSTANCES } from './tokens.js';

const HANDLES = 'nest-cluster:handles';
const BUILT = Symbol('tells of an instance with handlers');

/** What a method wants to hear; `pattern` narrows store events to matching keys. */
export interface Subscription {
  readonly type: ClusterEventType | '*';
  readonly pattern?: string;
}

/** @internal Who connects handlers. */
export interface HandlerInstances {
  built(instance: object): void;
}

/** Any event by its type, or every event with `*`. */
export function OnClusterEvent(type: ClusterEventType | '*'): MethodDecorator {
  return handles({ type });
}

/** Another node came: `NodeUpEvent`. */
export const OnNodeUp = (): MethodDecorator => handles({ type: 'nodeUp' });

/** Another node left or failed: `NodeDownEvent`. */
export const OnNodeDown = (): MethodDecorator => handles({ type: 'nodeDown' });

/** `green`, `yellow`, `red`: `ClusterStateChangedEvent`. */
export const OnClusterStateChanged = (): MethodDecorator => handles({ type: 'stateChanged' });

/** Another leader, or none, as far as this node knows: `LeaderChangedEvent`. */
export const OnLeaderChanged = (): MethodDecorator => handles({ type: 'leaderChanged' });

/** This node leads: `LeadershipAcquiredEvent`. */
export const OnLeadershipAcquired = (): MethodDecorator => handles({ type: 'leadershipAcquired' });

/** This node leads no more: `LeadershipLostEvent`. */
export const OnLeadershipLost = (): MethodDecorator => handles({ type: 'leadershipLost' });

/** The cluster was apart: `PartitionDetectedEvent`. */
export const OnPartitionDetected = (): MethodDecorator => handles({ type: 'partitionDetected' });

/** The sides are one again: `PartitionHealedEvent`. */
export const OnPartitionHealed = (): MethodDecorator => handles({ type: 'partitionHealed' });

/** An entry was written: `StoreWrittenEvent`. In the pattern `*` stands for any run of characters; without one, every key. */
export const OnStoreWritten = (pattern?: string): MethodDecorator =>
  handles({ type: 'storeWritten', pattern });

/** An entry was deleted or ran out: `StoreDeletedEvent`. Pattern as for `@OnStoreWritten`. */
export const OnStoreDeleted = (pattern?: string): MethodDecorator =>
  handles({ type: 'storeDeleted', pattern });

/** Replication with a node runs: `StoreConnectedEvent`. */
export const OnStoreConnected = (): MethodDecorator => handles({ type: 'storeConnected' });

/** Replication with a node has stopped: `StoreDisconnectedEvent`. */
export const OnStoreDisconnected = (): MethodDecorator => handles({ type: 'storeDisconnected' });

/** This node has the store: `StoreReadyEvent`. */
export const OnStoreReady = (): MethodDecorator => handles({ type: 'storeReady' });

/** What the decorators on this method ask for. */
export function subscriptionsOf(method: object): readonly Subscription[] {
  const found: unknown = Reflect.getMetadata(HANDLES, method);
  return isSubscriptions(found) ? found : [];
}

function handles(subscription: Subscription): MethodDecorator {
  return (target, key, descriptor) => {
    // A property has no descriptor.
    const method: unknown = descriptor?.value;
    if (typeof target === 'function' || typeof method !== 'function') {
      const owner = typeof target === 'function' ? target : target.constructor;
      throw new ClusterError(
        'CLUSTER_HANDLER_INVALID',
        `${owner.name}.${String(key)} handles cluster events (${subscription.type}), and is not a method of an instance`,
      );
    }
    Reflect.defineMetadata(HANDLES, [...subscriptionsOf(method), subscription], method);
    tellWhenBuilt(target);
  };
}

/** The injector assigns a property of every instance that it builds, also long after the start; nothing shows on the instance. */
function tellWhenBuilt(prototype: object): void {
  if (BUILT in prototype) return;
  Object.defineProperty(prototype, BUILT, {
    set(this: object, instances: HandlerInstances | undefined) {
      instances?.built(this);
    },
  });
  Inject(HANDLER_INSTANCES)(prototype, BUILT);
  Optional()(prototype, BUILT);
}

function isSubscriptions(value: unknown): value is readonly Subscription[] {
  return Array.isArray(value);
}
