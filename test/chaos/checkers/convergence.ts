/**
 * After everything has healed all nodes are green and show the same, in bounded time; no partition waits for a choice that was made.
 */
import { at, type Checker, type History, type Violation } from '../history/history.js';
import type { Settled } from '../history/records.js';

/** From the last thing that was wrong. */
export const SETTLED_WITHIN_MS = 15_000;

export const convergence: Checker = (history) =>
  history.of('settled').flatMap((settled) => [...late(history, settled), ...different(history, settled)]);

function late(history: History, { healedAt, greenAt, equalAt, states, room }: Settled): Violation[] {
  const seen = states
    .map(
      ({ life, state, isReady, waiting }) =>
        `${life} ${state}${isReady ? '' : ' not ready'} ${waiting} waiting`,
    )
    .join(', ');
  const promised = SETTLED_WITHIN_MS * room;
  return (
    [
      ['green', greenAt],
      ['convergence', equalAt],
    ] as const
  ).flatMap(([rule, when]) => {
    if (when !== null && when - healedAt <= promised) return [];
    const took = when === null ? 'not at all' : `after ${((when - healedAt) / 1000).toFixed(1)} s`;
    return [
      {
        rule,
        what: `healed at ${at(history, healedAt)}, ${rule === 'green' ? 'green' : 'equal'} ${took}: ${seen}`,
      },
    ];
  });
}

function different(history: History, { states, equalAt }: Settled): Violation[] {
  if (equalAt !== null) return [];
  const keys = new Set(states.flatMap(({ entries }) => Object.keys(entries)));
  const apart = [...keys].filter((key) => new Set(states.map(({ entries }) => entries[key])).size > 1);
  if (apart.length === 0) return [];
  const shown = apart
    .slice(0, 3)
    .map(
      (key) =>
        `${key}: ${states.map(({ life, entries }) => `${life} ${entries[key] ?? 'nothing'}`).join(', ')}`,
    );
  const what = `${apart.length} keys differ at ${at(history, states[0]?.t0 ?? 0)}: ${shown.join('; ')}`;
  return [{ rule: 'convergence', what }];
}
