/**
 * The decorators that make a method a handler of cluster events. Each gets one typed event object. They stand on methods
 * of singletons; several on one method are fine.
 */
import type { ClusterEventType } from './cluster-event.js';

const HANDLES = 'nest-cluster:handles';

/** What a method wants to hear; `pattern` narrows store events to matching keys. */
export interface Subscription {
  readonly type: ClusterEventType | '*';
  readonly pattern?: string;
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
  return (_target, _key, descriptor) => {
    const method: unknown = descriptor.value;
    if (typeof method !== 'function') return;
    Reflect.defineMetadata(HANDLES, [...subscriptionsOf(method), subscription], method);
  };
}

function isSubscriptions(value: unknown): value is readonly Subscription[] {
  return Array.isArray(value);
}
