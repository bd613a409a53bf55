/**
 * A node whose name an older, living process holds: it stays out, and tries again with growing waits (T1). It is a member again
 * when a peer treats it as one.
 */
import type { Input } from '../machine.js';
import type { Message } from '../message.js';
import { bySeniority, type Address, type Incarnation, type NodeInfo } from '../node.js';
import type { MembershipOptions } from '../options.js';
import { sample, type Random } from '../random.js';
import { CONTACTS_MAX, VERSION_MAX } from './limits.js';
import { alive } from './member-record.js';
import type { Turn } from './turn.js';

/** How many places one attempt dials. */
const DIALS = 8;

export class Exile {
  /** Links that are open while it is not known what their ends think of this node. */
  readonly links = new Map<Incarnation, NodeInfo>();
  private readonly places: Set<Address>;
  private attempts = 0;
  private nextAt = 0;

  constructor(
    readonly self: NodeInfo,
    public version: number,
    places: readonly Address[],
    private readonly options: MembershipOptions,
    private readonly random: Random,
    private readonly turn: Turn,
  ) {
    this.places = new Set(places.slice(0, CONTACTS_MAX));
    this.wait();
  }

  nextDeadline(): number {
    return this.nextAt;
  }

  /** True when this input shows that the node is admitted. */
  handle(input: Input): boolean {
    const isAdmitted = this.take(input);
    if (!isAdmitted && this.turn.mono >= this.nextAt) this.attempt();
    return isAdmitted;
  }

  private take(input: Input): boolean {
    switch (input.type) {
      case 'contacts':
        for (const address of input.addresses) this.remember(address);
        return false;
      case 'linkOpened':
        this.meet(input.peer);
        return false;
      case 'linkClosed':
        this.links.delete(input.incarnation);
        return false;
      case 'message':
        return this.links.has(input.from) && this.hear(input.from, input.message);
      default:
        return false;
    }
  }

  private meet(peer: NodeInfo): void {
    this.remember(peer.address);
    const isSenior = peer.name === this.self.name && bySeniority(peer, this.self) < 0;
    if (isSenior || this.links.size >= this.options.membersMax) this.turn.hangUp(peer.incarnation);
    else if (peer.name !== this.self.name) this.links.set(peer.incarnation, peer);
    else this.refuse(peer);
  }

  /** A younger process with this node's name. */
  private refuse(peer: NodeInfo): void {
    this.turn.sendTo(peer.incarnation, { type: 'refuse', reason: 'nameTaken', holder: this.self });
    this.turn.hangUp(peer.incarnation);
  }

  private hear(from: Incarnation, message: Message): boolean {
    if (message.type === 'refuse') {
      this.links.delete(from);
      this.turn.hangUp(from);
      return false;
    }
    if (!('claims' in message)) return false;
    const about = message.claims.find((claim) => claim.node.incarnation === this.self.incarnation);
    if (about?.kind === 'dead' && about.version >= this.version && about.version < VERSION_MAX) {
      this.version = about.version + 1;
      this.turn.sendTo(from, { type: 'gossip', claims: [alive(this.self, this.version, false)] });
      return false;
    }
    // Only members are probed, and only a member is said to be alive.
    return message.type === 'probe' || about?.kind === 'alive';
  }

  private remember(address: Address): void {
    if (this.places.size < CONTACTS_MAX && address !== this.self.address) this.places.add(address);
  }

  private attempt(): void {
    for (const address of sample([...this.places], DIALS, this.random)) this.turn.dial(address);
    this.wait();
  }

  private wait(): void {
    const { redialMinMs, redialMaxMs } = this.options;
    const longest = Math.min(redialMaxMs, redialMinMs * 2 ** Math.min(this.attempts++, 30));
    this.nextAt = this.turn.mono + longest * (0.75 + this.random() * 0.25);
  }
}
