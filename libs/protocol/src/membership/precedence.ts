/**
 * Which of two claims about one incarnation holds: the higher version; at equal versions left over dead over suspect over
 * alive. A goodbye stands, unless the node itself says later that it is there: then somebody else had made it up (W7).
 */
import type { Claim } from '../message.js';

const RANK: Readonly<Record<Claim['kind'], number>> = { alive: 0, suspect: 1, dead: 2, left: 3 };

export function overrules(next: Claim, held: Claim): boolean {
  if (held.kind === 'left') return next.kind === 'alive' && next.version > held.version;
  return next.version > held.version || (next.version === held.version && RANK[next.kind] > RANK[held.kind]);
}
