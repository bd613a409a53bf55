/**
 * One event as it goes to clients: bounded, and JSON whatever the store holds.
 */
import type { ClusterEvent, NodeInfo } from '@nest-cluster/core';
import { plainValue } from '../store/plain-value.js';

/** Longest value that travels with an event, in characters of JSON; longer ones are to be read. */
const VALUE_CHARS_MAX = 4_096;
const NAMES_MAX = 200;

/** What became of the event's own fields; `type` and `at` always, and who tells it. */
export type EventData = Readonly<Record<string, unknown>>;

export function eventData(event: ClusterEvent, teller: string): EventData {
  const head = { type: event.type, at: event.at, teller };
  switch (event.type) {
    case 'nodeUp':
    case 'storeConnected':
    case 'storeDisconnected':
      return { ...head, node: nodeOf(event.node) };
    case 'nodeDown':
      return { ...head, node: nodeOf(event.node), reason: event.reason };
    case 'nodeChanged': {
      const { status, seen } = event.member;
      return { ...head, node: nodeOf(event.node), status, seen };
    }
    case 'stateChanged':
      return { ...head, state: event.state, previous: event.previous };
    case 'leaderChanged':
      return { ...head, leader: leaderOf(event.leader), previous: leaderOf(event.previous) };
    case 'leadershipAcquired':
      return { ...head, token: event.token };
    case 'leadershipLost':
      return { ...head, token: event.token, reason: event.reason };
    case 'partitionDetected': {
      const { partition, isWaiting } = event;
      return { ...head, partition, sides: sidesOf(event.sides), waiting: isWaiting };
    }
    case 'partitionHealed': {
      const { partition, merged, conflicts, deletes, dropped } = event;
      return { ...head, partition, sides: sidesOf(event.sides), merged, conflicts, deletes, dropped };
    }
    case 'storeWritten': {
      const { value, isCut } = plainValue(event.value, VALUE_CHARS_MAX);
      return { ...head, key: event.key, node: event.node, ...(isCut ? { truncated: true } : { value }) };
    }
    case 'storeDeleted':
      return { ...head, key: event.key, node: event.node, reason: event.reason };
    case 'storeReady':
      return { ...head, size: event.size };
    case 'refused':
      return { ...head, holder: nodeOf(event.holder) };
    case 'admitted':
      return head;
    case 'quorumRaised':
      return { ...head, quorum: event.quorum, nodes: event.nodes, size: event.size };
  }
}

function nodeOf({ name, incarnation, address }: NodeInfo): EventData {
  return { name, incarnation, address };
}

function leaderOf(leader: { readonly name: string; readonly token: number } | null): EventData | null {
  return leader && { node: leader.name, token: leader.token };
}

function sidesOf(sides: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return sides.map((names) => names.slice(0, NAMES_MAX));
}
