import fc from 'fast-check';
import type { GossipMessage } from './datagram.js';
import { DatagramSeal } from './datagram.js';
import { broadcastOf } from './interfaces.js';

const message: GossipMessage = {
  kind: 'ask',
  cluster: 'shop',
  incarnation: 'ab'.repeat(16),
  name: 'n1@here',
  host: 'fd00::2',
  port: 4001,
  sent: 1_700_000_000_000,
  counter: 1,
};
const sealed = new DatagramSeal('shop', ['secret']);
const open = new DatagramSeal('shop', []);

describe('a gossip datagram (W4, W5)', () => {
  it('says the same after sealing and opening, with and without a secret', () => {
    expect(sealed.open(sealed.seal(message))).toEqual({ message });
    expect(open.open(open.seal(message))).toEqual({ message });
  });

  it('is another each time, so that nobody can tell two questions from one', () => {
    expect(sealed.seal(message).equals(sealed.seal(message))).toBe(false);
  });

  it('is never believed when a single bit differs, and never throws', () => {
    const genuine = sealed.seal(message);
    fc.assert(
      fc.property(fc.nat(genuine.length * 8 - 1), (bit) => {
        const forged = Buffer.from(genuine);
        forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(sealed.open(forged)).toHaveProperty('reason');
      }),
    );
  });

  it('may be any bytes at all: they are dropped with a reason', () => {
    const header = open.seal(message).subarray(0, 33);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.boolean(), (bytes, withHeader) => {
        const datagram = withHeader ? Buffer.concat([header, bytes]) : Buffer.from(bytes);
        for (const seal of [open, sealed]) expect(seal.open(datagram)).toHaveProperty('reason');
      }),
    );
  });

  it.each([
    ['a host that is none', { host: 'evil host/..' }],
    ['a port that is none', { port: 0 }],
    ['an incarnation that is none', { incarnation: 'x' }],
    ['an endless name', { name: 'n'.repeat(300) }],
    ['a counter that is none', { counter: -1 }],
  ])('is dropped for %s', (_, wrong) => {
    expect(open.open(open.seal({ ...message, ...wrong }))).toMatchObject({ reason: 'gossipInvalid' });
  });

  it('of another cluster is told from one with another secret', () => {
    const otherSecret = new DatagramSeal('shop', ['other']);
    expect(sealed.open(new DatagramSeal('bank', ['secret']).seal(message))).toMatchObject({
      reason: 'gossipOtherCluster',
    });
    expect(sealed.open(otherSecret.seal(message))).toMatchObject({ reason: 'unknownKey' });
    expect(sealed.open(open.seal(message))).toMatchObject({ reason: 'unknownKey' });
    expect(open.open(sealed.seal(message))).toMatchObject({ reason: 'unknownKey' });
  });
});

describe('broadcastOf', () => {
  it('sets all host bits', () => {
    expect(broadcastOf('192.0.2.2', '255.255.255.0')).toBe('192.0.2.255');
    expect(broadcastOf('10.1.2.3', '255.240.0.0')).toBe('10.15.255.255');
    expect(broadcastOf('10.0.0.1', '255.255.255.255')).toBe('255.255.255.255');
  });
});
