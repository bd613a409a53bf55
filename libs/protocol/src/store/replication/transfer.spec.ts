import { Fleet, type Site } from '../fleet.fixture.js';
import type { StoreMessage } from '../message.js';
import type { StoreOptions } from '../options.js';
import { bucketOf } from '../state/key-map.js';

/** Two nodes, of which the second has taken some of the first one's 30 keys, and gets no new writes meanwhile. */
function halfCopied(options: Partial<StoreOptions>): { fleet: Fleet; a: Site; b: Site } {
  const fleet = Fleet.ready(2, { options: { batchBytesMax: 4, ...options } });
  const [a, b] = [fleet.at(0), fleet.at(1)];
  fleet.split([a], [b]);
  for (let at = 10; at < 40; at++) fleet.set(a, `k${at}`, 'v', 'local');
  fleet.heal();
  fleet.run(20);
  expect(b.machine.size).toBeLessThan(20);
  fleet.give(a, { type: 'congested', incarnation: b.info.incarnation });
  return { fleet, a, b };
}

describe('a copy while writes go on (S7, S8)', () => {
  it('sends a key that changes before its turn as it is then', () => {
    const { fleet, a, b } = halfCopied({});
    fleet.set(a, 'k39', 'new', 'local');
    while (b.machine.size < 29) fleet.run(1);
    fleet.run(6);
    expect(fleet.get(b, 'k39')).toBe('new');
  });

  it('misses no key when the log runs full during a copy', () => {
    const { fleet, a, b } = halfCopied({ logMax: 30 });
    for (let at = 10; at < 90; at++) fleet.set(a, `new${at}`, 'v', 'local');
    fleet.run(1_500);
    fleet.give(a, { type: 'drained', incarnation: b.info.incarnation });
    fleet.run(2_000);
    expect(fleet.content(b)).toEqual(fleet.content(a));
    expect(b.machine.size).toBe(110);
  });

  it('reads through the store when the logs do not reach back', () => {
    const fleet = Fleet.ready(2, { options: { logMax: 100 } });
    fleet.split([fleet.at(0)], [fleet.at(1)]);
    for (let at = 0; at < 1_000; at++) fleet.set(fleet.at(0), `k${at}`, 'v', 'local');
    fleet.delete(fleet.at(0), 'k1', 'local');
    fleet.heal();
    fleet.run(500);
    expect(fleet.at(1).machine.size).toBe(999);
  });
});

/** Keys of one bucket, so that a transfer has to split it. */
const CROWDED: readonly string[] = (() => {
  const keys: string[] = [];
  for (let at = 0; keys.length < 6; at++) if (bucketOf(`c${at}`) === 5) keys.push(`c${at}`);
  return keys;
})();

type Kind = 'recent' | 'digests' | 'blank';

interface Play {
  readonly fleet: Fleet;
  readonly a: Site;
  readonly b: Site;
  /** Whom the others bring up to date. */
  readonly taker: Site;
}

/**
 * Two nodes have a store, and a third one is about to meet them: it missed a little, or more than the logs remember, or has
 * nothing at all. Each part of the transfer carries a key or two.
 */
function before(kind: Kind, seed = 1): Play {
  const options = kind === 'recent' ? { batchBytesMax: 6 } : { batchBytesMax: 6, logMax: 4, recentMax: 4 };
  const fleet = Fleet.ready(3, { seed, options, size: 3 });
  const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
  const keys = [...CROWDED, ...Array.from({ length: 4 }, (_, at) => `k${at}`)];
  for (const key of keys) fleet.set(a, key, 'v', 'local');
  fleet.run(2_000);
  fleet.split([a, b], [c]);
  for (const key of keys.slice(0, 4)) fleet.set(b, key, 'new', 'local');
  fleet.run(10);
  for (const key of keys.slice(4, 7)) fleet.delete(a, key, 'local');
  fleet.set(a, 'added', 'v', 'local');
  if (kind !== 'blank') {
    fleet.set(c, keys[0] ?? '', 'of the third', 'local');
    fleet.set(c, keys[4] ?? '', 'of the third', 'local');
    fleet.delete(c, 'k3', 'local');
    fleet.set(c, 'own', 'v', 'local');
  }
  fleet.run(2_000);
  if (kind !== 'blank') return { fleet, a, b, taker: c };
  fleet.crash(c);
  return { fleet, a, b, taker: fleet.start('n3', []) };
}

const isPart = ({ type }: StoreMessage): boolean =>
  type === 'recent' || type === 'digests' || type === 'chunk';

