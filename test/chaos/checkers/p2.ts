/**
 * P2: a side without a quorum writes where that is allowed, and does not where it is not.
 */
import { told, type Checker, type History } from '../history/history.js';
import type { Operation } from '../history/records.js';
import { stretchesOf } from '../history/streams.js';

export const p2: Checker = (history) =>
  history.operations
    .filter((operation) =>
      history.profile.minority === 'available'
        ? operation.code === 'CLUSTER_MINORITY'
        : operation.kind !== 'read' && operation.outcome === 'ok' && isRed(history, operation),
    )
    .map((operation) => ({
      rule: 'P2',
      what: `${history.profile.minority}, and ${told(history, operation)}`,
    }));

/** Its node had said that it has no quorum, and said nothing else until the operation was over. */
function isRed(history: History, { life, t0, t1 }: Operation): boolean {
  return stretchesOf(history).some((stretch) => {
    if (stretch.life !== life) return false;
    const states = stretch.events.filter(({ event }) => event === 'stateChanged');
    const before = states.findLast(({ t }) => t < t0);
    const after = states.find(({ t }) => t >= t0);
    return before?.data['state'] === 'red' && (after === undefined || after.t > t1);
  });
}
