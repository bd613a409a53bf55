/**
 * Everybody this node knows: those that are up, by place, name and address, and those that went away, for as long as they
 * are remembered. Bounded (W5). At most one incarnation per name is up (M1).
 */
import { invariant } from '../error.js';
import type { Member } from '../event.js';
import type { Claim } from '../message.js';
import type { Address, Incarnation, NodeInfo, NodeName } from '../node.js';
import type { Random } from '../random.js';
import { CLAIMS_PER_SYNC, DOWN_CLAIMS_PER_SYNC } from './limits.js';
import { isUp, memberOf, type MemberRecord } from './member-record.js';
import { fingerprint, share } from './view-digest.js';

export class MemberTable {
  readonly self: MemberRecord;
  /** Members that are up, this node excluded, in random order. */
  readonly others: MemberRecord[] = [];
  /** How many of the others are suspect. */
  suspects = 0;
  /** Of the members that are up, this node included. */
  digest = 0;
  private readonly records = new Map<Incarnation, MemberRecord>();
  private readonly ordered: MemberRecord[] = [];
  private readonly holders = new Map<NodeName, MemberRecord>();
  private readonly addresses = new Map<Address, MemberRecord>();
  /** The one that went away first comes first. */
  private readonly down = new Map<Incarnation, MemberRecord>();
  private view: readonly Member[] | null = null;
  /** Those that changed, as the application sees them, since somebody asked. */
  private readonly touched = new Set<MemberRecord>();

  constructor(
    self: Claim,
    private readonly membersMax: number,
    private readonly random: Random,
  ) {
    this.self = this.add(self);
    this.self.seen = true;
  }

  get(incarnation: Incarnation): MemberRecord | undefined {
    return this.records.get(incarnation);
  }

  /** Who is up under this name. */
  holder(name: NodeName): MemberRecord | undefined {
    return this.holders.get(name);
  }

  /** Who came up last at this address. */
  at(address: Address): MemberRecord | undefined {
    return this.addresses.get(address);
  }

  /** True when another member is linked and up where this one said to be, so that this one cannot be there. */
  isDisplaced(record: MemberRecord): boolean {
    const other = this.addresses.get(record.node.address);
    return other !== undefined && other !== record && other.linked && isUp(other);
  }

  /** Members that are up, this node included. */
  size(): number {
    return this.others.length + 1;
  }

  /** Makes room for one more by forgetting who went away first; false when everybody is up. */
  hasRoom(): boolean {
    if (this.records.size < this.membersMax) return true;
    for (const record of this.down.values()) {
      if (record.linked) continue;
      this.remove(record);
      return true;
    }
    return false;
  }

  add(claim: Claim): MemberRecord {
    const node = claim.node;
    const record: MemberRecord = {
      node,
      claim: { kind: 'dead', node, version: -1 },
      degraded: false,
      linked: false,
      seen: false,
      upSince: 0,
      failedHere: false,
      heardAt: -Infinity,
      redialAt: -Infinity,
      freshAt: -Infinity,
      differsSince: 0,
      syncedAt: -Infinity,
      slot: -1,
      print: fingerprint(node.incarnation),
      forget: null,
      member: null,
    };
    this.records.set(node.incarnation, record);
    this.ordered.splice(this.placeOf(node), 0, record);
    this.down.set(node.incarnation, record);
    this.hold(record, claim);
    return record;
  }

  /** This claim is the one that holds from now on. */
  hold(record: MemberRecord, claim: Claim): void {
    const wasUp = isUp(record);
    if (wasUp) this.count(record, -1);
    record.claim = claim;
    if (claim.kind === 'alive') record.degraded = claim.degraded;
    const isNowUp = isUp(record);
    if (isNowUp) this.count(record, 1);
    if (isNowUp && !wasUp) this.rise(record);
    if (wasUp && !isNowUp) this.sink(record);
    this.touch(record);
  }

  /** Takes over what a node says about itself. */
  describe(record: MemberRecord, node: NodeInfo): void {
    if (this.addresses.get(record.node.address) === record) {
      this.addresses.delete(record.node.address);
      this.addresses.set(node.address, record);
    }
    record.node = node;
    record.claim = { ...record.claim, node };
    this.touch(record);
  }

  /** Something about it changed that the application sees. */
  touch(record: MemberRecord): void {
    record.member = null;
    this.view = null;
    this.touched.add(record);
  }

  remove(record: MemberRecord): void {
    const { incarnation, address } = record.node;
    this.records.delete(incarnation);
    this.ordered.splice(this.ordered.indexOf(record), 1);
    this.down.delete(incarnation);
    if (this.addresses.get(address) === record) this.addresses.delete(address);
    this.view = null;
  }

  /** In order of name; the same array until something changes. */
  members(): readonly Member[] {
    this.view ??= this.ordered.map(memberOf);
    return this.view;
  }

  /** Those that changed since the last call, in order of name. */
  takeChanges(): Member[] {
    if (this.touched.size === 0) return [];
    const changed = Array.from(this.touched, memberOf);
    this.touched.clear();
    return changed.length > 1 ? changed.sort(byName) : changed;
  }

  /** Everybody with a link, up or not. */
  linked(): MemberRecord[] {
    return this.ordered.filter((record) => record.linked);
  }

  /** Everything this node holds true, for a push/pull. */
  claims(): Claim[] {
    const claims = [this.self.claim, ...this.others.map((record) => record.claim)];
    const down = [...this.down.values()].slice(-DOWN_CLAIMS_PER_SYNC);
    return [...claims, ...down.map((record) => record.claim)].slice(0, CLAIMS_PER_SYNC);
  }

  private count(record: MemberRecord, sign: 1 | -1): void {
    this.digest = (this.digest + sign * share(record.print, record.claim.version)) >>> 0;
    if (record.claim.kind === 'suspect') this.suspects += sign;
  }

  private rise(record: MemberRecord): void {
    const { name, address, incarnation } = record.node;
    invariant(!this.holders.has(name), `one incarnation at a time is up under the name ${name}`);
    this.holders.set(name, record);
    this.addresses.set(address, record);
    this.down.delete(incarnation);
    if (this.self === undefined) return;
    this.others.push(record);
    record.slot = this.others.length - 1;
    this.swap(record.slot, Math.floor(this.random() * this.others.length));
  }

  private sink(record: MemberRecord): void {
    const { name, incarnation } = record.node;
    this.holders.delete(name);
    this.down.set(incarnation, record);
    if (record.slot < 0) return;
    this.swap(record.slot, this.others.length - 1);
    this.others.pop();
    record.slot = -1;
  }

  /** Exchanges two of the others; whose turn it is to be probed follows from their places. */
  swap(first: number, second: number): void {
    const one = this.others[first];
    const two = this.others[second];
    if (!one || !two) return;
    this.others[first] = two;
    this.others[second] = one;
    one.slot = second;
    two.slot = first;
  }

  private placeOf(node: NodeInfo): number {
    let low = 0;
    let high = this.ordered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.ordered[middle];
      if (other && byName(other, { node }) < 0) {
        low = middle + 1;
      } else high = middle;
    }
    return low;
  }
}

/** Lives of one name in the order in which they began. */
function byName(
  { node: one }: { readonly node: NodeInfo },
  { node: other }: { readonly node: NodeInfo },
): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  return one.startedAt - other.startedAt;
}
