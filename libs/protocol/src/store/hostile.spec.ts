/**
 * One node has the secret and says what is not so. Once it is gone, the others are whole again without a restart.
 */
import { bytes, Fleet, type Site } from './fleet.fixture.js';
import type { Decree, MessageOf, StoreMessage } from './message.js';
import { choose, keep } from './partitions/partitions.fixture.js';
import type { Replica } from './state/entry.js';

const MAX = Number.MAX_SAFE_INTEGER;

const replicaOf = ({ info: { name, incarnation } }: Site, generation = 0): Replica => ({
  name,
  incarnation,
  generation,
});

class Stage {
  readonly fleet = Fleet.ready(4, { size: 3 });
  readonly honest = this.fleet.sites.slice(0, 3);
  readonly liar = this.fleet.at(3);

  constructor() {
    this.fleet.lead(this.fleet.at(0));
    this.fleet.set(this.fleet.at(0), 'base', 'b');
    this.fleet.run(1_500);
  }

  says(to: Site, message: StoreMessage): void {
    this.fleet.give(to, { type: 'message', from: this.liar.info.incarnation, message });
  }

  saysToAll(message: StoreMessage): void {
    for (const site of this.honest) this.says(site, message);
    this.fleet.run(100);
  }

  /** Claims to know something, and answers whoever asks for it. */
  lures(answer: (pull: MessageOf<'pull'>) => StoreMessage): void {
    const { fleet, liar } = this;
    fleet.letThrough = (message, from, to) => {
      if (to !== liar || message.type !== 'pull') return true;
      this.says(from, answer(message));
      return false;
    };
    for (const site of this.honest)
      this.says(site, {
        type: 'clock',
        replicas: [replicaOf(liar)],
        clock: [{ origin: 0, counter: 7 }],
        ahead: 0,
        phase: 'ready',
        meets: [],
        side: replicaOf(liar),
        apart: [],
        decrees: [],
        recovery: 'automatic',
        recoveryTime: 0,
        reply: false,
      });
    fleet.run(2_000);
  }

  leaves(): void {
    this.fleet.letThrough = () => true;
    this.fleet.crash(this.liar, true);
    this.fleet.run(20_000);
  }

  expectWhole(): void {
    const { fleet, honest } = this;
    const ids = honest.map((site) => fleet.set(site, `by ${site.info.name}`, 'x'));
    fleet.run(3_000);
    for (const [at, site] of honest.entries()) {
      expect(site.results.get(ids[at] ?? -1)).toBe('acked');
      expect(fleet.content(site)).toEqual(fleet.content(fleet.at(0)));
      expect(fleet.heard(site)).toEqual(fleet.content(site));
      for (const { info } of honest) expect(fleet.get(site, `by ${info.name}`)).toBe('x');
      expect(site.machine.status().replicas).toEqual({ all: 2, inSync: 2 });
    }
    const { sent } = fleet;
    fleet.run(5_000);
    expect(fleet.sent - sent).toBeLessThan(60);
  }

  /** Two sides, of which one is kept. */
  expectChoice(): void {
    const { fleet, honest } = this;
    const [n0, n1, n2] = honest as [Site, Site, Site];
    fleet.give(n1, { type: 'recovery', mode: 'manual' });
    fleet.run(1_000);
    fleet.split([n0, n1], [n2]);
    fleet.set(n2, 'void', 'v', 'local');
    fleet.run(3_000);
    fleet.heal();
    fleet.lead(n0, 2);
    fleet.run(2_000);
    const id = choose(fleet, n2, n0, keep(n0));
    fleet.run(10_000);
    expect(n2.results.get(id ?? -1)).toBe('acked');
    for (const site of honest) expect(fleet.get(site, 'void')).toBeUndefined();
  }
}

const decreeOf = (id: string, token: number, kind: 'merge' | 'keep', liar: Site): Decree => ({
  id,
  token,
  partition: 'p',
  choice: kind === 'merge' ? { kind } : { kind, side: liar.info.incarnation },
  sides: [[], [replicaOf(liar)]],
  voided: [],
});

