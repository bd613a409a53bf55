/**
 * Finds links that are open and carry nothing, as when a firewall has forgotten a connection: TCP itself would take a quarter
 * of an hour. A replica sends a clock at least every 2.5 s, so silence shows. A peer whose application makes no progress is
 * silent for that reason, and keeps its link.
 */
import type { Incarnation } from '@nest-cluster/protocol';
import type { Cancel, Surroundings } from '../../ports/surroundings.js';

/** A link that has brought nothing for this long is dead, in milliseconds. */
export const SILENT_MS = 4_000;
const LOOK_MS = 500;

export class LinkWatch {
  private readonly heardAt = new Map<Incarnation, number>();
  private readonly excused = new Set<Incarnation>();
  private lookedAt = 0;
  private cancel: Cancel | undefined;

  constructor(
    private readonly around: Surroundings,
    private readonly isDead: (incarnation: Incarnation) => void,
  ) {}

  start(): void {
    this.lookedAt = this.around.mono();
    this.cancel ??= this.around.every(LOOK_MS, () => this.look());
  }

  stop(): void {
    this.cancel?.();
    this.heardAt.clear();
    this.excused.clear();
  }

  /** The link opened, or brought something. */
  heard(incarnation: Incarnation): void {
    this.heardAt.set(incarnation, this.around.mono());
  }

  closed(incarnation: Incarnation): void {
    this.heardAt.delete(incarnation);
  }

  /** The application of this peer makes no progress, or does again. */
  excuse(incarnation: Incarnation, isBlocked: boolean): void {
    if (isBlocked) this.excused.add(incarnation);
    else if (this.excused.delete(incarnation) && this.heardAt.has(incarnation)) this.heard(incarnation);
  }

  private look(): void {
    const now = this.around.mono();
    // This process made no progress itself, and has not read yet what has come.
    const wasAway = now - this.lookedAt > 2 * LOOK_MS;
    this.lookedAt = now;
    for (const [incarnation, at] of this.heardAt) {
      if (wasAway) this.heardAt.set(incarnation, now);
      else if (now - at >= SILENT_MS && !this.excused.has(incarnation)) {
        // If that comes to nothing, it is tried again.
        this.heardAt.set(incarnation, now);
        this.isDead(incarnation);
      }
    }
  }
}
