/**
 * S3: a write that is concurrent with a delete stays, what replaced another value stays in its place, and nothing is shown that
 * nobody wrote.
 */
import { at, told, type Checker, type History, type Violation } from '../history/history.js';
import { keepWindows } from '../history/keeps.js';
import { Knowledge } from '../history/knowledge.js';
import { finalFindings } from './final.js';

export const s3: Checker = (history) => [
  ...finalFindings(history)
    .filter(({ fault }) => fault === 'unseen' || fault === 'unwritten')
    .map(({ what }) => ({ rule: 'S3', what })),
  ...wentBack(history),
];

/** A node showed a value, and then one that this had replaced. */
function wentBack(history: History): Violation[] {
  const knowledge = new Knowledge(history);
  const windows = keepWindows(history);
  return history.operations.flatMap((read) => {
    if (read.kind !== 'read' || read.value === null) return [];
    const older = history.writeOf(read.value);
    if (older === undefined) return [];
    const shown = knowledge.before(read.life, read.key, read.t0).find(({ t, value }) => {
      const write = history.writeOf(value);
      if (write === undefined || windows.some(({ from, to }) => read.t1 >= from && t <= to)) return false;
      return knowledge.saw(write).has(older.id);
    });
    if (shown === undefined) return [];
    const what = `${read.life} showed ${shown.value} at ${at(history, shown.t)}, and at ${at(history, read.t0)} what it had replaced: ${told(history, older)}`;
    return [{ rule: 'S3', what }];
  });
}
