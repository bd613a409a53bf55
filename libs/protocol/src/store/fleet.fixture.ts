/**
 * For tests: replicas in one process and virtual time, with links that are slow, lose, repeat and reorder as told, and nodes
 * that crash, part and meet. What every replica told its application is kept.
 */
import { bytes, textOf } from './letters.fixture.js';
import type { Incarnation, NodeInfo, NodeName, Address } from '../node.js';
import { seededRandom, type Random } from '../random.js';
import { contentOf } from './checks.js';
import type { AckLevel, Resolver, StoreChange, StoreEffect, StoreInput, StoreMachine } from './machine.js';
import type { StoreMessage } from './message.js';
import { STORE_DEFAULTS, type StoreOptions } from './options.js';
import { createReplica } from './replica.js';

export interface Site {
  readonly info: NodeInfo;
  readonly machine: StoreMachine;
  readonly effects: Exclude<StoreEffect, { readonly type: 'send' }>[];
  readonly results: Map<number, string>;
  readonly links: Set<Site>;
  readonly sees: Set<Site>;
  /** Who counts for a quorum, as this node was told. */
  readonly voters: readonly string[] | undefined;
  alive: boolean;
  /** Milliseconds that its wall clock is ahead. */
  skewMs: number;
  due: number;
}

interface Parcel {
  readonly at: number;
  readonly order: number;
  readonly from: Site;
  readonly to: Site;
  readonly message: StoreMessage;
}

export interface Weather {
  delayMs: (from: Site, to: Site) => number;
  loss: number;
  repeat: number;
  /** Messages may overtake each other. */
  disorder: boolean;
}

export { bytes, textOf };

const ORIGIN_MS = 1_700_000_000_000;

export class Fleet {
  readonly sites: Site[] = [];
  readonly random: Random;
  readonly weather: Weather;
  mono = 0;
  sent = 0;
  /** Sees each message before it arrives, and may cut or kill; what it does not let through is lost. */
  letThrough: (message: StoreMessage, from: Site, to: Site) => boolean = () => true;
  private parcels: Parcel[] = [];
  private order = 0;
  private nextId = 1;
  private readonly lastArrival = new Map<string, number>();

  constructor(
    readonly settings: {
      readonly seed?: number;
      readonly options?: Partial<StoreOptions>;
      readonly resolver?: Resolver;
      /** Nodes that are expected; a quorum is more than half of them. */
      readonly size?: number;
      /** Names of those that count for a quorum, where not everybody does. */
      readonly voters?: readonly string[];
    } = {},
  ) {
    this.random = seededRandom(settings.seed ?? 1);
    this.weather = { delayMs: () => 1 + this.random() * 3, loss: 0, repeat: 0, disorder: false };
  }

  /** A fleet of nodes that are ready. */
  static ready(count: number, settings: Fleet['settings'] = {}): Fleet {
    const fleet = new Fleet({ size: count, ...settings });
    for (let at = 0; at < count; at++) fleet.start(`n${at}`);
    fleet.run(200);
    for (const site of fleet.sites)
      if (!site.machine.status().ready) throw new Error(`${site.info.name} is not ready`);
    return fleet;
  }

  get alive(): Site[] {
    return this.sites.filter(({ alive }) => alive);
  }

  at(index: number): Site {
    const site = this.sites[index];
    if (site === undefined) throw new Error(`no site ${index}`);
    return site;
  }

