/**
 * Tells once that a signal would end this process without a word. Nest closes an application on SIGTERM only when its
 * shutdown hooks are enabled; otherwise the others see every restart as a crash, and wait for the lease to run out (N2).
 */
import type { Logger } from '@nestjs/common';

/** How long after the start it is looked at, in milliseconds: some enable the hooks after `listen()`. */
const LOOK_AFTER_MS = 1_000;

export class HooksReminder {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly leaseMs: number,
    private readonly listeners: Pick<NodeJS.Process, 'listenerCount'> = process,
  ) {}

  start(): void {
    this.timer = setTimeout(() => this.look(), LOOK_AFTER_MS).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private look(): void {
    if (this.listeners.listenerCount('SIGTERM') > 0) return;
    this.logger.warn(
      'shutdown hooks are off: SIGTERM ends this process at once, and the others take each restart for a crash; the next ' +
        `leader then waits for the lease to run out, ${this.leaseMs} ms. Call app.enableShutdownHooks() before app.listen()`,
    );
  }
}
