/**
 * A town of membership machines in virtual time: links like TCP (or, on wish, frames that are lost, repeated and overtake each
 * other), dials, crashes, cuts and pauses, all from one seed.
 */
import type { Input } from '../machine.js';
import type { Message } from '../message.js';
import type { Address, Incarnation, NodeInfo, NodeName } from '../node.js';
import { MEMBERSHIP_DEFAULTS, type MembershipOptions } from '../options.js';
import { seededRandom, type Random } from '../random.js';
import { Agenda } from './agenda.js';
import { Dweller } from './dweller.fixture.js';

export interface TownOptions {
  readonly seed?: number;
  readonly options?: Partial<MembershipOptions>;
  /** Part of the frames that are lost. */
  readonly loss?: number;
  /** Lost frames stay lost, some come twice, and they overtake each other. */
  readonly datagrams?: boolean;
}

export class Town {
  now = 1_000;
  readonly dwellers: Dweller[] = [];
  loss: number;
  private readonly agenda = new Agenda();
  private readonly random: Random;
  private readonly byIncarnation = new Map<Incarnation, Dweller>();
  private readonly cuts = new Set<string>();
  private readonly frames = new Map<string, number>();
  private readonly deaf = new Set<string>();
  private readonly options: MembershipOptions;
  private born = 0;

  constructor(private readonly settings: TownOptions = {}) {
    this.random = seededRandom(settings.seed ?? 1);
    this.loss = settings.loss ?? 0;
    this.options = { ...MEMBERSHIP_DEFAULTS, ...settings.options };
  }

  /** A process starts; it knows the address of everybody who lives, unless told otherwise. */
  add(
    name: string,
    place: { address?: string; contacts?: readonly Dweller[]; startedAt?: number } = {},
  ): Dweller {
    this.born++;
    const incarnation = (this.born.toString(16).padStart(8, '0') + name.padEnd(24, '_')).slice(0, 32);
    const info: NodeInfo = {
      name: name as NodeName,
      incarnation: incarnation as Incarnation,
      address: (place.address ?? `${name}-${this.born}:1`) as Address,
      dataPort: 0,
      startedAt: place.startedAt ?? this.now,
      priority: 0,
    };
    const dweller = new Dweller(info, this.options, seededRandom(Math.floor(this.random() * 2 ** 32)));
    const contacts = place.contacts ?? this.dwellers.filter((other) => other.isAlive);
    this.dwellers.push(dweller);
    this.byIncarnation.set(info.incarnation, dweller);
    this.give(dweller, { type: 'start' });
    this.give(dweller, { type: 'contacts', addresses: contacts.map((other) => other.info.address) });
    return dweller;
  }

  /** That many nodes named a, b, c, …, who all see each other. */
  settle(count: number): Dweller[] {
    const nodes = Array.from({ length: count }, (_, index) => this.add(String.fromCodePoint(97 + index)));
    this.until(
      () => nodes.every((node) => node.up().length === count && node.links.size === count - 1),
      20_000,
    );
    this.run(3_000);
    for (const node of nodes) {
      node.events.length = 0;
      node.sent.clear();
    }
    return nodes;
  }

  run(ms: number): void {
    const end = this.now + ms;
    while (this.agenda.next() <= end) {
      this.now = Math.max(this.now, this.agenda.next());
      this.agenda.ringDue(this.now);
    }
    this.now = end;
  }

  /** Runs until it holds; the time that took. Fails after `withinMs`. */
  until(holds: () => boolean, withinMs: number): number {
    const start = this.now;
    while (!holds()) {
      if (this.now - start > withinMs)
        throw new Error(`did not come true within ${withinMs} ms\n${this.describe()}`);
      this.run(1);
    }
    return this.now - start;
  }

  describe(): string {
    const lines = this.dwellers
      .filter(({ isAlive }) => isAlive)
      .map((node) => {
        const members = node.machine
          .members()
          .map(({ node: { name }, status, seen }) => `${name}:${status}${seen ? '' : '?'}`);
        return `${node.info.incarnation.slice(0, 9)} ${members.join(' ')}`;
      });
    return lines.join('\n');
  }

