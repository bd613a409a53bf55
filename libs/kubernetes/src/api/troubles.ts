/**
 * What goes wrong with one object of the API, told in the log. Each kind of request has a trouble of its own, which only a
 * success of that kind ends: a server may allow to read and refuse to write for as long as it likes. A line comes when a
 * trouble begins, when it gets another status, and when it ends.
 */
import type { Logger } from '@nestjs/common';
import type { KubernetesApiError } from './api-error.js';

/** Of an answer that the same request will get again, until somebody changes something. */
export function isRefused({ status }: KubernetesApiError): boolean {
  return status >= 400 && status < 500 && !PASSING.has(status);
}

/** Token rotated, timeout, version forgotten, overload. */
const PASSING: ReadonlySet<number> = new Set([401, 408, 410, 429]);

/** What follows when something cannot be watched: it is read from time to time all the same. */
export const LATE = 'so that changes are noticed late';

export class Troubles<Kind extends string> {
  /** The statuses that were told of each trouble. */
  private readonly told = new Map<Kind, Set<number>>();

  constructor(
    private readonly logger: Logger,
    /** What the requests are about, such as `Lease shop/demo`. */
    private readonly subject: string,
    /** What cannot be done to it, such as `be read`. */
    private readonly deeds: Readonly<Record<Kind, string>>,
  ) {}

  failed(kind: Kind, { status, message }: KubernetesApiError, so = 'which is tried again'): void {
    const told = this.told.get(kind) ?? new Set();
    this.told.set(kind, told);
    if (told.has(status)) return;
    told.add(status);
    this.logger.warn(`${this.subject} cannot ${this.deeds[kind]}, ${so}: ${message}`);
  }

  succeeded(kind: Kind): void {
    if (this.told.delete(kind)) this.logger.log(`${this.subject} can ${this.deeds[kind]} again`);
  }
}
