/**
 * When discovery counts as complete, so that nodes that are not up by then are absent (S7): at once when everybody is there
 * whom the deployment names, and else some time after discovery has answered, so that whoever it found has been met. Without
 * a quorum the wait is longer: a cut network is more likely then than a cluster that never was. A node that knows how many
 * there are begins no store by this alone; it only waits no longer for members that it cannot reach.
 */
import type { ClusterState, Guarantee, Member } from '../event.js';
import type { Incarnation } from '../node.js';

const MEET_MS = 1_500;
const LONELY_MS = 5_000;

export interface Surroundings {
  readonly state: ClusterState;
  readonly guarantee: Guarantee;
  readonly expected: number;
  /** This node included. */
  readonly members: readonly Member[];
}

/**
 * `answeredMs`: milliseconds since discovery answered, negative before. `knows`: the store was told that this node is up;
 * before it knows everybody who is there, it would take itself to be alone.
 */
export function isSettled(
  { state, guarantee, expected, members }: Surroundings,
  answeredMs: number,
  knows: (incarnation: Incarnation) => boolean,
): boolean {
  const present = members.filter(({ status }) => status !== 'down' && status !== 'left');
  if (!present.every(({ node }) => knows(node.incarnation))) return false;
  const isCounted = guarantee !== 'best-effort';
  if (isCounted && present.length >= expected) return true;
  return answeredMs >= (isCounted && state === 'red' ? LONELY_MS : MEET_MS);
}
