/**
 * A machine as its driver gets it: everything that goes in and out is shown, and a deadline that stays in the past is seen
 * (T3).
 */
import type { DrivenMachine } from '@nest-cluster/core';
import type { Effect, Input, Instant, Message } from '@nest-cluster/protocol';

const STALLED_TICKS = 1_000;

export interface Onlooker {
  /** Everything between machines, for a trace that shows it. */
  readonly note: ((what: string, peer: string, message?: Message) => void) | undefined;
  /** The machine asks for a tick again and again, and does nothing with it. */
  stalled(): void;
}

type Watched = Pick<DrivenMachine, 'step' | 'nextDeadline'>;

export class WatchedMachine implements Watched {
  private ticksInVain = 0;

  constructor(
    private readonly machine: Watched,
    private readonly onlooker: Onlooker,
  ) {}

  step(input: Input, now: Instant): Effect[] {
    const { note } = this.onlooker;
    if (note !== undefined) noteInput(note, input);
    const effects = this.machine.step(input, now);
    if (note !== undefined) for (const effect of effects) noteEffect(note, effect);
    if (input.type === 'tick') this.count(now);
    return effects;
  }

  nextDeadline(): number {
    return this.machine.nextDeadline();
  }

  private count(now: Instant): void {
    this.ticksInVain = this.machine.nextDeadline() <= now.mono ? this.ticksInVain + 1 : 0;
    if (this.ticksInVain > STALLED_TICKS) this.onlooker.stalled();
  }
}

type Note = NonNullable<Onlooker['note']>;

function noteInput(note: Note, input: Input): void {
  switch (input.type) {
    case 'linkOpened':
      return note('linked', input.peer.incarnation);
    case 'linkClosed':
      return note('unlinked', input.incarnation);
    case 'dialFailed':
      return note(input.refused ? 'refused by' : 'no answer from', input.address);
    case 'message':
      return note('got', input.from, input.message);
    default:
  }
}

function noteEffect(note: Note, effect: Effect): void {
  switch (effect.type) {
    case 'send':
      return note('sends', effect.to, effect.message);
    case 'dial':
      return note('dials', effect.address);
    case 'redial':
      return note('dials anew', effect.address);
    case 'hangUp':
      return note('hangs up', effect.incarnation);
    default:
  }
}