  /** Starts a node, and lets it meet those that `meets` says: everybody alive by default. Those that it `sees` have no link. */
  start(
    name: string,
    meets: readonly Site[] = this.alive,
    sees: readonly Site[] = [],
    voters: readonly string[] | undefined = this.settings.voters,
  ): Site {
    const number = this.sites.length;
    const incarnation = `${(number + 10).toString(16).padStart(2, '0')}`.repeat(16) as Incarnation;
    const info: NodeInfo = {
      name: name as NodeName,
      incarnation,
      address: `host:${number}` as Address,
      dataPort: 1,
      startedAt: ORIGIN_MS + number,
      priority: 0,
    };
    const { resolver, options } = this.settings;
    const machine = createReplica({
      self: info,
      options: { ...STORE_DEFAULTS, ...options },
      random: this.random,
      isCounted: (this.settings.size ?? voters) !== undefined,
      ...(resolver && { resolver }),
      ...(voters && { voters }),
    });
    const site: Site = {
      info,
      machine,
      effects: [],
      results: new Map(),
      links: new Set(),
      sees: new Set(),
      voters,
      alive: true,
      skewMs: 0,
      due: 0,
    };
    this.sites.push(site);
    this.tellQuorum(site);
    this.give(site, { type: 'start' });
    for (const other of sees) {
      site.sees.add(other);
      this.give(site, { type: 'peerUp', node: other.info });
    }
    for (const other of meets) this.meet(site, other);
    this.give(site, { type: 'settled' });
    return site;
  }

  meet(one: Site, other: Site): void {
    for (const [here, there] of [
      [one, other],
      [other, one],
    ] as const) {
      if (!here.sees.has(there)) {
        here.sees.add(there);
        this.give(here, { type: 'peerUp', node: there.info });
        this.tellQuorum(here);
      }
      if (here.links.has(there)) continue;
      here.links.add(there);
      this.give(here, { type: 'linkOpened', peer: there.info });
    }
  }

  unlink(one: Site, other: Site): void {
    if (!one.links.delete(other)) return;
    other.links.delete(one);
    this.parcels = this.parcels.filter(
      ({ from, to }) => !((from === one && to === other) || (from === other && to === one)),
    );
    this.give(one, { type: 'linkClosed', incarnation: other.info.incarnation });
    this.give(other, { type: 'linkClosed', incarnation: one.info.incarnation });
  }

  /** Nothing passes between the two groups, and each holds the other for failed. */
  split(...groups: readonly (readonly Site[])[]): void {
    for (const group of groups) {
      for (const site of group) {
        for (const other of this.alive) {
          if (group.includes(other) || !groups.some((some) => some.includes(other))) continue;
          this.unlink(site, other);
          this.lose(site, other, false);
        }
      }
    }
  }

  /** Every node alive learns who leads. */
  lead(leader: Site | undefined, token = 1): void {
    for (const site of this.alive)
      this.give(site, { type: 'leader', leader: leader?.info.incarnation, token });
  }

  heal(): void {
    for (const one of this.alive) for (const other of this.alive) if (one !== other) this.meet(one, other);
  }

  crash(site: Site, left = false): void {
    for (const other of site.links) this.unlink(site, other);
    site.alive = false;
    for (const other of this.alive) this.lose(other, site, left);
  }

  give(site: Site, input: StoreInput): void {
    if (!site.alive) return;
    const now = { mono: this.mono, wall: ORIGIN_MS + this.mono + site.skewMs };
    const effects = site.machine.step(input, now);
    site.machine.check();
    for (const effect of effects) {
      if (effect.type === 'send') for (const to of effect.to) this.post(site, to, effect.message);
      else {
        site.effects.push(effect);
        if (effect.type === 'acked') site.results.set(effect.id, 'acked');
        if (effect.type === 'failed') site.results.set(effect.id, effect.code);
      }
    }
    site.due = site.machine.nextDeadline();
  }

  set(site: Site, key: string, text: string, ack: AckLevel = 'quorum', ttlMs = 0): number {
    const id = this.nextId++;
    this.give(site, { type: 'write', id, key, value: bytes(text), ttlMs, ack });
    return id;
  }

  delete(site: Site, key: string, ack: AckLevel = 'quorum'): number {
    const id = this.nextId++;
    this.give(site, { type: 'delete', id, key, ack });
    return id;
  }

  ask(site: Site, input: (id: number) => StoreInput): number {
    const id = this.nextId++;
    this.give(site, input(id));
    return id;
  }

  get(site: Site, key: string): string | undefined {
    const entry = site.machine.lookup(key);
    const lapsed =
      entry !== undefined && entry.expiresAt !== 0 && entry.expiresAt <= ORIGIN_MS + this.mono + site.skewMs;
    return entry === undefined || lapsed ? undefined : textOf(entry.value);
  }

