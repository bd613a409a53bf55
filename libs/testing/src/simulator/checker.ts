/**
 * Checkers stand outside: they hear what processes tell their applications, and they know the truth about the world –
 * never what a machine keeps inside.
 */
import type { NodeEvent } from '@nest-cluster/protocol';
import type { Process } from './process.js';

/** How a process came to its end. */
export type Ending = 'crashed' | 'hostLost' | 'left' | 'replaced';

export interface Checker {
  started?(process: Process): void;
  /** Called before the world counts as disturbed by it. */
  ended?(process: Process, how: Ending): void;
  event?(process: Process, event: NodeEvent): void;
  /** An instant at which this process may begin to answer that it leads. */
  mayLead?(process: Process): void;
  /** The application was asked to give leadership up. */
  askedToStepDown?(process: Process): void;
  /** All faults are gone: from here on promises with a bound must come true. */
  healed?(): void;
}

export interface Violation {
  readonly rule: string;
  readonly what: string;
  /** True time in milliseconds. */
  readonly at: number;
}

/** Carries every observation to all checkers. */
export class Checkers implements Required<Checker> {
  readonly all: Checker[] = [];

  started(process: Process): void {
    for (const checker of this.all) checker.started?.(process);
  }

  ended(process: Process, how: Ending): void {
    for (const checker of this.all) checker.ended?.(process, how);
  }

  event(process: Process, event: NodeEvent): void {
    for (const checker of this.all) checker.event?.(process, event);
  }

  mayLead(process: Process): void {
    for (const checker of this.all) checker.mayLead?.(process);
  }

  askedToStepDown(process: Process): void {
    for (const checker of this.all) checker.askedToStepDown?.(process);
  }

  healed(): void {
    for (const checker of this.all) checker.healed?.();
  }
}