  /** The process is killed; its kernel closes its links, and refuses from then on. */
  kill(node: Dweller): void {
    node.isAlive = false;
    for (const other of node.links) this.close(node, other);
  }

  /** Host and all: nothing comes back any more. */
  vanish(node: Dweller): void {
    node.isAlive = false;
    node.hasHost = false;
  }

  leave(node: Dweller): void {
    this.give(node, { type: 'leave' });
    this.agenda.at(this.now + 5, () => this.kill(node));
  }

  pause(node: Dweller, ms: number): void {
    node.isPaused = true;
    this.agenda.at(this.now + ms, () => this.resume(node));
  }

  /** Nothing passes between the two groups, or only in one direction. */
  cut(from: readonly Dweller[], to: readonly Dweller[], oneWay = false): void {
    for (const one of from) {
      for (const other of to) {
        this.cuts.add(this.way(one, other));
        if (!oneWay) this.cuts.add(this.way(other, one));
      }
    }
  }

  heal(): void {
    this.cuts.clear();
  }

  isDeaf(from: Dweller, to: Dweller): boolean {
    return this.deaf.has(this.way(from, to));
  }

  /** The link that is there carries nothing that way any more; a new one does. */
  deaden(from: Dweller, to: Dweller): void {
    this.deaf.add(this.way(from, to));
  }

  give(node: Dweller, input: Input): void {
    if (!node.isAlive) return;
    if (node.isPaused) {
      if (input.type !== 'tick') node.waiting.push(input);
      return;
    }
    const effects = node.machine.step(input, { mono: this.now, wall: this.now + node.wallOffset });
    node.follow();
    for (const effect of effects) {
      if (effect.type === 'send') this.post(node, effect.to, effect.message);
      else if (effect.type === 'dial') this.dial(node, effect.address);
      else if (effect.type === 'redial') this.redial(node, effect.incarnation);
      else if (effect.type === 'hangUp') this.hangUp(node, effect.incarnation);
      else if (effect.type === 'event') node.events.push({ at: this.now, event: effect.event });
      else if (effect.type === 'probed') node.probed.push(effect.roundTripMs);
    }
    this.setTick(node);
  }

  private setTick(node: Dweller): void {
    const deadline = node.machine.nextDeadline();
    if (deadline === node.tickAt || deadline === Infinity) return;
    node.tickAt = deadline;
    this.agenda.at(Math.max(deadline, this.now), () => {
      if (node.tickAt !== deadline) return;
      node.tickAt = Infinity;
      this.give(node, { type: 'tick' });
    });
  }

  private resume(node: Dweller): void {
    node.isPaused = false;
    // A timer may come before what waits in the sockets.
    this.give(node, { type: 'tick' });
    for (const input of node.waiting.splice(0)) this.give(node, input);
  }

  private way(from: Dweller, to: Dweller): string {
    return `${from.info.incarnation}>${to.info.incarnation}`;
  }

  private passes(from: Dweller, to: Dweller): boolean {
    return to.hasHost && from.hasHost && !this.cuts.has(this.way(from, to));
  }

  private linkedTo(from: Dweller, incarnation: Incarnation): Dweller | undefined {
    const to = this.byIncarnation.get(incarnation);
    return to && from.links.has(to) ? to : undefined;
  }

  private latency(): number {
    return 0.1 + this.random() * 0.9;
  }

