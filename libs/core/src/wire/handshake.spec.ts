import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { NodeInfo } from '@nest-cluster/protocol';
import { Handshake, type HandshakeOutcome } from './handshake.js';
import { VERSIONS } from './hello.js';
import { Link } from './link.js';
import { LinkTable } from './link-table.js';

/** A small generator (mulberry32), so that a seed replays a run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One end of a connection whose bytes travel only when the test says so. */
class End extends Duplex {
  other: End | undefined;
  readonly arriving: (Buffer | null)[] = [];
  /** Nothing travels to or from the other end any more, and neither is told. */
  isCut = false;

  constructor() {
    super({ allowHalfOpen: false });
  }

  override _read(): void {
    // Bytes are pushed by `arrive`.
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.travel(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.travel(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.travel(null);
    done(error);
  }

  arrive(): void {
    const next = this.arriving.shift();
    if (next !== undefined && !this.destroyed) this.push(next);
  }

  private travel(what: Buffer | null): void {
    if (!this.isCut) this.other?.arriving.push(what);
  }
}

/** One node: its table, and whatever it reports. */
class Side {
  readonly table: LinkTable;
  readonly log: string[] = [];
  readonly heard: string[] = [];
  readonly node: NodeInfo;
  private readonly ends = new Map<Link, End>();
  private isUp = false;

  constructor(digit: string) {
    this.node = {
      name: digit,
      incarnation: digit.repeat(32),
      address: `${digit}:1`,
      dataPort: 0,
      startedAt: 0,
      priority: 0,
    } as unknown as NodeInfo;
    this.table = new LinkTable({
      opened: () => this.change('up', true),
      closed: () => this.change('down', false),
      frame: (_, frame) => {
        if (!this.isUp) throw new Error('a frame without a link');
        this.heard.push(Buffer.from(frame).toString());
      },
      rejected: (reason, detail) => {
        throw new Error(`${reason}: ${detail}`);
      },
    });
  }

  linkWith(other: Side): Link | undefined {
    return this.table.get(other.node.incarnation);
  }

  /** The live link is over a connection that no longer carries anything. */
  isDeceived(other: Side): boolean {
    const link = this.linkWith(other);
    return link !== undefined && this.ends.get(link)?.isCut === true;
  }

  /** Its time-outs: connections that are cut, and carry no link, end. */
  timeOut(other: Side): void {
    for (const [link, end] of this.ends) if (end.isCut && link !== this.linkWith(other)) end.destroy();
  }

  /** Its probes fail. */
  giveUp(other: Side): void {
    this.linkWith(other)?.destroy();
  }

  shake(end: End, role: 'dialler' | 'listener', settled: (outcome: HandshakeOutcome) => void): void {
    const limits = { frameBytesMax: 1_000_000, backlogBytesMax: 1_000_000 };
    const link = new Link(end as unknown as Socket, limits, { bytesIn: 0, bytesOut: 0 });
    this.ends.set(link, end);
    const context = {
      self: this.node,
      cluster: 'c',
      versions: VERSIONS,
      table: this.table,
      timeoutMs: 600_000,
    };
    new Handshake(link, role, context, settled);
  }

  private change(what: string, isUp: boolean): void {
    if (this.isUp === isUp) throw new Error(`${what} twice in a row: ${this.log.join(' ')}`);
    this.isUp = isUp;
    this.log.push(what);
  }
}

/** Two nodes, and a network that a test plays. */
class Pair {
  readonly a = new Side('a');
  readonly b = new Side('b');
  readonly ends: End[] = [];
  readonly outcomes: HandshakeOutcome[] = [];

  constructor() {
    pairs.push(this);
  }

  dial(from: Side, to: Side): void {
    const [near, far] = [new End(), new End()];
    near.other = far;
    far.other = near;
    this.ends.push(near, far);
    to.shake(far, 'listener', (outcome) => this.outcomes.push(outcome));
    from.shake(near, 'dialler', (outcome) => this.outcomes.push(outcome));
  }

  /** Breaks a connection; each end notices, or does not. */
  cut(near: End, random: () => number): void {
    for (const end of [near, near.other]) {
      if (!end) continue;
      end.isCut = true;
      end.arriving.length = 0;
      if (random() < 0.5) end.destroy();
    }
  }

  async settle(random: () => number): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      await new Promise(setImmediate);
      const ready = this.ends.filter((end) => end.arriving.length > 0 && !end.destroyed);
      const next = ready[Math.floor(random() * ready.length)];
      next?.arrive();
      quiet = next ? 0 : quiet + 1;
    }
  }

