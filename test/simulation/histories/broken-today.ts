/**
 * Histories in which a promise is broken today, by title. A title leaves this list together with the fault; until then the
 * test fails when the history goes well.
 */
export const BROKEN_TODAY: ReadonlySet<string> = new Set([
  'S2, P3: a write that a quorum confirmed, and one of the other side, outlive a cut in which that side was restarted',
  'S2: a holder that is restarted among a minority that lacks the write makes no quorum of them',
  'P3: what a node wrote alone is merged, although the other two were restarted one by one meanwhile',
  'S4: of three sides that were restarted none brings back what one of them deleted',
  'P4: of two choices for opposite sides in one instant one counts, and its side is there afterwards',
  'P4: two choices in one instant, the second at a node that is not heard, come to an end',
  'P4: a kept side that dies right after the choice costs nobody the old store',
  'P4: a kept side that is cut off right after the choice costs nobody the old store',
  'P4: with three sides a choice for two of them leaves nothing that cannot be chosen',
  'L1: a process that is gone and the one in its place under a new name are not two of the voters',
  'S7: a node whose clock is behind waits for the store of those that are slow to answer',
  'S7: a node that is cut off in the middle of its first copy is not ready',
  'L5: a quorum that a surplus node had raised falls when that node is dead',
]);
