/**
 * S6: a subscription hears of the changes of a key in causal order, of none twice, and misses none: the last that it hears is what its
 * node shows.
 */
import { at, told, type Checker, type History, type Violation } from '../history/history.js';
import { keepWindows, isWithin } from '../history/keeps.js';
import { Knowledge } from '../history/knowledge.js';
import type { Heard, LifeState } from '../history/records.js';
import { stretchesOf, type Stretch } from '../history/streams.js';

export const s6: Checker = (history) => {
  const knowledge = new Knowledge(history);
  const windows = keepWindows(history);
  const last = history.of('settled').at(-1);
  return stretchesOf(history).flatMap((stretch) => {
    const byKey = changesOf(stretch);
    const order = [...byKey.values()].flatMap((changes) => outOfOrder(history, knowledge, windows, changes));
    const state = last?.states.find(({ life }) => life === stretch.life);
    const isLast =
      stretchesOf(history).findLast(({ life }) => life === stretch.life)?.since === stretch.since;
    return state === undefined || !isLast ? order : [...order, ...missed(history, stretch, byKey, state)];
  });
};

function changesOf({ events }: Stretch): ReadonlyMap<string, readonly Heard[]> {
  const byKey = new Map<string, Heard[]>();
  for (const heard of events) {
    const { key } = heard.data;
    if (typeof key !== 'string') continue;
    const same = byKey.get(key);
    if (same) same.push(heard);
    else byKey.set(key, [heard]);
  }
  return byKey;
}

const valueOf = ({ event, data }: Heard): string | undefined =>
  event === 'storeWritten' && typeof data['value'] === 'string' ? data['value'] : undefined;

function outOfOrder(
  history: History,
  knowledge: Knowledge,
  windows: ReturnType<typeof keepWindows>,
  changes: readonly Heard[],
): Violation[] {
  return changes.slice(1).flatMap((heard, index) => {
    const before = changes[index];
    const value = valueOf(heard);
    const earlier = before && valueOf(before);
    if (value === undefined || earlier === undefined || isWithin(windows, heard.t)) return [];
    const write = history.writeOf(value);
    const previous = history.writeOf(earlier);
    if (write === undefined || previous === undefined) return [];
    if (value === earlier)
      return [
        {
          rule: 'S6',
          what: `${heard.life} tells twice of ${told(history, write)}, at ${at(history, heard.t)}`,
        },
      ];
    if (!knowledge.saw(previous).has(write.id)) return [];
    const what = `${heard.life} tells of ${told(history, write)} at ${at(history, heard.t)}, after ${told(history, previous)}, which had replaced it`;
    return [{ rule: 'S6', what }];
  });
}

function missed(
  history: History,
  { life, since }: Stretch,
  byKey: ReadonlyMap<string, readonly Heard[]>,
  state: LifeState,
): Violation[] {
  return [...history.byKey].flatMap(([key, operations]) => {
    const shown = state.entries[key];
    const last = byKey
      .get(key)
      ?.filter(({ t }) => t <= state.t1)
      .at(-1);
    const write = shown === undefined ? undefined : history.writeOf(shown);
    // What was there before the stream was open is not told.
    const isNew = write !== undefined && write.t0 > since;
    if (last === undefined ? !isNew : valueOf(last) === shown) return [];
    // Written after the node was looked at.
    if (operations.some(({ t1 }) => t1 > state.t0)) return [];
    const heard = last === undefined ? 'nothing' : (valueOf(last) ?? last.event);
    const what = `${life} shows ${key} = ${shown ?? 'nothing'}, and the last that it told of it was ${heard}`;
    return [{ rule: 'S6', what }];
  });
}