  /** Lets every handshake end, as its timers live as long as it does. */
  close(): void {
    for (const end of this.ends) end.destroy();
  }
}

/** Dials, hang-ups and cuts at random, while bytes travel in any order; then peace. */
async function play(seed: number): Promise<Pair> {
  const random = seeded(seed);
  const pair = new Pair();
  const { a, b } = pair;
  for (let step = 0; step < 80; step++) {
    const chance = random();
    const end = pair.ends[Math.floor(random() * pair.ends.length)];
    if (chance < 0.05) pair.dial(a, b);
    else if (chance < 0.1) pair.dial(b, a);
    else if (chance < 0.12 && end) pair.cut(end, random);
    else if (chance < 0.13) a.linkWith(b)?.end();
    else if (chance < 0.14) b.linkWith(a)?.end();
    else if (chance < 0.3) await new Promise(setImmediate);
    else end?.arrive();
  }
  await pair.settle(random);
  return pair;
}

/** What follows when the network is whole again: time-outs, and dials by whoever sees no link, as membership does. */
async function mend(pair: Pair, random: () => number): Promise<void> {
  const { a, b } = pair;
  a.timeOut(b);
  b.timeOut(a);
  // When both hold a dead link, one of them notices first, and the other must learn it from the dial.
  const [first, second] = random() < 0.5 ? [a, b] : [b, a];
  if (first.isDeceived(second) && second.isDeceived(first)) first.giveUp(second);
  await pair.settle(random);
  if (!a.linkWith(b)) pair.dial(a, b);
  if (!b.linkWith(a)) pair.dial(b, a);
  await pair.settle(random);
}

const pairs: Pair[] = [];
afterEach(() => pairs.splice(0).forEach((pair) => pair.close()));

describe('two nodes that dial, hang up and are cut at random', () => {
  it('end with one link that both hold, and reported every change once', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const pair = await play(seed);
      const { a, b } = pair;
      const whole = (): boolean => a.linkWith(b) !== undefined && b.linkWith(a) !== undefined;
      await mend(pair, seeded(seed));
      const numbers = [a.table.numberWith(b.node.incarnation), b.table.numberWith(a.node.incarnation)];
      a.linkWith(b)?.send(Buffer.from('hello b'));
      b.linkWith(a)?.send(Buffer.from('hello a'));
      await pair.settle(seeded(seed));
      expect({ seed, whole: whole(), heard: [a.heard, b.heard], same: numbers[0] === numbers[1] }).toEqual({
        seed,
        whole: true,
        heard: [['hello a'], ['hello b']],
        same: true,
      });
    }
  });

  it('never break a link that works', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const pair = new Pair();
      for (let step = 0; step < 100; step++) {
        if (step < 60 && random() < 0.1) pair.dial(pair.a, pair.b);
        if (step < 60 && random() < 0.1) pair.dial(pair.b, pair.a);
        if (random() < 0.2) await new Promise(setImmediate);
        pair.ends[Math.floor(random() * pair.ends.length)]?.arrive();
      }
      pair.dial(pair.a, pair.b);
      await pair.settle(random);
      expect({ seed, logs: [pair.a.log, pair.b.log] }).toEqual({ seed, logs: [['up'], ['up']] });
      expect(new Set(pair.outcomes.map(({ type }) => type))).toEqual(new Set(['linked']));
    }
  });
});
