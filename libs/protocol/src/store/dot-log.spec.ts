import fc from 'fast-check';
import { DotLog } from './dot-log.js';

const nothing = (): void => undefined;

/** What a log says, kept in the plainest way: the keys by counter. */
class PlainLog {
  private readonly keys = new Map<number, string>();
  private goal = 0;
  from = 1;
  to = 1;

  constructor(private readonly max: number) {}

  add(counter: number, key: string, lost: (key: string) => void): void {
    if (counter < this.from) return lost(key);
    if (counter - this.from >= 2 * this.max) this.skipTo(counter, lost);
    this.keys.set(counter, key);
    this.to = Math.max(this.to, counter + 1);
    if (this.to - this.from > this.max) this.goal = this.from + Math.floor(this.max / 4);
    if (this.from < this.goal) this.skipTo(Math.min(this.goal, this.from + 16), lost);
  }

  get(counter: number): string | undefined {
    return this.keys.get(counter);
  }

  take(): string | undefined {
    const key = this.keys.get(this.from);
    this.keys.delete(this.from++);
    this.to = Math.max(this.to, this.from);
    return key;
  }

  skipTo(counter: number, lost: (key: string) => void): void {
    while (this.from < counter) {
      const key = this.take();
      if (key !== undefined) lost(key);
    }
  }
}

const move = fc.oneof(
  fc.record({ kind: fc.constant('add'), by: fc.integer({ min: -40, max: 700 }) }),
  fc.record({ kind: fc.constant('next'), by: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ kind: fc.constant('take'), by: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ kind: fc.constant('skip'), by: fc.integer({ min: -5, max: 900 }) }),
);

function play(log: DotLog | PlainLog, { kind, by }: { kind: string; by: number }): unknown[] {
  const told: unknown[] = [];
  const lost = (key: string): unknown => told.push(key);
  const name = (counter: number): string => `k${counter}`;
  if (kind === 'add') log.add(Math.max(1, log.from + by), name(log.from + by), lost);
  if (kind === 'next') for (let count = 0; count < by; count++) log.add(log.to, name(log.to), lost);
  if (kind === 'take') for (let count = 0; count < by; count++) told.push(log.take());
  if (kind === 'skip') log.skipTo(log.from + by, lost);
  for (let counter = log.from - 3; counter < log.to + 3; counter += 7) told.push(log.get(counter));
  return [...told, log.from, log.to];
}

describe('a log of dots', () => {
  it('holds every dot from `from` on, and tells of each that falls out (S8)', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), fc.constantFrom(4, 30, 1_000), (moves, max) => {
        const [log, plain] = [new DotLog(max), new PlainLog(max)];
        for (const each of moves) expect(play(log, each)).toEqual(play(plain, each));
      }),
      { numRuns: 300 },
    );
  });

  it('begins far from the first dot without a pause, and ends there too (S7)', () => {
    const start = performance.now();
    for (let origin = 0; origin < 50; origin++) {
      const log = new DotLog(1_000_000);
      log.add(1_900_000, 'late', nothing);
      log.add(1_899_000, 'later still', nothing);
      expect([log.get(1_899_000), log.get(1_900_000), log.get(7)]).toEqual([
        'later still',
        'late',
        undefined,
      ]);
      const lost: string[] = [];
      log.skipTo(1_900_001, (key) => lost.push(key));
      expect(lost).toEqual(['later still', 'late']);
      expect([log.from, log.to]).toEqual([1_900_001, 1_900_001]);
    }
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('keeps what comes before the first that came, so that it need not be looked for (S8)', () => {
    const log = new DotLog(1_000_000);
    log.add(600_000, 'first', nothing);
    const lost: string[] = [];
    for (let counter = 1; counter < 600_000; counter += 997)
      log.add(counter, `k${counter}`, (key) => lost.push(key));
    expect(lost).toEqual([]);
    expect([log.from, log.get(1), log.get(998)]).toEqual([1, 'k1', 'k998']);
  });
});
