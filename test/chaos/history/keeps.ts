/**
 * Times in which an operator's `keep` may have dropped what was written (P4): from the first cut before the choice until all had come
 * together.
 */
import type { History } from './history.js';
import type { Choice } from './records.js';

export interface KeepWindow {
  readonly from: number;
  readonly to: number;
  readonly choices: readonly Choice[];
}

/** Whether it was carried out, or may have been. */
export function mayCount({ status }: Choice): boolean {
  return status === 200 || status === 202 || status === 0;
}

export function keepWindows(history: History): readonly KeepWindow[] {
  const windows: KeepWindow[] = [];
  let since = -Infinity;
  for (const { equalAt, healedAt } of history.of('settled')) {
    const to = equalAt ?? Infinity;
    const choices = history.of('choice').filter(({ t0 }) => t0 > since && t0 <= Math.max(to, healedAt));
    if (choices.some((choice) => choice.choose === 'keep' && mayCount(choice))) {
      const cut = history.of('links').find((links) => links.t0 > since && links.cut.length > 0);
      windows.push({ from: cut?.t0 ?? since, to, choices });
    }
    since = to;
  }
  return windows;
}

export function isWithin(windows: readonly KeepWindow[], t: number): boolean {
  return windows.some(({ from, to }) => t >= from && t <= to);
}
