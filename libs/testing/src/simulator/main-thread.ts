/**
 * The application's main thread: it may be blocked while the protocol goes on, and it runs leader work that takes its
 * time to end. A term's lease may be given back only after that (L4, L8).
 */
import type { Random } from '@nest-cluster/protocol';
import type { Agenda, Job } from './agenda.js';
import type { Process } from './process.js';
import { Thread } from './thread.js';

const BEAT_MS = 100;

export class MainThread {
  readonly thread: Thread;
  /** Token of the term whose work has not ended. */
  working: number | undefined;
  blocked = false;

  constructor(
    private readonly process: Process,
    private readonly agenda: Agenda,
    private readonly random: Random,
    private readonly workMsMax: () => number,
  ) {
    this.thread = new Thread(process.host, agenda, random, () => this.blocked || process.halted);
  }

  /** Makes no progress for `ms`; the protocol's thread sees the lag grow. */
  block(ms: number): void {
    if (this.blocked || this.process.ended) return;
    this.blocked = true;
    const since = this.process.host.mono();
    const end = this.agenda.now + ms;
    const beat = (): void => {
      if (this.process.ended || !this.blocked) return;
      if (this.agenda.now >= end) return this.unblock();
      this.process.handle({ type: 'mainThread', lagMs: this.process.host.mono() - since });
      this.agenda.in(BEAT_MS, beat);
    };
    this.agenda.in(BEAT_MS, beat);
  }

  /** Runs when the main thread gets to it. */
  run(job: Job): void {
    this.thread.deliver(job);
  }

  beginWork(token: number): void {
    this.working = token;
  }

  /** The work of this term is told to stop, and does so after a while. */
  endWork(token: number): void {
    const long = this.random() < 0.2;
    this.agenda.in(this.random() * (long ? this.workMsMax() : 20), () =>
      this.run(() => {
        if (this.working === token) this.working = undefined;
        this.process.handle({ type: 'workEnded', token });
      }),
    );
  }

  unblock(): void {
    if (!this.blocked) return;
    this.blocked = false;
    this.process.handle({ type: 'mainThread', lagMs: 0 });
    this.thread.goOn();
  }

  end(): void {
    this.thread.end();
  }
}