describe('once a node that lied is gone (W7)', () => {
  it.each(['survey', 'propose'] as const)(
    'a choice is decided, although a %s of it had the highest token',
    (type) => {
      const stage = new Stage();
      const decree = decreeOf('x', MAX, 'merge', stage.liar);
      stage.saysToAll(type === 'survey' ? { type, token: MAX } : { type, token: MAX, decree });
      stage.leaves();
      expect(() => stage.expectWhole()).not.toThrow();
      expect(() => stage.expectChoice()).not.toThrow();
    },
  );

  it('another mode can be chosen, although it had chosen one with the latest time', () => {
    const stage = new Stage();
    stage.saysToAll({ type: 'recovery', mode: 'manual', time: MAX });
    stage.leaves();
    stage.fleet.give(stage.fleet.at(1), { type: 'recovery', mode: 'automatic' });
    stage.fleet.run(1_000);
    for (const { machine } of stage.honest) expect(machine.status().recovery).toBe('automatic');
    expect(() => stage.expectWhole()).not.toThrow();
  });

  it.each(['recent', 'chunk'] as const)(
    'nobody has the writes that it sent in a %s and did not know',
    (type) => {
      const stage = new Stage();
      const replicas = [replicaOf(stage.liar), replicaOf(stage.fleet.at(1))];
      const sibling = { origin: 1, counter: 500, value: bytes('f'), time: 1, expiresAt: 0 };
      const states = [{ key: 'forged', siblings: [sibling] }];
      const clock = [{ origin: 0, counter: 7 }];
      const part = { states, dots: null, beyond: undefined, isLast: true };
      const parts = [1, 2, 3].map((bucket) => ({ bucket, ...part }));
      stage.lures(({ session }) =>
        type === 'recent'
          ? { type, session, seq: 0, replicas, states, clock }
          : { type, session, seq: 0, replicas, clock, parts, isLast: true },
      );
      stage.leaves();
      for (const site of stage.honest) expect(stage.fleet.get(site, 'forged')).toBeUndefined();
      stage.expectWhole();
    },
  );

  it('nothing is left of a write that it sent in the wrong bucket of a broken transfer', () => {
    const stage = new Stage();
    const sibling = { origin: 0, counter: 7, value: bytes('f'), time: 1, expiresAt: 0 };
    const states = [{ key: 'forged', siblings: [sibling] }];
    const part = { states, dots: null, beyond: undefined, isLast: true };
    const parts = [1, 2, 3].map((bucket) => ({ bucket, ...part }));
    const [replicas, clock] = [[replicaOf(stage.liar)], [{ origin: 0, counter: 7 }]];
    stage.lures(({ session }) => ({ type: 'chunk', session, seq: 0, replicas, clock, parts, isLast: false }));
    stage.leaves();
    expect(() => stage.expectWhole()).not.toThrow();
  });

  it('merges that it made up do not circulate, although they are more than are remembered', () => {
    const stage = new Stage();
    for (let number = 0; number < 300; number++)
      stage.saysToAll({ type: 'decree', decree: decreeOf(`1-${1000 + number}`, 1, 'merge', stage.liar) });
    stage.leaves();
    expect(() => stage.expectWhole()).not.toThrow();
    expect(() => stage.expectChoice()).not.toThrow();
  });

  it('a choice is decided, although it had made up more decrees than are remembered', () => {
    const stage = new Stage();
    for (let number = 0; number < 70; number++)
      stage.saysToAll({ type: 'decree', decree: decreeOf(`x-${1000 + number}`, MAX, 'keep', stage.liar) });
    stage.leaves();
    expect(() => stage.expectWhole()).not.toThrow();
    expect(() => stage.expectChoice()).not.toThrow();
  });

  it('all replicate with each other, although it had told a merge and a keep of the same id', () => {
    const stage = new Stage();
    for (const [at, site] of stage.honest.entries())
      stage.says(site, {
        type: 'decree',
        decree: decreeOf('1-7', 1, at === 0 ? 'merge' : 'keep', stage.liar),
      });
    stage.leaves();
    expect(() => stage.expectWhole()).not.toThrow();
    expect(() => stage.expectChoice()).not.toThrow();
  });

  /** The highest counter that a node believes. */
  const highest = (stage: Stage): number =>
    (1_700_000_000_000 + stage.fleet.mono + 100 * 365.25 * 86_400_000) * 1_000;

  it.each<[string, (stage: Stage) => number]>([
    ['a few', () => 40],
    ['as many as are believed', highest],
    ['more than there can be', () => MAX],
  ])('writes of a node are held, although it had claimed that this node wrote more: %s', (_how, count) => {
    const stage = new Stage();
    const replicas = [replicaOf(stage.liar), ...stage.honest.map((site) => replicaOf(site))];
    const clock = replicas.map((_, origin) => ({ origin, counter: origin === 0 ? 7 : count(stage) }));
    stage.lures(({ session }) => ({ type: 'recent', session, seq: 0, replicas, states: [], clock }));
    stage.leaves();
    expect(() => stage.expectWhole()).not.toThrow();
  });

  it('writes are held, although it had claimed that of buckets', () => {
    const stage = new Stage();
    const replicas = [replicaOf(stage.liar), ...stage.honest.map((site) => replicaOf(site))];
    const beyond = replicas.flatMap((_, origin) => (origin === 0 ? [] : [origin, highest(stage)]));
    const parts = [1, 2, 3].map((bucket) => ({ bucket, states: [], dots: null, beyond, isLast: true }));
    const clock = [{ origin: 0, counter: 7 }];
    stage.lures(({ session }) => ({ type: 'chunk', session, seq: 0, replicas, clock, parts, isLast: false }));
    stage.leaves();
    expect(() => stage.expectWhole()).not.toThrow();
  });
});
