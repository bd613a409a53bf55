/**
 * The addresses whose last dial failed, and how, for whoever asks why this node reaches nobody.
 */
import type { Address } from '@nest-cluster/protocol';
import type { DialFailure } from '../ports/transport.js';

/** How many are kept, the latest. */
const KEPT_MAX = 32;

export class FailedDials {
  private readonly failures = new Map<Address, DialFailure>();

  failed(address: Address, failure: DialFailure): void {
    this.failures.delete(address);
    this.failures.set(address, failure);
    const [oldest] = this.failures.keys();
    if (oldest !== undefined && this.failures.size > KEPT_MAX) this.failures.delete(oldest);
  }

  reached(address: Address): void {
    this.failures.delete(address);
  }

  /** Latest last. */
  all(): readonly { readonly address: Address; readonly failure: DialFailure }[] {
    return [...this.failures].map(([address, failure]) => ({ address, failure }));
  }
}