/** Everybody has the same, was told of it, and is ready. */
function expectEqual(fleet: Fleet): void {
  for (const site of fleet.alive) {
    expect(site.machine.status().ready).toBe(true);
    expect(fleet.content(site)).toEqual(fleet.content(fleet.alive[0] as Site));
    expect(fleet.heard(site)).toEqual(fleet.content(site));
  }
}

describe.each<Kind>(['recent', 'digests', 'blank'])('a transfer of kind %s', (kind) => {
  /** What has to be there in the end. */
  const expected = (): Record<string, string> => {
    const { fleet, a } = before(kind);
    fleet.heal();
    fleet.run(5_000);
    expectEqual(fleet);
    return fleet.content(a);
  };

  it('brings what was written and deleted, keeps what the taker wrote itself, and takes many parts', () => {
    const { fleet, a, taker } = before(kind);
    const kinds = new Set<string>();
    let parts = 0;
    fleet.letThrough = (message, _from, to) => {
      if (to === taker && isPart(message)) {
        parts++;
        kinds.add(message.type);
      }
      return true;
    };
    fleet.heal();
    fleet.run(5_000);
    expectEqual(fleet);
    expect(parts).toBeGreaterThan(3);
    const types = { recent: ['recent'], digests: ['digests', 'chunk'], blank: ['chunk'] }[kind];
    for (const type of types) expect(kinds).toContain(type);
    const [first = '', , , , deleted = '', gone = ''] = CROWDED;
    const content = fleet.content(a);
    expect(content).toMatchObject({ added: 'v', [first]: kind === 'blank' ? 'new' : 'of the third' });
    expect(content[gone]).toBeUndefined();
    expect(content[deleted]).toBe(kind === 'blank' ? undefined : 'of the third');
    expect(content['k3']).toBe(kind === 'blank' ? 'v' : undefined);
  });

  it.each<[string, (play: Play, from: Site) => void]>([
    ['the link closes', ({ fleet, taker }, from) => fleet.unlink(from, taker)],
    ['the sender dies', ({ fleet }, from) => fleet.crash(from)],
    [
      'the sides part again',
      ({ fleet, taker }) =>
        fleet.split(
          [taker],
          fleet.alive.filter((site) => site !== taker),
        ),
    ],
    ['the message is lost', () => undefined],
  ])('may break off at any part when %s, and goes on with anybody (I1, S7)', (_, cut) => {
    const content = expected();
    for (let at = 0, isOver = false; !isOver; at++) {
      const play = before(kind);
      const { fleet, taker } = play;
      let parts = 0;
      fleet.letThrough = (message, from, to) => {
        if (to !== taker || !isPart(message) || parts++ !== at) return true;
        cut(play, from);
        return false;
      };
      fleet.heal();
      fleet.run(700);
      isOver = parts <= at;
      fleet.heal();
      fleet.run(12_000);
      expectEqual(fleet);
      expect(fleet.content(taker)).toEqual(content);
    }
  });

  it('may break off at any part, with another node that then goes on from the half of it (I1, I3)', () => {
    for (let at = 0, isOver = false; !isOver; at++) {
      const play = before(kind);
      const { fleet, a, b, taker } = play;
      let parts = 0;
      fleet.letThrough = (message, from, to) => {
        if (to !== taker || !isPart(message) || parts++ !== at) return true;
        fleet.unlink(from, taker);
        return false;
      };
      fleet.meet(a, taker);
      fleet.run(50);
      isOver = parts <= at;
      fleet.letThrough = () => true;
      fleet.delete(b, 'added', 'local');
      fleet.run(10);
      fleet.crash(a);
      fleet.meet(b, taker);
      fleet.run(8_000);
      expectEqual(fleet);
      expect(fleet.get(taker, 'added')).toBeUndefined();
    }
  });

  it('misses nothing that is written or deleted at either end while any part is under way (S7)', () => {
    const targets = [...CROWDED.slice(0, 5), 'k0', 'k3', 'added', 'fresh'];
    for (let at = 0, isOver = false; !isOver; at++) {
      const play = before(kind, at + 1);
      const { fleet, a, b, taker } = play;
      let parts = 0;
      fleet.letThrough = (message, _from, to) => {
        if (to !== taker || !isPart(message) || parts++ !== at) return true;
        for (const [number, key] of targets.entries()) {
          const site = [a, b, taker][number % 3] as Site;
          if (!site.machine.status().ready) continue;
          if ((number + at) % 2 === 0) fleet.delete(site, key, 'local');
          else fleet.set(site, key, `during ${at}`, 'local');
        }
        return true;
      };
      fleet.heal();
      fleet.run(6_000);
      isOver = parts <= at;
      expect(taker.machine.status().replicas).toEqual({ all: 2, inSync: 2 });
      expectEqual(fleet);
    }
  });

  it('converges with loss, repeats and disorder, for many seeds (S2)', () => {
    for (let seed = 1; seed <= 15; seed++) {
      const { fleet, a, b, taker } = before(kind, seed);
      Object.assign(fleet.weather, { loss: 0.2, repeat: 0.3, disorder: true });
      fleet.heal();
      for (let at = 0; at < 20; at++) {
        const site = [a, b, taker][at % 3] as Site;
        if (site.machine.status().ready) fleet.set(site, CROWDED[at % 6] ?? '', `w${at}`, 'local');
        if (at % 5 === 0) fleet.delete(a, `k${at % 4}`, 'local');
        fleet.run(60);
      }
      Object.assign(fleet.weather, { loss: 0, repeat: 0, disorder: false });
      fleet.run(12_000);
      expect(taker.machine.status().replicas).toEqual({ all: 2, inSync: 2 });
      expectEqual(fleet);
    }
  });
});

