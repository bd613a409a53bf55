import type { Address, Incarnation } from '@nest-cluster/protocol';
import { link, linked, Peer, Peers, until } from './peer.fixture.js';
import { Relay } from './relay.fixture.js';
import type { LinkSecurity } from './security.js';
import { createTcpTransport } from './tcp-transport.js';

const peers = new Peers();
afterEach(() => peers.close());

const SECURITIES: LinkSecurity[] = [{ kind: 'plain' }, { kind: 'psk', secrets: ['a secret of the shop'] }];

describe.each(SECURITIES)('links ($kind)', (security) => {
  it.each([
    ['smaller', 'a', 'b'],
    ['larger', 'b', 'a'],
  ])(
    'carry frames whole and in order, both ways; the dialler has the %s incarnation',
    async (_, one, two) => {
      const a = await peers.start({ security, name: 'a', incarnation: one });
      const b = await peers.start({ security, name: 'b', incarnation: two });
      a.onOpened = () => a.say(b, 'first');
      b.onOpened = () => b.say(a, 'first');
      await link(a, b);
      expect(a.linked.get(b.self.incarnation)).toEqual(b.self);

      const texts = Array.from({ length: 1_000 }, (__, index) => `${index} ${'x'.repeat(index * 7)}`);
      for (const text of texts) {
        a.say(b, text);
        b.say(a, text);
      }
      await until('all frames are there', () => a.frames.length === 1_001 && b.frames.length === 1_001);
      expect(a.frames).toEqual(['first', ...texts]);
      expect(b.frames).toEqual(['first', ...texts]);
      expect([a.log, b.log]).toEqual([['up b'], ['up a']]);
      expect([...a.rejections, ...b.rejections, ...a.failures, ...b.failures]).toEqual([]);
    },
  );

  it('count their bytes, and keep the sum when they close', async () => {
    const a = await peers.start({ security, name: 'a' });
    const b = await peers.start({ security, name: 'b' });
    await link(a, b);
    a.say(b, 'x'.repeat(100_000));
    await until('the frame is there', () => b.frames.length === 1);
    const counters = b.transport.counters();
    expect(counters.links).toEqual([
      { incarnation: a.self.incarnation, bytesIn: expect.any(Number), bytesOut: expect.any(Number) },
    ]);
    expect(counters.bytesIn).toBeGreaterThan(100_000);
    expect(counters.links[0]?.bytesIn).toBe(counters.bytesIn);
    a.transport.hangUp(b.self.incarnation);
    await until('b is alone', () => b.linked.size === 0);
    expect(b.transport.counters()).toMatchObject({ bytesIn: counters.bytesIn, links: [] });
  });

  it('flush what was sent before they hang up', async () => {
    const a = await peers.start({ security, name: 'a' });
    const b = await peers.start({ security, name: 'b' });
    await link(a, b);
    const big = 'x'.repeat(1_000_000);
    a.say(b, big);
    a.say(b, 'goodbye');
    a.transport.hangUp(b.self.incarnation);
    a.say(b, 'too late');
    await until('both have closed', () => a.linked.size === 0 && b.linked.size === 0);
    expect(b.frames).toEqual([big, 'goodbye']);
    expect([a.log, b.log]).toEqual([
      ['up b', 'down b'],
      ['up a', 'down a'],
    ]);
  });

  it('report a peer that went away', async () => {
    const a = await peers.start({ security, name: 'a' });
    const b = await peers.start({ security, name: 'b' });
    await link(a, b);
    await b.transport.close();
    await until('a has noticed', () => a.log.includes('down b'));
    a.dial(b);
    await until('the dial has failed', () => a.failures.length === 1);
    expect(a.failures).toEqual([{ address: b.address, failure: 'refused' }]);
  });

  it('are one per pair, whoever dials, however often, and lose nothing', async () => {
    for (let round = 0; round < 10; round++) {
      const a = await peers.start({ security, name: 'a' });
      const b = await peers.start({ security, name: 'b' });
      a.onOpened = () => a.say(b, 'first');
      b.onOpened = () => b.say(a, 'first');
      a.dial(b);
      b.dial(a);
      a.transport.dial(`localhost:${b.port}` as Address);
      await linked(a, b);
      for (let index = 0; index < 50; index++) {
        a.say(b, `${index}`);
        b.say(a, `${index}`);
        if (index % 10 === 0) {
          a.dial(b);
          b.dial(a);
        }
        await new Promise(setImmediate);
      }
      await until('all frames are there', () => a.frames.length === 51 && b.frames.length === 51);
      const inOrder = ['first', ...Array.from({ length: 50 }, (_, index) => `${index}`)];
      expect([a.frames, b.frames]).toEqual([inOrder, inOrder]);
      expect([a.log, b.log]).toEqual([['up b'], ['up a']]);
      expect([...a.rejections, ...b.rejections, ...a.failures, ...b.failures]).toEqual([]);
      expect(a.transport.counters().links).toHaveLength(1);
    }
  });

  it('come back after one side alone has lost them', async () => {
    for (const [one, two] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const a = await peers.start({ security, name: 'a', incarnation: one });
      const relay = await Relay.start(a.port);
      const b = await peers.start({ security, name: 'b', incarnation: two });
      b.transport.dial(relay.address);
      await linked(a, b);
      relay.cutTowardsDialler();
      await until('b has noticed', () => b.linked.size === 0);
      expect(a.isLinkedWith(b)).toBe(true);

      b.dial(a);
      await until('b is linked again', () => b.linked.size === 1);
      b.say(a, 'back');
      await until('a hears b', () => a.frames.includes('back'));
      expect(a.log).toEqual(['up b', 'down b', 'up b']);
      expect(b.log).toEqual(['up a', 'down a', 'up a']);
      await relay.close();
    }
  });
});

