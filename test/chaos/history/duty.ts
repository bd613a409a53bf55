/**
 * For how long a confirmed operation is owed to its client (S2, P3). A quorum confirmed it, so at least so many of the hosts that
 * its node could reach held it. The duty ends when so many of them have lost their process that none may be left. A new process holds
 * it again when it became ready while one that must hold it was in sound reach.
 */
import type { Entry, Operation } from './records.js';
import type { History } from './history.js';

type Turn = Extract<Entry, { type: 'ended' | 'readiness' | 'settled' }>;

export class Duties {
  private readonly turns: readonly Turn[];
  private readonly lives: readonly { life: string; host: number; from: number; to: number }[];
  private readonly ends = new Map<number, number>();

  constructor(private readonly history: History) {
    const ended = new Map(history.of('ended').map((entry) => [entry.life, entry]));
    this.lives = history.of('began').map(({ life, host, t }) => ({
      life,
      host,
      from: t,
      to: ended.get(life)?.t0 ?? Infinity,
    }));
    this.turns = [...history.of('ended'), ...history.of('readiness'), ...history.of('settled')].sort(
      (one, other) => timeOf(one) - timeOf(other),
    );
  }

  /** Whether the operation was confirmed, and still has to stand at `t`. */
  isOwed(operation: Operation, t: number): boolean {
    return operation.outcome === 'ok' && operation.kind !== 'read' && t < this.endOf(operation);
  }

  /** When the duty ended; infinite when it still holds. */
  endOf(operation: Operation): number {
    const known = this.ends.get(operation.id);
    if (known !== undefined) return known;
    const end = this.follow(operation);
    this.ends.set(operation.id, end);
    return end;
  }

  private follow({ host, ack, t0, t1 }: Operation): number {
    const { history } = this;
    const isShared = ack === 'quorum' && history.profile.voters !== 'none';
    let held = isShared ? history.quorum : 1;
    const heard = history.reach.earliest(host, t0);
    let holders = isShared
      ? new Set(
          this.lives
            .filter(({ from, to }) => from < t1 && to > t0)
            .map((one) => one.host)
            .filter((other) => (heard.get(other) ?? Infinity) <= t1),
        )
      : new Set([host]);
    const lost = new Set<number>();
    for (const turn of this.turns) {
      if (timeOf(turn) < t0) continue;
      if (turn.type === 'ended') {
        if (holders.has(turn.host)) lost.add(turn.host);
        if (lost.size >= held) return turn.t0;
      } else if (turn.type === 'readiness') {
        if (turn.isReady && lost.has(turn.host) && this.isSupplied(turn, holders, lost, held))
          lost.delete(turn.host);
      } else if (turn.type === 'settled' && turn.equalAt !== null) {
        // All hold it; a majority that is lost at one time may still take it along.
        holders = new Set(turn.states.map((state) => state.host));
        held = history.quorum;
        lost.clear();
      }
    }
    return Infinity;
  }

  /** Whether one that must hold it was in sound reach all the time from the new process's start until it was ready. */
  private isSupplied(
    { life, host, t1 }: Extract<Turn, { type: 'readiness' }>,
    holders: ReadonlySet<number>,
    lost: ReadonlySet<number>,
    held: number,
  ): boolean {
    const { history } = this;
    const since = this.lives.find((one) => one.life === life)?.from ?? 0;
    const isThere = (other: number) =>
      history.reach.isSound(host, other, since, t1) &&
      this.lives.some((one) => one.host === other && one.from < since && one.to > t1) &&
      history.of('halt').every((halt) => halt.host !== other || halt.t1 < since || halt.t0 > t1);
    const outOfReach = [...holders].filter((other) => lost.has(other) || !isThere(other));
    return outOfReach.length < held;
  }
}

function timeOf(turn: Turn): number {
  if (turn.type === 'ended') return turn.t0;
  return turn.type === 'readiness' ? turn.t1 : (turn.equalAt ?? Infinity);
}
