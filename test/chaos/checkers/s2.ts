/**
 * S2: what a quorum has confirmed is there on every ready node, for as long as no majority of the voters was lost at one time; and a
 * node that has shown it goes on showing it, or what came after it.
 */
import { at, told, type Checker, type History, type Violation } from '../history/history.js';
import { keepWindows } from '../history/keeps.js';
import { Knowledge } from '../history/knowledge.js';
import { finalFindings } from './final.js';

export const s2: Checker = (history) => [
  ...finalFindings(history)
    .filter(({ fault, owed }) => (fault === 'lost' || fault === 'overtaken') && owed?.ack !== 'local')
    .map(({ what }) => ({ rule: 'S2', what })),
  ...vanished(history),
  ...unfounded(history),
];

/** A quorum is said to have confirmed what a quorum cannot have heard of. */
function unfounded(history: History): Violation[] {
  if (history.profile.voters === 'none') return [];
  return history.operations
    .filter(({ kind, outcome, ack }) => kind !== 'read' && outcome === 'ok' && ack === 'quorum')
    .filter(({ host, t0, t1 }) => {
      const heard = [...history.reach.earliest(host, t0).values()].filter((t) => t <= t1);
      return heard.length < history.quorum;
    })
    .map((operation) => ({ rule: 'S2', what: `no quorum can have heard of ${told(history, operation)}` }));
}

function vanished(history: History): Violation[] {
  const knowledge = new Knowledge(history);
  const windows = keepWindows(history);
  return history.operations.flatMap((read) => {
    if (read.kind !== 'read' || read.outcome !== 'ok' || read.value !== null) return [];
    const shown = knowledge.before(read.life, read.key, read.t0).at(-1);
    const write = shown && history.writeOf(shown.value);
    if (shown === undefined || write === undefined) return [];
    if (windows.some(({ from, to }) => read.t1 >= from && shown.t <= to)) return [];
    const isDeleted = (history.byKey.get(read.key) ?? []).some(
      (other) =>
        knowledge.canRemove(other, write) && history.reach.canReach(other.host, other.t0, read.host, read.t1),
    );
    if (isDeleted) return [];
    const what = `${told(history, write)} was on ${read.life} at ${at(history, shown.t)}, gone at ${at(history, read.t0)}`;
    return [{ rule: 'S2', what }];
  });
}
