import { connect, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import type { RejectReason } from '../ports/transport.js';
import { encodeHandshake } from './hello.js';
import { link, Peers, until, type Peer, type PeerOptions } from './peer.fixture.js';
import type { LinkSecurity } from './security.js';

const peers = new Peers();
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await peers.close();
});

/** Connects and says this, and is gone when the other side has had enough. */
function stranger(to: Peer, bytes: Uint8Array = new Uint8Array()): Socket {
  const socket = connect(to.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(bytes);
  return socket;
}

const framed = (frame: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(4 + frame.length);
  bytes.writeUInt32BE(frame.length);
  bytes.set(frame, 4);
  return bytes;
};

const PSK: PeerOptions = { security: { kind: 'psk', secrets: ['one'] } satisfies LinkSecurity };
const PLAIN: PeerOptions = {};
const HTTP = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
const TLS_HELLO = Buffer.from('16030100c8010000c40303', 'hex');

describe('strangers (W5)', () => {
  it.each<[string, PeerOptions, Uint8Array, RejectReason]>([
    ['an HTTP request to TLS', PSK, HTTP, 'plainText'],
    ['a frame to TLS', PSK, framed(new Uint8Array(40)), 'plainText'],
    ['random bytes to TLS', PSK, Buffer.concat([Buffer.of(200), randomBytes(1_000)]), 'plainText'],
    ['a broken TLS record', PSK, Buffer.from(`1603010014${'07'.repeat(20)}`, 'hex'), 'tls'],
    ['an HTTP request', PLAIN, HTTP, 'handshakeInvalid'],
    ['TLS', PLAIN, TLS_HELLO, 'tls'],
    ['a frame of 4 GB', PLAIN, Buffer.from('ffffffff00', 'hex'), 'handshakeInvalid'],
    ['a frame longer than a hello may be', PLAIN, framed(new Uint8Array(4_097)), 'handshakeInvalid'],
    ['an empty frame', PLAIN, framed(new Uint8Array()), 'handshakeInvalid'],
    ['zeros', PLAIN, framed(new Uint8Array(100)), 'handshakeInvalid'],
    ['a frame of random bytes', PLAIN, framed(randomBytes(200)), 'handshakeInvalid'],
    ['a step out of order', PLAIN, framed(encodeHandshake({ type: 'keep', link: 1 })), 'handshakeInvalid'],
  ])('who say %s are dropped and counted', async (_, options, bytes, reason) => {
    const a = await peers.start({ ...options, name: 'a' });
    const socket = stranger(a, bytes);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await closed;
    await until('it is counted', () => a.rejections.length === 1);
    expect(a.reasons).toEqual([reason]);

    const b = await peers.start({ ...options, name: 'b' });
    await link(b, a);
    expect(a.log).toEqual(['up b']);
  });

  it.each([PSK, PLAIN])('who leave in the middle are counted, who only look are not', async (options) => {
    const a = await peers.start(options);
    stranger(a).end();
    stranger(a, TLS_HELLO.subarray(0, 3)).end();
    await until('one is counted', () => a.rejections.length === 1);
    const looked = stranger(a);
    looked.end();
    await new Promise((resolve) => looked.once('close', resolve));
    expect(a.rejections).toHaveLength(1);
  });

  it.each([PSK, PLAIN])('who say nothing are dropped in time', async (options) => {
    const a = await peers.start({ ...options, handshakeTimeoutMs: 50 });
    const silent = stranger(a);
    await new Promise((resolve) => silent.once('close', resolve));
    expect(a.reasons).toEqual(['handshakeTimeout']);
  });

  it.each([PSK, PLAIN])('a thousand of whom say nothing keep no node out', async (options) => {
    const a = await peers.start({ ...options, name: 'a', handshakeTimeoutMs: 60_000 });
    const crowd = Array.from({ length: 1_000 }, () => stranger(a));
    let gone = 0;
    for (const socket of crowd) socket.once('close', () => gone++);
    await until('the oldest made room', () => a.rejections.length === 1_000 - 256);
    await until('they know', () => gone === 1_000 - 256);
    expect(new Set(a.reasons)).toEqual(new Set(['handshakeTimeout']));

    const b = await peers.start({ ...options, name: 'b' });
    await link(b, a);
    const c = await peers.start({ ...options, name: 'c' });
    await link(a, c);
    expect(a.log).toEqual(['up b', 'up c']);
  });

  it('who trickle in byte by byte get no more time than others', async () => {
    const a = await peers.start({ handshakeTimeoutMs: 100 });
    const slow = stranger(a, framed(new Uint8Array(4_000)).subarray(0, 10));
    const trickle = setInterval(() => slow.write(Buffer.of(0)), 5);
    await new Promise((resolve) => slow.once('close', resolve));
    clearInterval(trickle);
    expect(a.reasons).toEqual(['handshakeTimeout']);
  });
});

describe('peers that misbehave (W5)', () => {
  it('with a frame that is too long lose their link', async () => {
    const a = await peers.start({ name: 'a', frameBytesMax: 1_000 });
    const b = await peers.start({ name: 'b', frameBytesMax: 2_000 });
    await link(b, a);
    b.say(a, 'x'.repeat(1_000));
    b.say(a, 'x'.repeat(1_001));
    await until('both have closed', () => a.linked.size === 0 && b.linked.size === 0);
    expect(a.frames).toHaveLength(1);
    expect(a.reasons).toEqual(['frameTooLarge']);
    expect(a.rejections[0]?.detail).toMatch(/^b: a frame of 1001 bytes, of at most 1000/);
  });
});
