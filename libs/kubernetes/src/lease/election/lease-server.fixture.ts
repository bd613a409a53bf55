/**
 * One Lease on a server: read, compare-and-swap, delete. Tells about each change.
 */
import { readLease, writeLease, type LeaseChange, type LeaseRecord } from '../lease-record.js';
import type { LeaseInput } from '../lease-step.js';

interface Stored {
  readonly metadata: object;
  readonly spec?: Readonly<Record<string, unknown>>;
}

export class LeaseServer {
  private stored: Stored | null = null;
  private uid = '';
  private versions = 0;

  constructor(
    /**
     * `unchecked`: writes replace whatever is there. `absentIsFree`, `emptyIsFree`: what is not there, or has no holder, reads
     * as if it was given back.
     */
    private readonly mutant: string | undefined,
    private readonly changed: () => void,
  ) {}

  read(): LeaseRecord | null {
    if (this.mutant === 'absentIsFree' && this.stored === null) {
      return { ...readLease({}), version: 'none', isGivenBack: true };
    }
    const lease = this.stored && readLease(this.stored);
    return this.mutant === 'emptyIsFree' && lease?.holder === null ? { ...lease, isGivenBack: true } : lease;
  }

  write(change: LeaseChange, wallMs: number): LeaseInput {
    if (this.mutant !== 'unchecked' && versionOf(change.base) !== versionOf(this.read()))
      return { type: 'conflict' };
    if (this.stored === null) this.uid = `uid-${this.versions}`;
    this.store(writeLease('lease', change, wallMs) as Stored);
    const lease = this.read();
    return lease ? { type: 'written', lease } : { type: 'failed' };
  }

  remove(): void {
    this.stored = null;
    this.changed();
  }

  /** Somebody changes a label: a new version, and nothing else. */
  touch(): void {
    if (this.stored) this.store(this.stored);
  }

  /** Somebody takes the holder's name away. */
  empty(): void {
    if (this.stored) this.store({ ...this.stored, spec: { ...this.stored.spec, holderIdentity: '' } });
  }

  private store(object: Stored): void {
    const resourceVersion = String(++this.versions);
    this.stored = { ...object, metadata: { ...object.metadata, uid: this.uid, resourceVersion } };
    this.changed();
  }
}

function versionOf(lease: LeaseRecord | null): string | undefined {
  return lease === null || lease.version === 'none' ? undefined : lease.version;
}
