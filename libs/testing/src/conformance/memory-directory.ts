/**
 * The smallest place to be found: a list in memory that nodes enter and leave. For tests of one process.
 */
import type { ClusterStrategy, ContactPoint, StrategyContext } from '@nest-cluster/core';

export class MemoryDirectory {
  private readonly entries = new Map<string, ContactPoint>();
  private readonly listeners = new Set<() => void>();
  isAvailable = true;

  /** A strategy that announces its node here and finds the others. One per node. */
  strategy(): ClusterStrategy {
    let context: StrategyContext | undefined;
    const changed = (): void => context?.wake();
    return {
      name: 'memory',
      carriesPort: true,
      start: (given) => {
        context = given;
        this.listeners.add(changed);
        this.add(given.self.incarnation, `${given.self.host}:${given.self.port}`);
      },
      discover: async (signal) => {
        signal.throwIfAborted();
        if (!this.isAvailable) throw new Error('the directory is away');
        return await Promise.resolve(this.contacts());
      },
      stop: () => {
        this.listeners.delete(changed);
        if (context) this.remove(context.self.incarnation);
        context = undefined;
      },
    };
  }

  contacts(): readonly ContactPoint[] {
    return [...this.entries.values()];
  }

  add(id: string, contact: ContactPoint): void {
    this.entries.set(id, contact);
    for (const changed of this.listeners) changed();
  }

  remove(id: string): void {
    this.entries.delete(id);
  }
}
