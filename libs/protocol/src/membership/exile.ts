/**
 * A node whose name an older, living process holds: it stays out, and tries again with growing waits (T1). It is a member again
 * when a peer treats it as one.
 */
import { isPlausible } from '../instant.js';
import type { Input } from '../machine.js';
import type { Claim, Message } from '../message.js';
import type { Address, Incarnation, NodeInfo } from '../node.js';
import type { MembershipOptions } from '../options.js';
import { sample, type Random } from '../random.js';
import { CONTACTS_MAX } from './limits.js';
import { alive } from './member-record.js';
import type { Turn } from './turn.js';

/** How many places one attempt dials. */
const DIALS = 8;

export class Exile {
  /** Links that are open while it is not known what their ends think of this node. */
  readonly links = new Map<Incarnation, NodeInfo>();
  private readonly places: Set<Address>;
  /** Since the last attempt some member was heard, so that there is a cluster to stay out of. */
  private hasMet = true;
  private nextAt = 0;
  /** Until the first attempt nobody is let in, who may not know yet that this node is out. */
  private isOpen = false;

  constructor(
    readonly self: NodeInfo,
    public version: number,
    private holder: Address,
    /** How often it was refused before, without being a member for long in between. */
    public attempts: number,
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
    if (this.take(input)) return true;
    if (this.turn.mono < this.nextAt) return false;
    // Where there is no cluster, there is nobody who could let this node in.
    if (!this.hasMet) return true;
    this.attempt();
    return false;
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
    if (this.isOpen && this.links.size < this.options.membersMax) this.links.set(peer.incarnation, peer);
    else this.turnAway(peer);
  }

  /** Who dials a node that is out holds it a member, and is told better. */
  private turnAway({ incarnation }: NodeInfo): void {
    const claims: Claim[] = [{ kind: 'dead', node: this.self, version: this.version }];
    this.turn.sendTo(incarnation, { type: 'gossip', claims });
    this.turn.hangUp(incarnation);
  }

  private hear(from: Incarnation, message: Message): boolean {
    if (isTurnedAway(from, message)) return false;
    this.hasMet = true;
    if (message.type === 'refuse') {
      this.holder = message.holder.address;
      this.links.delete(from);
      this.turn.hangUp(from);
      return false;
    }
    if (!('claims' in message)) return false;
    const about = message.claims.find((claim) => claim.node.incarnation === this.self.incarnation);
    if ((about?.kind === 'dead' || about?.kind === 'left') && isPlausible(about.version, this.turn.wall)) {
      this.version = Math.max(this.version, about.version + 1);
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
    this.isOpen = true;
    this.hasMet = false;
    // Who neither let it in nor refused it is met anew.
    for (const incarnation of this.links.keys()) this.turn.hangUp(incarnation);
    this.links.clear();
    const places = sample([...this.places], DIALS, this.random);
    for (const address of new Set([this.holder, ...places])) this.turn.dial(address);
    this.wait();
  }

  private wait(): void {
    const { redialMinMs, redialMaxMs } = this.options;
    const longest = Math.min(redialMaxMs, redialMinMs * 2 ** Math.min(this.attempts++, 30));
    this.nextAt = this.turn.mono + longest * (0.75 + this.random() * 0.25);
  }
}

/** Another node that is out itself says so. */
function isTurnedAway(from: Incarnation, message: Message): boolean {
  if (message.type !== 'gossip') return false;
  return message.claims.some((claim) => claim.kind === 'dead' && claim.node.incarnation === from);
}