describe('dials', () => {
  it.each([
    ['the one that decides', '1', '2'],
    ['the other one', '2', '1'],
  ])(
    'that %s doubts are replaced by a dial, and stay when it brings something first',
    async (_who, mine, theirs) => {
      const one = await peers.start({ name: 'one', incarnation: mine });
      const other = await peers.start({ name: 'other', incarnation: theirs });
      one.dial(other);
      await until('linked', () => one.isLinkedWith(other) && other.isLinkedWith(one));
      one.transport.doubt?.(other.self.incarnation);
      other.say(one, 'still here');
      await until('heard', () => one.frames.length === 1);
      one.dial(other);
      one.transport.doubt?.(other.self.incarnation);
      one.dial(other);
      await until('a new link', () => one.log.length === 3 && other.log.length === 3);
      expect(one.log).toEqual(['up other', 'down other', 'up other']);
      expect(other.log).toEqual(['up one', 'down one', 'up one']);
      one.say(other, 'anew');
      await until('it carries', () => other.frames.includes('anew'));
    },
  );

  it('to oneself are told apart', async () => {
    const a = await peers.start();
    a.dial(a);
    await until('it has failed', () => a.failures.length === 1);
    expect(a.dialFailures).toEqual(['self']);
    expect([a.log, a.rejections]).toEqual([[], []]);
  });

  it('that nobody answers are given up in time, and a second one meanwhile is ignored', async () => {
    const silent = await Relay.start();
    const a = await peers.start({ connectTimeoutMs: 100 });
    a.transport.dial(silent.address);
    a.transport.dial(silent.address);
    await until('it has failed', () => a.failures.length === 1);
    expect(a.dialFailures).toEqual(['unreachable']);
    await silent.close();
  });

  it.each(['nonsense', 'host:0', ':1', '[::1', '', 'no.such.host.invalid:4000'])(
    'to %p are unreachable',
    async (address) => {
      const a = await peers.start();
      a.transport.dial(address as Address);
      await until('it has failed', () => a.failures.length === 1);
      expect(a.failures).toEqual([{ address, failure: 'unreachable' }]);
    },
  );

  it('find names and IPv6 addresses', async () => {
    const a = await peers.start({ host: '::1' }).catch(() => undefined);
    const b = await peers.start({ name: 'b' });
    const c = await peers.start({ name: 'c' });
    b.transport.dial(`localhost:${c.port}` as Address);
    await linked(b, c);
    // Not every machine has IPv6.
    b.transport.dial(a ? (`[::1]:${a.port}` as Address) : c.address);
    await until('b is linked', () => b.linked.size === (a ? 2 : 1));
    expect(b.failures).toEqual([]);
  });

  it('are refused with a reason by a full node', async () => {
    const a = await peers.start({ name: 'a', linksMax: 1 });
    const [b, c] = [await peers.start({ name: 'b' }), await peers.start({ name: 'c' })];
    await link(b, a);
    c.dial(a);
    await until('c was turned away', () => c.failures.length === 1);
    expect(c.dialFailures).toEqual(['rejected']);
    expect([a.reasons, c.reasons]).toEqual([['tooManyLinks'], ['tooManyLinks']]);
    expect(a.isLinkedWith(b)).toBe(true);
  });
});

describe('clusters and versions (W6)', () => {
  it('unlike clusters never mix, and both sides say so', async () => {
    const a = await peers.start({ name: 'a', cluster: 'shop' });
    const b = await peers.start({ name: 'b', cluster: 'bank' });
    a.dial(b);
    await until('both have said so', () => a.failures.length === 1 && b.rejections.length === 1);
    expect(a.dialFailures).toEqual(['rejected']);
    expect([a.reasons, b.reasons]).toEqual([['otherCluster'], ['otherCluster']]);
    expect(b.rejections[0]?.detail).toMatch(/a is of cluster shop, not of bank/);
    expect([a.log, b.log]).toEqual([[], []]);
  });

  it('versions that overlap mix', async () => {
    const a = await peers.start({ name: 'a', versions: { min: 1, max: 3 } });
    const b = await peers.start({ name: 'b', versions: { min: 3, max: 9 } });
    await link(a, b);
    expect(a.log).toEqual(['up b']);
  });

  it('versions that do not overlap do not, and both sides say so', async () => {
    const a = await peers.start({ name: 'a', versions: { min: 1, max: 2 } });
    const b = await peers.start({ name: 'b', versions: { min: 3, max: 9 } });
    a.dial(b);
    await until('both have said so', () => a.failures.length === 1 && b.rejections.length === 1);
    expect([a.reasons, b.reasons]).toEqual([['otherVersion'], ['otherVersion']]);
    expect(b.rejections[0]?.detail).toMatch(/versions 1 to 2, this node 3 to 9/);
  });
});

