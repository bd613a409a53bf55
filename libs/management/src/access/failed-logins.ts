/**
 * Counts calls without the right token, and tells of them in one line: of the first at once, of later ones once a minute.
 */
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

/** Shortest time between two lines, in milliseconds. */
const QUIET_MS = 60_000;

export type FailedLogin = 'wrong' | 'missing';

@Injectable()
export class FailedLogins implements OnModuleDestroy {
  private readonly logger = new Logger('ClusterManagement');
  /** Since the last line. */
  private counts: Record<FailedLogin, number> = { wrong: 0, missing: 0 };
  private total = 0;
  private latest = 'nowhere';
  private quiet: NodeJS.Timeout | undefined;

  /** @param from address of the other end of the connection */
  note(login: FailedLogin, from: string | undefined): void {
    this.counts[login]++;
    this.total++;
    this.latest = from ?? 'a closed connection';
    if (this.quiet === undefined) this.tell();
  }

  onModuleDestroy(): void {
    clearTimeout(this.quiet);
  }

  private tell(): void {
    const { wrong, missing } = this.counts;
    this.quiet = undefined;
    if (wrong + missing === 0) return;
    this.counts = { wrong: 0, missing: 0 };
    this.logger.warn(
      `refused calls: ${wrong} with a wrong token, ${missing} without a token, the latest from ${this.latest}; ` +
        `${this.total} since the start`,
    );
    this.quiet = setTimeout(() => this.tell(), QUIET_MS).unref();
  }
}
