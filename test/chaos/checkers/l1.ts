/**
 * L1: no two nodes say at one time that they lead. A node leads from its first yes under a token to its last one; each yes was given
 * somewhere between question and answer, so that what is counted is the shortest term that explains them.
 */
import { at, type Checker } from '../history/history.js';
import { termsOf } from '../history/terms.js';

export const l1: Checker = (history) => {
  // Two sides that never met may both have a leader there.
  if (history.profile.voters === 'none') return [];
  const terms = termsOf(history);
  return terms.flatMap((one, index) =>
    terms
      .slice(index + 1)
      .filter((other) => other.life !== one.life && one.from < other.to && other.from < one.to)
      .map((other) => {
        const from = Math.max(one.from, other.from);
        const ms = Math.min(one.to, other.to) - from;
        const what = `${one.life} (token ${one.token}) and ${other.life} (token ${other.token}) both lead for ${ms.toFixed(0)} ms from ${at(history, from)}`;
        return { rule: 'L1', what };
      }),
  );
};
