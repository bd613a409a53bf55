/**
 * A history as checkers look at it.
 */
import { Reach } from './reach.js';
import type { Entry, EntryOf, Operation, Profile } from './records.js';

export class History {
  readonly reach: Reach;
  readonly operations: readonly Operation[];
  /** Operations on each key, in the order in which they began. */
  readonly byKey: ReadonlyMap<string, readonly Operation[]>;
  private readonly byType = new Map<Entry['type'], Entry[]>();
  private readonly writes = new Map<string, Operation>();

  constructor(readonly entries: readonly Entry[]) {
    for (const entry of entries) {
      const same = this.byType.get(entry.type);
      if (same) same.push(entry);
      else this.byType.set(entry.type, [entry]);
    }
    this.operations = [...this.of('operation')].sort((one, other) => one.t0 - other.t0);
    const byKey = new Map<string, Operation[]>();
    for (const operation of this.operations) {
      const { kind, key, value } = operation;
      if (kind === 'write' && value !== null) this.writes.set(value, operation);
      const same = byKey.get(key);
      if (same) same.push(operation);
      else byKey.set(key, [operation]);
    }
    this.byKey = byKey;
    this.reach = new Reach(this.profile.hosts, this.of('links'));
  }

  of<Type extends Entry['type']>(type: Type): readonly EntryOf<Type>[] {
    const is = (entry: Entry): entry is EntryOf<Type> => entry.type === type;
    return (this.byType.get(type) ?? []).filter(is);
  }

  get profile(): Profile {
    const [setup] = this.of('setup');
    if (!setup) throw new Error('a history begins with its setup');
    return setup.profile;
  }

  /** How many nodes must hold what a quorum has confirmed. */
  get quorum(): number {
    return Math.floor(this.profile.hosts / 2) + 1;
  }

  /** The operation that wrote this value. */
  writeOf(value: string): Operation | undefined {
    return this.writes.get(value);
  }
}

/** Somebody broke a promise. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

export type Checker = (history: History) => readonly Violation[];

/** In seconds since the history began, as a reader wants it. */
export function at(history: History, t: number): string {
  const [began] = history.of('began');
  return `${((t - (began?.t ?? 0)) / 1000).toFixed(3)} s`;
}

export function told(
  history: History,
  { id, kind, key, value, ack, life, t0, outcome, code }: Operation,
): string {
  const what = `${kind} ${key}${value === null ? '' : ` = ${value}`}`;
  return `#${id} ${what} (${ack ?? 'local'}) on ${life} at ${at(history, t0)}: ${outcome} ${code}`;
}
