/**
 * Short histories for the specs of the checkers, told in seconds.
 */
import { check, CHECKERS } from '../checkers/index.js';
import { History } from './history.js';
import type { Entry, Operation, Profile, Way } from './records.js';

const PROFILE: Profile = { hosts: 3, recovery: 'automatic', minority: 'available', voters: 'size' };
const MS = 1_000;

type Does = Partial<Pick<Operation, 'ack' | 'outcome' | 'code'>> & { readonly lasts?: number };

export class Story {
  readonly entries: Entry[] = [];
  private count = 0;

  constructor(profile: Partial<Profile> = {}) {
    const whole = { ...PROFILE, ...profile };
    this.entries.push({ type: 'setup', seed: 1, profile: whole, what: 'spec' });
    for (let host = 1; host <= whole.hosts; host++) this.begin(host, 0);
  }

  begin(host: number, t: number, count = 1): this {
    const life = `${host}.${count}`;
    this.entries.push({ type: 'began', t: t * MS, life, host, name: `n${host}`, pid: 1 });
    return this.add({ type: 'readiness', life, host, isReady: true, t0: t * MS + 500, t1: t * MS + 510 });
  }

  end(host: number, t: number, count = 1): this {
    const life = `${host}.${count}`;
    return this.add({ type: 'ended', life, host, t0: t * MS, t1: t * MS + 1, how: 'SIGKILL' });
  }

  write(life: string, key: string, value: string, t: number, does: Does = {}): this {
    return this.operate('write', life, key, value, t, does);
  }

  delete(life: string, key: string, t: number, does: Does = {}): this {
    return this.operate('delete', life, key, null, t, does);
  }

  read(life: string, key: string, value: string | null, t: number): this {
    return this.operate('read', life, key, value, t, {});
  }

  cut(t: number, ...cut: Way[]): this {
    return this.add({ type: 'links', t0: t * MS, t1: t * MS + 1, cut, lossy: [] });
  }

  /** Two hosts lose each other, both ways. */
  apart(t: number, ...pairs: readonly Way[]): this {
    return this.cut(
      t,
      ...pairs.flatMap(([one, other]): Way[] => [
        [one, other],
        [other, one],
      ]),
    );
  }

  lead(life: string, token: number, t: number): this {
    return this.add({ type: 'lead', life, token, t0: t * MS, t1: t * MS + 1 });
  }

  hear(life: string, event: string, t: number, data: Readonly<Record<string, unknown>> = {}): this {
    return this.add({ type: 'heard', t: t * MS, life, event, data });
  }

  choose(t: number, side: string, sides: readonly (readonly string[])[]): this {
    return this.add({
      type: 'choice',
      life: '1.1',
      host: 1,
      partition: 'p',
      choose: 'keep',
      side,
      sides,
      t0: t * MS,
      t1: t * MS + 1,
      status: 200,
      code: '',
    });
  }

  /** All show this at `t`, which is a second after everything was healed; or each what it is said to show. */
  settle(
    t: number,
    lives: readonly string[],
    entries: Readonly<Record<string, string>>,
    {
      waiting = 0,
      own = {},
      healedAt = t - 1,
    }: {
      waiting?: number;
      own?: Readonly<Record<string, Readonly<Record<string, string>>>>;
      healedAt?: number;
    } = {},
  ): this {
    const isEqual = Object.keys(own).length === 0;
    const states = lives.map((life) => ({
      life,
      host: Number(life.split('.')[0]),
      state: 'green',
      isReady: true,
      waiting,
      t0: t * MS,
      t1: t * MS + 1,
      entries: own[life] ?? entries,
    }));
    const at = t * MS;
    return this.add({
      type: 'settled',
      healedAt: healedAt * MS,
      greenAt: at,
      equalAt: isEqual ? at : null,
      states,
      room: 1,
    });
  }

  /** What a checker finds. */
  by(checker: keyof typeof CHECKERS): readonly string[] {
    return (CHECKERS[checker]?.(new History(this.entries)) ?? []).map(({ what }) => what);
  }

  /** The rules that are broken, each once. */
  broken(): readonly string[] {
    return [...new Set(check(this.entries).map(({ rule }) => rule))];
  }

  private operate(
    kind: Operation['kind'],
    life: string,
    key: string,
    value: string | null,
    t: number,
    { ack = 'quorum', outcome = 'ok', code = '200', lasts = 0.01 }: Does,
  ): this {
    const id = ++this.count;
    const host = Number(life.split('.')[0]);
    return this.add({
      type: 'operation',
      id,
      client: 'c',
      life,
      host,
      kind,
      key,
      value,
      ack: kind === 'read' ? null : ack,
      t0: t * MS,
      t1: (t + lasts) * MS,
      outcome,
      code,
    });
  }

  private add(entry: Entry): this {
    this.entries.push(entry);
    return this;
  }
}

export const ALL = ['1.1', '2.1', '3.1'] as const;
