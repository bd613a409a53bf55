/**
 * What an operation must have seen, and what it can have seen. Whatever a life showed before an operation began there, the operation
 * has seen, and with it all that this had seen.
 */
import type { History } from './history.js';
import type { Operation } from './records.js';

/** This life showed this value no later than `t`. */
export interface Sight {
  readonly t: number;
  readonly value: string;
}

export class Knowledge {
  private readonly sights = new Map<string, Sight[]>();
  private readonly seen = new Map<number, ReadonlySet<number>>();

  constructor(private readonly history: History) {
    for (const { life, key, kind, value, outcome, t1 } of history.operations) {
      if (value === null || outcome === 'failed' || outcome === 'open' || kind === 'delete') continue;
      this.note(life, key, { t: t1, value });
    }
    for (const { life, event, data, t } of history.of('heard')) {
      const { key, value } = data;
      if (event === 'storeWritten' && typeof key === 'string' && typeof value === 'string')
        this.note(life, key, { t, value });
    }
    for (const sights of this.sights.values()) sights.sort((one, other) => one.t - other.t);
  }

  /** What this life showed of a key before `t`, in order. */
  before(life: string, key: string, t: number): readonly Sight[] {
    return (this.sights.get(`${life} ${key}`) ?? []).filter((sight) => sight.t < t);
  }

  /** Writes, by number, that an operation must have seen. */
  saw(operation: Operation): ReadonlySet<number> {
    const known = this.seen.get(operation.id);
    if (known !== undefined) return known;
    const seen = new Set<number>();
    for (const { value } of this.before(operation.life, operation.key, operation.t0)) {
      const write = this.history.writeOf(value);
      if (write === undefined || write.t0 >= operation.t0 || seen.has(write.id)) continue;
      seen.add(write.id);
      for (const id of this.saw(write)) seen.add(id);
    }
    this.seen.set(operation.id, seen);
    return seen;
  }

  /** Whether the delete can have seen the write, and so may have removed it. */
  canRemove(remover: Operation, write: Operation): boolean {
    if (remover.kind !== 'delete' || remover.outcome === 'failed') return false;
    return this.history.reach.canReach(write.host, write.t0, remover.host, latest(remover));
  }

  private note(life: string, key: string, sight: Sight): void {
    const name = `${life} ${key}`;
    const sights = this.sights.get(name);
    if (sights) sights.push(sight);
    else this.sights.set(name, [sight]);
  }
}

/** When it was done at the latest: a request that nobody waits for any more may still be carried out. */
export function latest({ outcome, t1 }: Operation): number {
  return outcome === 'open' ? Infinity : t1;
}
