/**
 * P3: automatic recovery merges. Nothing that a node took is missing for as long as its process lives, but what was replaced or
 * deleted.
 */
import { at, type Checker, type History, type Violation } from '../history/history.js';
import { stretchesOf } from '../history/streams.js';
import { finalFindings } from './final.js';

/** Between the first word of a partition and the report that it is over, once nothing waits for a choice. */
const REPORTED_WITHIN_MS = 10_000;

export const p3: Checker = (history) => [
  ...finalFindings(history)
    .filter(({ fault, owed }) => (fault === 'lost' || fault === 'overtaken') && owed?.ack === 'local')
    .map(({ what }) => ({ rule: 'P3', what })),
  ...unreported(history),
];

/** Each partition ends with one report. */
function unreported(history: History): Violation[] {
  return history.of('settled').flatMap(({ equalAt }) => {
    if (equalAt === null) return [];
    return stretchesOf(history).flatMap(({ life, events }) => {
      const by = equalAt + REPORTED_WITHIN_MS;
      if ((events.at(-1)?.t ?? 0) < by) return [];
      const open = events.filter(
        ({ event, data, t }) =>
          event === 'partitionDetected' &&
          t < equalAt &&
          !events.some(
            (other) =>
              other.event === 'partitionHealed' &&
              other.data['partition'] === data['partition'] &&
              other.t >= t &&
              other.t <= by,
          ),
      );
      return open.map(({ data, t }) => ({
        rule: 'P3',
        what: `${life} told of partition ${String(data['partition'])} at ${at(history, t)}, and never that it is over`,
      }));
    });
  });
}
