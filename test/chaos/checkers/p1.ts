/**
 * P1: a partition is told of when a node that was declared failed is met again in the same life; a node that loses its quorum says so.
 */
import { at, type Checker, type History, type Violation } from '../history/history.js';
import { nodeOf, stretchesOf, type Stretch } from '../history/streams.js';

/** After the two have met. */
const TOLD_WITHIN_MS = 5_000;
/** Silence is noticed within five seconds; a machine that is busy needs some more. */
const RED_WITHIN_MS = 15_000;

export const p1: Checker = (history) => [
  ...stretchesOf(history).flatMap((stretch) => untold(history, stretch)),
  ...notRed(history),
];

function untold(history: History, { life, events }: Stretch): Violation[] {
  const failed = new Map<string, number>();
  return events.flatMap((heard) => {
    const { incarnation, name } = nodeOf(heard);
    if (heard.event === 'nodeDown') {
      if (heard.data['reason'] === 'failed') failed.set(incarnation, heard.t);
      return [];
    }
    const since = heard.event === 'nodeUp' ? failed.get(incarnation) : undefined;
    if (since === undefined) return [];
    failed.delete(incarnation);
    const by = heard.t + TOLD_WITHIN_MS;
    const isTold = events.some(
      ({ event, t, data }) =>
        event === 'partitionDetected' &&
        t <= by &&
        (t >= since || isOpen(events, data['partition'], t, since)),
    );
    const isOver = (events.at(-1)?.t ?? 0) < by;
    // It may be up by hearsay. They meet once there is a way between the two.
    const host = hostOf(history, name);
    const isMet = history.reach.isSound(hostOf(history, life), host, heard.t, by);
    // A node that ends no longer speaks about its store.
    const isEnding = history.of('ended').some((end) => end.host === host && end.t0 < by && end.t1 > heard.t);
    if (isTold || isOver || !isMet || isEnding) return [];
    const what = `${life} meets ${name} again at ${at(history, heard.t)}, which had failed at ${at(history, since)}, and tells of no partition`;
    return [{ rule: 'P1', what }];
  });
}

/** A partition that was told of and still waits for a choice is not told of again. */
function isOpen(events: Stretch['events'], partition: unknown, from: number, to: number): boolean {
  return !events.some(
    ({ event, t, data }) =>
      event === 'partitionHealed' && data['partition'] === partition && t >= from && t <= to,
  );
}

/** By its life or by its name. */
function hostOf(history: History, who: string): number {
  return history.of('began').find(({ life, name }) => life === who || name === who)?.host ?? 0;
}

function notRed(history: History): Violation[] {
  const { hosts, voters } = history.profile;
  if (voters === 'none') return [];
  const all = Array.from({ length: hosts }, (_, index) => index + 1);
  const links = history.of('links');
  return stretchesOf(history).flatMap(({ life, since, events }) => {
    const began = history.of('began').find((entry) => entry.life === life);
    if (began === undefined) return [];
    const { host } = began;
    return links.flatMap((change) => {
      const from = change.t1;
      const to = from + RED_WITHIN_MS;
      // By way of others counts: they are asked for a node that does not answer.
      const reached = all.filter(
        (other) =>
          history.reach.canReach(other, from, host, to) || history.reach.canReach(host, from, other, to),
      );
      if (reached.length >= history.quorum || from < since) return [];
      if (!isAwake(history, life, from, to)) return [];
      const state = events.findLast(({ event, t }) => event === 'stateChanged' && t <= to)?.data['state'];
      if (state === undefined || state === 'red') return [];
      const what = `${life} is cut off from a quorum at ${at(history, from)}, and still ${JSON.stringify(state)} ${RED_WITHIN_MS} ms later`;
      return [{ rule: 'P1', what }];
    });
  });
}

/** It runs all the time, and is neither stopped nor blocked. */
function isAwake(history: History, life: string, from: number, to: number): boolean {
  const end = history.of('ended').find((entry) => entry.life === life)?.t0 ?? Infinity;
  return end > to && history.of('halt').every((halt) => halt.life !== life || halt.t1 < from || halt.t0 > to);
}
