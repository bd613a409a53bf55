import { BEAT_MS, LagWatch } from './lag-watch.js';
import { LeaseCell } from './lease-cell.js';

/** Looks every `everyMs` until `end`, and answers what was told. */
function lookOn(watch: LagWatch, from: number, end: number, everyMs = BEAT_MS): number[] {
  const told: number[] = [];
  for (let now = from; now <= end; now += everyMs) {
    const lag = watch.look(now);
    if (lag !== undefined) told.push(lag);
  }
  return told;
}

describe('LagWatch in a worker', () => {
  const started = () => {
    const cell = new LeaseCell();
    const watch = new LagWatch(cell);
    watch.begin(0);
    return { cell, watch };
  };

  it('tells nothing while the main thread beats', () => {
    const { cell, watch } = started();
    for (let now = BEAT_MS; now <= 5_000; now += BEAT_MS) {
      cell.beat();
      expect(watch.look(now)).toBeUndefined();
    }
    expect(watch.lagMs()).toBe(0);
  });

  it('tells a growing lag in steps of 250 ms, and its end (L8)', () => {
    const { cell, watch } = started();
    expect(lookOn(watch, 200, 1_600)).toEqual([400, 600, 800, 1_000, 1_400, 1_600]);
    cell.beat();
    expect(watch.look(1_800)).toBe(0);
    expect(watch.lagMs()).toBe(0);
  });

  it('does not blame the main thread for a pause of its own thread', () => {
    const { cell, watch } = started();
    cell.beat();
    watch.look(BEAT_MS);
    cell.beat();
    watch.look(2 * BEAT_MS);
    // The whole process was stopped for 10 s: neither beat nor look.
    expect(watch.look(10_000)).toBeUndefined();
    expect(watch.lagMs()).toBeLessThan(250);
  });
});

describe('LagWatch on the main thread', () => {
  it('takes the lateness of its own look for the lag', () => {
    const watch = new LagWatch();
    watch.begin(0);
    expect(watch.look(205)).toBeUndefined();
    expect(watch.look(3_405)).toBe(3_000);
    expect(watch.look(3_610)).toBe(0);
  });
});
