import type { Incarnation } from '@nest-cluster/protocol';
import type { Surroundings } from '../../ports/surroundings.js';
import { LinkWatch, SILENT_MS } from './link-watch.js';

const peer = 'peer' as Incarnation;

describe('the watch over links', () => {
  let now: number;
  let look: () => void;
  let dead: Incarnation[];
  let watch: LinkWatch;

  beforeEach(() => {
    now = 0;
    dead = [];
    const around = {
      mono: () => now,
      every: (_ms: number, act: () => void) => {
        look = act;
        return () => undefined;
      },
    };
    watch = new LinkWatch(around as Surroundings, (incarnation) => dead.push(incarnation));
    watch.start();
    watch.heard(peer);
  });

  const pass = (ms: number, stepMs = 500): void => {
    for (const end = now + ms; now < end;) {
      now += stepMs;
      look();
    }
  };

  it('tells of a link that has brought nothing for 4 s, and again after as long', () => {
    pass(SILENT_MS - 500);
    expect(dead).toEqual([]);
    pass(500);
    expect(dead).toEqual([peer]);
    pass(SILENT_MS);
    expect(dead).toEqual([peer, peer]);
  });

  it('keeps a link that brings something, and one that has closed', () => {
    for (let round = 0; round < 10; round++) {
      pass(2_500);
      watch.heard(peer);
    }
    watch.closed(peer);
    pass(10_000);
    expect(dead).toEqual([]);
  });

  it('keeps the link of a peer whose application is blocked, and for a while after that', () => {
    watch.excuse(peer, true);
    pass(20_000);
    watch.excuse(peer, false);
    pass(SILENT_MS - 500);
    expect(dead).toEqual([]);
    pass(500);
    expect(dead).toEqual([peer]);
  });

  it('ends no link because this process itself was blocked', () => {
    pass(10_000, 10_000);
    expect(dead).toEqual([]);
  });
});
