/** When a node that found no store may take it that there is none (S7), as the product's lifecycle decides it. */
import type { NodeView } from '@nest-cluster/protocol';

const MEET_MS = 1_500;
const LONELY_MS = 5_000;

/** `waited`: milliseconds since discovery answered. */
export function isSettled({ state, guarantee, members, expected }: NodeView, waited: number): boolean {
  const isCounted = guarantee !== 'best-effort';
  if (isCounted && countPresent(members) >= expected) return true;
  return waited >= (isCounted && state === 'red' ? LONELY_MS : MEET_MS);
}

export function countPresent(members: NodeView['members']): number {
  return members.filter(({ status }) => status !== 'down' && status !== 'left').length;
}
