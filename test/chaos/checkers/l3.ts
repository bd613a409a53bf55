/**
 * L3: each term has a token of its own, larger than those of all terms before it. Where more voters have forgotten at one time than
 * a quorum can spare that rests on wall clocks, so it is not held against histories in which these were set.
 */
import { at, type Checker, type History } from '../history/history.js';
import { termsOf } from '../history/terms.js';

export const l3: Checker = (history) => {
  if (history.profile.voters === 'none') return [];
  const terms = termsOf(history);
  const isClockSet = history.of('clockStep').length > 0;
  return terms.flatMap((one, index) =>
    terms
      .slice(index + 1)
      .filter((other) => other.life !== one.life || other.token !== one.token)
      .filter((other) =>
        other.token === one.token
          ? other.life !== one.life
          : one.to < other.since &&
            other.token < one.token &&
            !(isClockSet && isForgotten(history, one.since, other.until)),
      )
      .map((other) => ({
        rule: 'L3',
        what: `${other.life} leads with token ${other.token} from ${at(history, other.since)}, after ${one.life} with ${one.token} from ${at(history, one.since)}`,
      })),
  );
};

/** So many voters were restarted meanwhile that nobody may know of the earlier term. */
function isForgotten(history: History, from: number, to: number): boolean {
  const hosts = new Set(
    history.of('ended').flatMap(({ host, t0 }) => (t0 >= from && t0 <= to ? [host] : [])),
  );
  return hosts.size > history.profile.hosts - history.quorum;
}
