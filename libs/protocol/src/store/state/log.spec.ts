import fc from 'fast-check';
import { ChangeLog } from './log.js';
import { Origins } from './origins.js';
import { replicaOf } from './state.fixture.js';

/** The same in the plainest way: the keys by counter. */
class PlainLog {
  readonly keys = new Map<number, string>();
  from = 1;
  to = 1;

  append(key: string): void {
    this.keys.set(this.to++, key);
  }

  drop(count: number): void {
    for (let dropped = 0; dropped < count && this.from < this.to; dropped++) this.keys.delete(this.from++);
  }

  restart(from: number): void {
    this.keys.clear();
    this.from = this.to = from;
  }
}

const move = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), by: fc.integer({ min: 1, max: 3_000 }) }),
  fc.record({ kind: fc.constant('drop' as const), by: fc.integer({ min: 0, max: 4_000 }) }),
  fc.record({ kind: fc.constant('restart' as const), by: fc.integer({ min: 0, max: 1_000_000 }) }),
);

describe('a log of changes', () => {
  it('holds every dot from `from` on, and nothing before it (S8)', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
        const [log, plain] = [new ChangeLog(), new PlainLog()];
        for (const { kind, by } of moves) {
          for (const each of [log, plain]) {
            if (kind === 'append') for (let count = 0; count < by; count++) each.append(`k${count % 7}`);
            else if (kind === 'drop') each.drop(by);
            else each.restart(plain.to + by);
          }
          expect([log.from, log.length]).toEqual([plain.from, plain.keys.size]);
          for (let counter = Math.max(0, plain.from - 2); counter < plain.to + 2; counter += 13)
            expect(log.get(counter)).toBe(plain.keys.get(counter));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the logs of all origins', () => {
  it('never hold more dots than they may, and lose the oldest of the longest (S8)', () => {
    const origins = new Origins(replicaOf('self'), 1_000);
    const busy = origins.of(replicaOf('busy'));
    const quiet = origins.of(replicaOf('quiet'));
    for (let at = 0; at < 50; at++) origins.append(quiet, 'q');
    for (let at = 1; at <= 20_000; at++) {
      origins.append(busy, `k${at}`);
      expect(busy.log.length + quiet.log.length).toBeLessThanOrEqual(1_000);
    }
    expect([quiet.log.from, quiet.log.length]).toEqual([1, 50]);
    expect(busy.log.get(20_000)).toBe('k20000');
    expect(busy.log.get(busy.log.from)).toBe(`k${busy.log.from}`);
  });

  it('drop many dots at once and seldom, so that a write does not wait for it (S7)', () => {
    const origins = new Origins(replicaOf('self'), 8_000);
    let trims = 0;
    for (let at = 0; at < 50_000; at++) {
      const before = origins.self.log.from;
      origins.append(origins.self, 'k');
      if (origins.self.log.from !== before) trims++;
    }
    expect(trims).toBeLessThan(60);
  });

  it('begin anew behind dots that a transfer brought, whose keys nobody told (S8)', () => {
    const origins = new Origins(replicaOf('self'), 1_000);
    const other = origins.of(replicaOf('other'));
    for (let at = 0; at < 900; at++) origins.append(other, 'old');
    origins.raise(other, 5_000);
    expect([other.counter, other.log.length, other.log.get(5_000)]).toEqual([5_000, 0, undefined]);
    origins.raise(other, 4_000);
    expect(other.counter).toBe(5_000);
    for (let at = 0; at < 900; at++) origins.append(other, `k${at}`);
    expect([other.log.from, other.log.get(5_001), other.log.get(5_900)]).toEqual([5_001, 'k0', 'k899']);
  });
});
