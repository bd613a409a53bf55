/**
 * Node 20 rejects once more, and unheard, when a module fails that another one imports. That would end the process. While
 * this listens, such a rejection is held; what is not about the failure that is named is let go on as it would have.
 */
import { setImmediate as turn } from 'node:timers/promises';

export class StrayRejections {
  private readonly held: unknown[] = [];
  private readonly hold = (reason: unknown): void => void this.held.push(reason);

  constructor() {
    // Whoever listens already decides for itself.
    if (process.listenerCount('unhandledRejection') === 0) process.on('unhandledRejection', this.hold);
  }

  /** What failed was told to its caller. */
  async handle(failure: unknown): Promise<void> {
    // The second rejection comes at the end of the turn.
    await turn();
    await turn();
    const others = this.held.filter((reason) => reason !== failure);
    this.held.splice(0, this.held.length, ...others);
  }

  end(): void {
    process.off('unhandledRejection', this.hold);
    for (const reason of this.held)
      queueMicrotask(() => {
        throw reason;
      });
  }
}
