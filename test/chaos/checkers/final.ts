/**
 * What each node shows when all should have come together, key by key, against what was confirmed.
 */
import { at, told, type History } from '../history/history.js';
import { Duties } from '../history/duty.js';
import { isWithin, keepWindows } from '../history/keeps.js';
import { Knowledge } from '../history/knowledge.js';
import type { Operation, Settled } from '../history/records.js';

/**
 * `unwritten`: a value that nobody wrote there, or whose writer was refused. `overtaken`: a confirmed write had seen it and
 * replaced it. `revived`: a confirmed delete had seen it. `lost`: a write is gone, and nobody deleted it. `unseen`: it is gone
 * by a delete that cannot have seen it.
 */
export type Fault = 'unwritten' | 'overtaken' | 'revived' | 'lost' | 'unseen';

export interface Finding {
  readonly fault: Fault;
  /** Whose promise is broken. */
  readonly owed: Operation | undefined;
  readonly what: string;
}

const found = new WeakMap<History, readonly Finding[]>();

export function finalFindings(history: History): readonly Finding[] {
  const known = found.get(history);
  if (known !== undefined) return known;
  const findings = new FinalState(history).findings();
  found.set(history, findings);
  return findings;
}

class FinalState {
  private readonly duties: Duties;
  private readonly knowledge: Knowledge;
  private readonly windows;

  constructor(private readonly history: History) {
    this.duties = new Duties(history);
    this.knowledge = new Knowledge(history);
    this.windows = keepWindows(history);
  }

  findings(): Finding[] {
    return this.history.of('settled').flatMap((settled) => this.ofSettled(settled));
  }

  private ofSettled({ states }: Settled): Finding[] {
    const findings = new Map<string, { finding: Finding; lives: string[] }>();
    for (const { life, entries, isReady, t0 } of states) {
      if (!isReady) continue;
      for (const key of new Set([...this.history.byKey.keys(), ...Object.keys(entries)])) {
        const finding = this.judge(key, entries[key], t0);
        if (finding === undefined) continue;
        const name = `${finding.what}`;
        const same = findings.get(name) ?? { finding, lives: [] };
        same.lives.push(life);
        findings.set(name, same);
      }
    }
    return [...findings.values()].map(({ finding, lives }) => ({
      ...finding,
      what: `${finding.what}; on ${lives.join(', ')} at ${at(this.history, states[0]?.t0 ?? 0)}`,
    }));
  }

  private judge(key: string, value: string | undefined, t: number): Finding | undefined {
    const operations = (this.history.byKey.get(key) ?? []).filter((operation) => operation.t0 < t);
    return value === undefined ? this.judgeAbsent(operations, t) : this.judgeValue(key, value, operations, t);
  }

  private judgeValue(
    key: string,
    value: string,
    operations: readonly Operation[],
    t: number,
  ): Finding | undefined {
    const { history, knowledge } = this;
    const write = history.writeOf(value);
    if (write === undefined || write.key !== key)
      return { fault: 'unwritten', owed: undefined, what: `${key} = ${value}, which nobody wrote` };
    if (write.outcome === 'failed')
      return { fault: 'unwritten', owed: write, what: `it was refused: ${told(history, write)}` };
    const later = operations.findLast(
      (operation) =>
        operation !== write && this.isOwed(operation, t) && knowledge.saw(operation).has(write.id),
    );
    if (later === undefined) return undefined;
    const fault = later.kind === 'delete' ? 'revived' : 'overtaken';
    return { fault, owed: later, what: `${told(history, write)} is back after ${told(history, later)}` };
  }

  private judgeAbsent(operations: readonly Operation[], t: number): Finding | undefined {
    const { history, knowledge } = this;
    const deletes = operations.filter(({ kind, outcome }) => kind === 'delete' && outcome !== 'failed');
    const write = operations.find(
      (operation) =>
        operation.kind === 'write' &&
        this.isOwed(operation, t) &&
        !deletes.some((remover) => knowledge.canRemove(remover, operation)),
    );
    if (write === undefined) return undefined;
    const [last] = deletes.filter((remover) => remover.t1 > write.t0);
    if (last === undefined) return { fault: 'lost', owed: write, what: `${told(history, write)} is gone` };
    const what = `${told(history, write)} is gone; ${told(history, last)} cannot have seen it`;
    return { fault: 'unseen', owed: write, what };
  }

  private isOwed(operation: Operation, t: number): boolean {
    return this.duties.isOwed(operation, t) && !isWithin(this.windows, operation.t0);
  }
}
