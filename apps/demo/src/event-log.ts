/**
 * Remembers the cluster events that this node's decorated handlers got.
 */
import { Injectable } from '@nestjs/common';
import {
  OnClusterStateChanged,
  OnLeaderChanged,
  OnLeadershipAcquired,
  OnLeadershipLost,
  OnNodeDown,
  OnNodeUp,
  OnPartitionDetected,
  OnPartitionHealed,
  OnStoreConnected,
  OnStoreDisconnected,
  OnStoreReady,
  type ClusterStateChangedEvent,
  type LeaderChangedEvent,
  type LeadershipAcquiredEvent,
  type LeadershipLostEvent,
  type NodeDownEvent,
  type NodeUpEvent,
  type PartitionDetectedEvent,
  type PartitionHealedEvent,
  type StoreConnectedEvent,
  type StoreDisconnectedEvent,
  type StoreReadyEvent,
} from '@nest-cluster/core';

const EVENTS_MAX = 1_000;

export interface LoggedEvent {
  /** Wall clock in milliseconds. */
  readonly at: number;
  readonly type: string;
  /** Whom it is about, where it is about somebody. */
  readonly node: string | null;
  readonly [detail: string]: unknown;
}

@Injectable()
export class EventLog {
  private readonly heard: LoggedEvent[] = [];

  events(): readonly LoggedEvent[] {
    return this.heard;
  }

  @OnNodeUp()
  nodeUp(event: NodeUpEvent): void {
    this.write(event.type, event.node.name, { incarnation: event.node.incarnation });
  }

  @OnNodeDown()
  nodeDown(event: NodeDownEvent): void {
    this.write(event.type, event.node.name, { incarnation: event.node.incarnation, reason: event.reason });
  }

  @OnClusterStateChanged()
  stateChanged(event: ClusterStateChangedEvent): void {
    this.write(event.type, null, { state: event.state, previous: event.previous });
  }

  @OnLeaderChanged()
  leaderChanged(event: LeaderChangedEvent): void {
    this.write(event.type, event.leader?.name ?? null, { token: event.leader?.token ?? null });
  }

  @OnLeadershipAcquired()
  acquired(event: LeadershipAcquiredEvent): void {
    this.write(event.type, null, { token: event.token });
  }

  @OnLeadershipLost()
  lost(event: LeadershipLostEvent): void {
    this.write(event.type, null, { token: event.token, reason: event.reason });
  }

  @OnPartitionDetected()
  apart({ type, partition, sides, isWaiting }: PartitionDetectedEvent): void {
    this.write(type, null, { partition, sides, isWaiting });
  }

  @OnPartitionHealed()
  healed({ type, partition, sides, merged, conflicts, deletes, dropped }: PartitionHealedEvent): void {
    this.write(type, null, { partition, sides, merged, conflicts, deletes, dropped });
  }

  @OnStoreConnected()
  @OnStoreDisconnected()
  replication({ type, node }: StoreConnectedEvent | StoreDisconnectedEvent): void {
    this.write(type, node.name, { incarnation: node.incarnation });
  }

  @OnStoreReady()
  ready({ type, size }: StoreReadyEvent): void {
    this.write(type, null, { size });
  }

  private write(type: string, node: string | null, details: Readonly<Record<string, unknown>>): void {
    this.heard.push({ at: Date.now(), type, node, ...details });
    if (this.heard.length > EVENTS_MAX) this.heard.shift();
  }
}