  private post(from: Dweller, incarnation: Incarnation, message: Message): void {
    from.sent.set(message.type, (from.sent.get(message.type) ?? 0) + 1);
    const to = this.linkedTo(from, incarnation);
    if (!to) return;
    const deliver = (at: number) =>
      this.agenda.at(at, () => {
        if (from.links.has(to)) this.give(to, { type: 'message', from: from.info.incarnation, message });
      });
    if (this.settings.datagrams) {
      if (!this.passes(from, to)) return;
      if (this.random() >= this.loss) deliver(this.now + this.latency() * 20);
      if (this.random() < 0.05) deliver(this.now + this.latency() * 400);
      return;
    }
    const arrives = this.ordered(from, to, this.sendAgain(from, to));
    if (arrives < Infinity) deliver(arrives);
  }

  /** TCP: what is lost is sent again after 200 ms, then twice as long, and so on. */
  private sendAgain(from: Dweller, to: Dweller): number {
    let at = this.now;
    for (let waitMs = 200; this.random() < this.loss; waitMs *= 2) at += waitMs;
    return this.passes(from, to) && !this.deaf.has(this.way(from, to)) ? at + this.latency() : Infinity;
  }

  private ordered(from: Dweller, to: Dweller, at: number): number {
    const way = this.way(from, to);
    const arrives = Math.max(at, (this.frames.get(way) ?? 0) + 0.001);
    // A cut that lasts breaks the stream for good: what was sent into it is not delivered here.
    if (arrives < Infinity) this.frames.set(way, arrives);
    return arrives;
  }

  private dial(from: Dweller, address: Address): void {
    const arrives = this.now + this.latency() * 2;
    this.agenda.at(arrives, () => this.arrive(from, address));
  }

  private arrive(from: Dweller, address: Address): void {
    const there = this.dwellers.filter((other) => other.info.address === address);
    const to = there.find((other) => other.isAlive) ?? there.at(-1);
    const fail = (refused: boolean, afterMs: number) =>
      void this.agenda.at(this.now + afterMs, () =>
        this.give(from, { type: 'dialFailed', address, refused }),
      );
    if (!to) return fail(true, 0.5);
    if (!this.passes(from, to) || !this.passes(to, from)) return fail(false, 1_000);
    if (to === from) return fail(false, 0.1);
    if (!to.isAlive) return fail(true, 0.5);
    if (!from.isAlive || from.links.has(to)) return;
    if (to.isPaused || from.isPaused) return fail(false, 1_000);
    from.links.add(to);
    to.links.add(from);
    for (const way of [this.way(from, to), this.way(to, from)]) {
      this.frames.set(way, this.now);
      this.deaf.delete(way);
    }
    this.give(from, { type: 'linkOpened', peer: to.info });
    this.give(to, { type: 'linkOpened', peer: from.info });
  }

  private hangUp(from: Dweller, incarnation: Incarnation): void {
    const to = this.linkedTo(from, incarnation);
    if (!to) return;
    const slowest = this.settings.datagrams ? this.now + 20 : (this.frames.get(this.way(from, to)) ?? 0);
    const flushed = Math.max(this.now, slowest) + 0.01;
    this.agenda.at(flushed, () => this.close(from, to));
  }

  /** Where both ways are open, a new link takes the place of the one that is doubted. */
  private redial(from: Dweller, incarnation: Incarnation): void {
    const to = this.linkedTo(from, incarnation);
    if (!to?.isAlive || !this.passes(from, to) || !this.passes(to, from)) return;
    this.agenda.at(this.now + this.latency() * 2, () => {
      if (!from.links.has(to)) return;
      for (const way of [this.way(from, to), this.way(to, from)]) this.deaf.delete(way);
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.give(one, { type: 'linkClosed', incarnation: other.info.incarnation });
        this.give(one, { type: 'linkOpened', peer: other.info });
      }
    });
  }

  private close(from: Dweller, to: Dweller): void {
    if (!from.links.delete(to)) return;
    to.links.delete(from);
    if (from.isAlive) this.give(from, { type: 'linkClosed', incarnation: to.info.incarnation });
    if (!this.passes(from, to)) return;
    this.agenda.at(this.now + this.latency(), () => {
      if (!to.links.has(from)) this.give(to, { type: 'linkClosed', incarnation: from.info.incarnation });
    });
  }
}
