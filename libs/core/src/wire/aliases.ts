/**
 * Addresses that lead to a node which tells another one: a DNS name, a second interface, this node itself. Discovery finds
 * them again and again (D2), but while the link with that node stands, a connection would only be made to be dropped. A name
 * may come to lead elsewhere, so that it is tried again now and then.
 */
import type { Address, Incarnation, NodeInfo } from '@nest-cluster/protocol';
import { monotonicMs } from '../ports/clock.js';
import { ALIASES_MAX } from './limits.js';

/** How long it is believed where an address leads, in milliseconds. */
const BELIEVED_MS = 300_000;

export class Aliases {
  /** The one learned last is last. */
  private readonly known = new Map<Address, { readonly leadsTo: Incarnation; readonly until: number }>();

  learn(address: Address, { incarnation, address: told }: NodeInfo, isSelf: boolean): void {
    this.known.delete(address);
    // Whoever dials an address that a node tells wants to know whether it is there.
    if (address === told && !isSelf) return;
    this.known.set(address, { leadsTo: incarnation, until: monotonicMs() + BELIEVED_MS });
    const [oldest] = this.known.keys();
    if (this.known.size > ALIASES_MAX && oldest !== undefined) this.known.delete(oldest);
  }

  /** The node that was met there not long ago. */
  leadsTo(address: Address): Incarnation | undefined {
    const alias = this.known.get(address);
    return alias && monotonicMs() < alias.until ? alias.leadsTo : undefined;
  }

  clear(): void {
    this.known.clear();
  }
}