  content(site: Site): Record<string, string> {
    const wall = ORIGIN_MS + this.mono + site.skewMs;
    return Object.fromEntries(contentOf(site.machine, wall).map(([key, value]) => [key, textOf(value)]));
  }

  changes(site: Site, key?: string): StoreChange[] {
    return site.effects.flatMap((effect) =>
      effect.type === 'change' && (key === undefined || effect.change.key === key) ? effect.change : [],
    );
  }

  /** What a listener that notes every change believes; throws when a change does not follow from the one before (S6). */
  heard(site: Site): Record<string, string> {
    const content: Record<string, string> = {};
    for (const change of this.changes(site)) {
      const previous = change.previous === undefined ? undefined : textOf(change.previous);
      if (previous !== content[change.key])
        throw new Error(`${site.info.name} was told wrongly of ${change.key}`);
      if (change.type === 'written') content[change.key] = textOf(change.value);
      else delete content[change.key];
    }
    return content;
  }

  /** Whether a node became ready, and with the whole store (S7). */
  readiness(site: Site): boolean[] {
    return site.effects.flatMap((effect) => (effect.type === 'ready' ? effect.isComplete : []));
  }

  /** Lets virtual time pass. */
  run(ms: number): void {
    const end = this.mono + ms;
    for (let guard = 0; ; guard++) {
      if (guard > 2_000_000) throw new Error('the fleet never comes to rest');
      this.parcels.sort((one, other) => one.at - other.at || one.order - other.order);
      const arrival = this.parcels[0]?.at ?? Infinity;
      const due = Math.min(Infinity, ...this.alive.map((site) => site.due));
      const next = Math.max(this.mono, Math.min(arrival, due));
      if (next > end) break;
      this.mono = next;
      if (due <= next && due <= arrival) {
        for (const site of this.alive) if (site.due <= next) this.give(site, { type: 'tick' });
        continue;
      }
      const parcel = this.parcels.shift();
      if (parcel === undefined || !parcel.to.links.has(parcel.from)) continue;
      const arrives = this.letThrough(parcel.message, parcel.from, parcel.to);
      if (arrives && parcel.to.links.has(parcel.from)) {
        this.give(parcel.to, {
          type: 'message',
          from: parcel.from.info.incarnation,
          message: parcel.message,
        });
      }
    }
    this.mono = end;
  }

  private lose(site: Site, other: Site, left: boolean): void {
    if (!site.sees.delete(other)) return;
    this.give(site, { type: 'peerDown', node: other.info, left });
    this.tellQuorum(site);
  }

  private tellQuorum(site: Site): void {
    const { size = 1 } = this.settings;
    const { voters } = site;
    const needed = Math.floor((voters?.length ?? size) / 2) + 1;
    const up = [site, ...site.sees].filter(({ info }) => voters?.includes(info.name) ?? true).length;
    this.give(site, { type: 'quorum', needed, up });
  }

  private post(from: Site, incarnation: Incarnation, message: StoreMessage): void {
    const to = this.sites.find(({ info }) => info.incarnation === incarnation);
    if (to === undefined || !from.links.has(to)) return;
    this.sent++;
    if (this.random() < this.weather.loss) return;
    const copies = this.random() < this.weather.repeat ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const way = `${from.info.name}>${to.info.name}`;
      const soon = this.mono + this.weather.delayMs(from, to);
      const at = this.weather.disorder ? soon : Math.max(soon, this.lastArrival.get(way) ?? 0);
      this.lastArrival.set(way, at);
      this.parcels.push({ at, order: this.order++, from, to, message: copyOf(message) });
    }
  }
}

/** As if it had travelled: nothing is shared with who sent it. */
function copyOf<T>(part: T): T;
function copyOf(part: unknown): unknown {
  if (part instanceof Uint8Array) return part.slice();
  if (Array.isArray(part)) return part.map((item: unknown) => copyOf(item));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([name, item]) => [name, copyOf(item)]));
}
