/**
 * P4: after a choice nothing waits, and what is left is one side or both, never less.
 */
import { at, told, type Checker, type History, type Violation } from '../history/history.js';
import { keepWindows, mayCount, type KeepWindow } from '../history/keeps.js';
import type { Operation } from '../history/records.js';

export const p4: Checker = (history) => [
  ...waiting(history),
  ...keepWindows(history).flatMap((window) => lessThanASide(history, window)),
];

function waiting(history: History): Violation[] {
  return history.of('settled').flatMap(({ states }) =>
    states
      .filter((state) => state.waiting > 0)
      .map(({ life, t0 }) => ({
        rule: 'P4',
        what: `${life} still shows a partition that waits at ${at(history, t0)}`,
      })),
  );
}

function lessThanASide(history: History, { from, to, choices }: KeepWindow): Violation[] {
  const counted = choices.filter(mayCount);
  const [first] = counted;
  const settled = history.of('settled').find(({ equalAt }) => equalAt === to);
  // Where there was more than one thing to decide, more than one side may have been dropped.
  if (
    first === undefined ||
    settled === undefined ||
    counted.some(({ partition }) => partition !== first.partition)
  )
    return [];
  const [shown] = settled.states;
  const lost = first.sides.map((names) =>
    history.operations.filter(
      (write) =>
        write.t0 > from &&
        write.t1 < to &&
        isAlone(history, write) &&
        names.includes(nameOf(history, write.life)) &&
        settled.states.some(({ life }) => life === write.life) &&
        shown?.entries[write.key] === undefined,
    ),
  );
  const firsts = lost.flatMap(([write]) => (write === undefined ? [] : [write]));
  if (firsts.length < first.sides.length) return [];
  const what = `after the choice for ${first.partition} each side has lost something: ${firsts.map((write) => told(history, write)).join('; ')}`;
  return [{ rule: 'P4', what }];
}

/** Nothing else was done to its key. */
function isAlone(history: History, { kind, outcome, key, id }: Operation): boolean {
  const others = (history.byKey.get(key) ?? []).filter((other) => other.kind !== 'read' && other.id !== id);
  return kind === 'write' && outcome === 'ok' && others.length === 0;
}

function nameOf(history: History, life: string): string {
  return history.of('began').find((entry) => entry.life === life)?.name ?? '';
}