describe('a bucket that is empty at its source', () => {
  it('empties that of the taker, but for what is deleted and written there meanwhile (S4)', () => {
    const fleet = Fleet.ready(2, { options: { batchBytesMax: 6, logMax: 2, recentMax: 2 } });
    const [a, b] = [fleet.at(0), fleet.at(1)];
    for (const key of CROWDED) fleet.set(a, key, 'v', 'local');
    fleet.run(1_000);
    fleet.split([a], [b]);
    for (const key of CROWDED) fleet.delete(a, key, 'local');
    fleet.run(1_000);
    fleet.letThrough = ({ type }, _from, to) => {
      if (type !== 'chunk' || to !== b) return true;
      fleet.letThrough = () => true;
      fleet.delete(b, CROWDED[0] ?? '', 'local');
      fleet.set(b, CROWDED[1] ?? '', 'meanwhile', 'local');
      fleet.set(a, CROWDED[2] ?? '', 'at the source', 'local');
      return true;
    };
    fleet.heal();
    fleet.run(3_000);
    expectEqual(fleet);
    expect(fleet.content(b)).toEqual({
      [CROWDED[1] ?? '']: 'meanwhile',
      [CROWDED[2] ?? '']: 'at the source',
    });
  });

  it('does not revive what is deleted during the copy by a newcomer from a third node (S4)', () => {
    const fleet = Fleet.ready(2, { size: 3, options: { batchBytesMax: 6 } });
    const [a, b] = [fleet.at(0), fleet.at(1)];
    for (const key of CROWDED) fleet.set(a, key, 'v', 'local');
    fleet.run(1_000);
    const late = fleet.start('late', [a]);
    let parts = 0;
    fleet.letThrough = ({ type }, _from, to) => {
      if (type !== 'chunk' || to !== late) return true;
      const key = CROWDED[parts++];
      if (key !== undefined) fleet.delete(b, key, 'local');
      return true;
    };
    fleet.run(20);
    fleet.meet(b, late);
    fleet.run(3_000);
    expectEqual(fleet);
    expect(late.machine.size).toBe(CROWDED.length - Math.min(parts, CROWDED.length));
  });
});

describe('what a transfer costs (S8)', () => {
  it('grows with what differs, and not with what is stored', () => {
    const keysSent = (stored: number, changed: number): number => {
      const fleet = Fleet.ready(2, { options: { logMax: 10, recentMax: 10 } });
      const [a, b] = [fleet.at(0), fleet.at(1)];
      for (let at = 0; at < stored; at++) fleet.set(a, `k${at}`, 'v', 'local');
      fleet.run(2_000);
      fleet.split([a], [b]);
      for (let at = 0; at < changed; at++) fleet.set(a, `k${at}`, 'w', 'local');
      let states = 0;
      fleet.letThrough = (message) => {
        if (message.type === 'chunk') for (const part of message.parts) states += part.states.length;
        return true;
      };
      fleet.heal();
      fleet.run(2_000);
      expect(fleet.content(b)).toEqual(fleet.content(a));
      return states;
    };
    expect(keysSent(1_500, 30)).toBe(30);
    expect(keysSent(300, 30)).toBe(30);
  });

  it('is nothing where clocks are equal', () => {
    const { fleet } = before('digests');
    fleet.heal();
    fleet.run(5_000);
    let pulls = 0;
    fleet.letThrough = ({ type }) => {
      pulls += Number(type === 'pull');
      return true;
    };
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    for (const site of [b, c]) {
      fleet.unlink(a, site);
      fleet.meet(a, site);
    }
    fleet.run(5_000);
    expect(pulls).toBe(0);
  });
});