describe('a slow peer', () => {
  it('loses its link when too much waits for it, and tells when it has caught up before', async () => {
    const a = await peers.start({ name: 'a', backlogBytesMax: 32 * 1024 * 1024 });
    const relay = await Relay.start(a.port);
    const b = await peers.start({ name: 'b' });
    b.transport.dial(relay.address);
    await linked(a, b);

    relay.hold();
    const block = 'x'.repeat(1_000_000);
    for (let sent = 0; sent < 16; sent++) a.say(b, block);
    await until('the kernel takes no more', () => a.transport.backlog(b.self.incarnation) > 1_000_000);
    relay.release();
    await until('b has caught up', () => b.frames.length === 16);
    await until('a knows it', () => a.drains > 0 && a.transport.backlog(b.self.incarnation) === 0);

    relay.hold();
    for (let sent = 0; sent < 64; sent++) a.say(b, block);
    await until('a has given up', () => a.linked.size === 0);
    expect(a.reasons).toEqual(['backlogFull']);
    expect(a.log).toEqual(['up b', 'down b']);
    await relay.close();
  });

  it('must not be sent frames that are too long', async () => {
    const a = await peers.start({ name: 'a', frameBytesMax: 1_000 });
    const b = await peers.start({ name: 'b', frameBytesMax: 1_000 });
    await link(a, b);
    a.say(b, 'x'.repeat(1_000));
    expect(() => a.say(b, 'x'.repeat(1_001))).toThrow('a frame of 1001 bytes');
    await until('the frame is there', () => b.frames.length === 1);
  });
});

describe('listening and closing', () => {
  it('says what is wrong with a port in use', async () => {
    const a = await peers.start();
    await expect(Peer.listen({ port: a.port })).rejects.toMatchObject({
      code: 'CLUSTER_BIND_FAILED',
      message: expect.stringContaining(`127.0.0.1:${a.port}: the port is in use`),
    });
    await expect(Peer.listen({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'CLUSTER_BIND_FAILED' });
  });

  it('holds those who come before the start', async () => {
    const a = await peers.start({ name: 'a' });
    const b = await peers.listen({ name: 'b' });
    a.dial(b);
    await until('a has spoken', () => a.transport.counters().bytesOut > 0);
    b.start();
    await linked(a, b);
    expect([a.log, b.log]).toEqual([['up b'], ['up a']]);
  });

  it('starts again as another incarnation', async () => {
    const a = await peers.start({ name: 'a' });
    const b = await peers.start({ name: 'b' });
    await link(a, b);
    const reborn = { ...a.self, incarnation: 'c'.repeat(32) as Incarnation };
    a.linked.clear();
    a.transport.start(reborn, a);
    await until('the old link is gone', () => b.linked.size === 0);
    b.dial(a);
    await until('b knows the new one', () => b.linked.has(reborn.incarnation));
    expect(b.log).toEqual(['up a', 'down a', 'up a']);
  });

  it('leaves nothing open, whatever was under way', async () => {
    const timers = open(/Timeout/).length;
    const silent = await Relay.start();
    const security: LinkSecurity = { kind: 'psk', secrets: ['s'] };
    const a = await peers.start({ security, name: 'a' });
    const b = await peers.start({ security, name: 'b' });
    await link(a, b);
    a.transport.dial(silent.address);
    b.dial(a);
    const stranger = await peers.start({ name: 'stranger' });
    stranger.dial(a);
    a.say(b, 'x'.repeat(1_000_000));
    await Promise.all([a.transport.close(), b.transport.close(), stranger.transport.close(), silent.close()]);
    await a.transport.close();
    await new Promise(setImmediate);
    expect(open(/TCP|TLS/)).toEqual([]);
    expect(open(/Timeout/).length).toBeLessThanOrEqual(timers);
    expect(() => a.transport.start(a.self, a)).toThrow('closed');
    a.dial(b);
    a.say(b, 'into the void');
  });

  it('N6: does not listen after all when it was closed while it bound its port', async () => {
    const options = { cluster: 'shop', host: '127.0.0.1', port: 0, security: { kind: 'plain' } } as const;
    const transport = createTcpTransport(options);
    const listening = transport.listen();
    await transport.close();
    await listening;
    await new Promise(setImmediate);
    expect(open(/TCP/)).toEqual([]);
  });
});

/** What keeps this process alive. */
function open(kind: RegExp): string[] {
  return process.getActiveResourcesInfo().filter((name) => kind.test(name));
}
