/**
 * Prints what this node sees in the store: one line per key and second at most.
 */
import { Injectable, Logger } from '@nestjs/common';
import {
  OnStoreDeleted,
  OnStoreWritten,
  type StoreDeletedEvent,
  type StoreWrittenEvent,
} from '@nest-cluster/core';

/** Where the leader-only job leaves its report. */
export const JOB_KEY = 'demo:job';

export interface JobReport {
  /** How often it has run, on whichever node. */
  readonly runs: number;
  readonly by: string;
  readonly token: number;
}

const QUIET_MS = 900;
const KEYS_MAX = 1_000;

@Injectable()
export class StoreWatch {
  private readonly logger = new Logger('DemoStore');
  private readonly printedAt = new Map<string, number>();

  @OnStoreWritten('demo:*')
  written({ key, value, node }: StoreWrittenEvent): void {
    this.print(key, () => `${key} = ${JSON.stringify(value)} (written by ${node})`);
  }

  @OnStoreDeleted('demo:*')
  deleted({ key, reason }: StoreDeletedEvent): void {
    this.print(key, () => `${key} is gone: ${reason}`);
  }

  private print(key: string, line: () => string): void {
    const now = Date.now();
    if (now - (this.printedAt.get(key) ?? 0) < QUIET_MS) return;
    if (this.printedAt.size >= KEYS_MAX) this.printedAt.clear();
    this.printedAt.set(key, now);
    this.logger.log(line());
  }
}
