/**
 * Drives a replica: one input after the other, effects carried out in order, and a tick when one is due (T2).
 *
 * An input is stepped at once, also while the effects of another are carried out, so that whoever hears of a change and
 * writes can read what it wrote; what that brings about is carried out after what was there before. What waits to be sent
 * leaves at the end of the turn, so that all writes of a turn go in one message.
 */
import type { StoreEffect, StoreInput, StoreMachine } from '@nest-cluster/protocol';
import type { Cancel, Surroundings } from '../../ports/surroundings.js';
import { Alarm } from '../alarm.js';

/** What drives a replica needs of it. */
export type DrivenReplica = Pick<StoreMachine, 'step' | 'nextDeadline'>;

export interface DriveOwner {
  carryOut(effect: StoreEffect): void;
  /** The replica broke a promise, and is not stepped any more. */
  failed(error: Error): void;
}

export class ReplicaDrive {
  private readonly alarm: Alarm;
  private readonly waiting: StoreEffect[] = [];
  private soon: Cancel | undefined;
  private flushAtEnd = false;
  private carrying = false;
  private isOver = false;

  constructor(
    private readonly machine: DrivenReplica,
    private readonly owner: DriveOwner,
    private readonly around: Surroundings,
  ) {
    this.alarm = new Alarm(() => this.tick(), around);
  }

  feed(input: StoreInput): void {
    if (this.isOver) return;
    let effects: StoreEffect[];
    try {
      effects = this.machine.step(input, this.around.clocks());
    } catch (cause) {
      return this.fail(cause);
    }
    if (this.carrying) {
      this.waiting.push(...effects);
      return;
    }
    this.carryOut(effects);
    if (!this.flushAtEnd) this.schedule();
  }

  /** Nothing is stepped or carried out any more. */
  end(): void {
    this.isOver = true;
    this.waiting.length = 0;
    this.alarm.clear();
    this.soon?.();
  }

  private readonly flush = (): void => {
    this.flushAtEnd = false;
    this.feed({ type: 'flush' });
  };

  private readonly tick = (): void => {
    this.soon = undefined;
    this.feed({ type: 'tick' });
  };

  private carryOut(effects: readonly StoreEffect[]): void {
    this.carrying = true;
    try {
      for (const effect of effects) if (!this.isOver) this.owner.carryOut(effect);
      for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift())
        this.owner.carryOut(next);
    } catch (cause) {
      this.fail(cause);
    } finally {
      this.carrying = false;
    }
  }

  /** Work in many small parts is done between what the sockets bring, and everything else when its time comes. */
  private schedule(): void {
    if (this.isOver) return;
    const deadline = this.machine.nextDeadline();
    if (deadline === -Infinity) {
      this.flushAtEnd = true;
      this.around.turnEnd(this.flush);
    } else if (deadline <= this.around.mono()) this.soon ??= this.around.soon(this.tick);
    else this.alarm.set(deadline);
  }

  private fail(cause: unknown): void {
    if (this.isOver) return;
    this.end();
    this.owner.failed(cause instanceof Error ? cause : new Error(String(cause)));
  }
}
