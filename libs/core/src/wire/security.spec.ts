import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import type { Address } from '@nest-cluster/protocol';
import { CA, NODE, OTHER_CA, STRANGER } from './certificates.fixture.js';
import { link, Peers, until, type Peer } from './peer.fixture.js';
import type { LinkSecurity } from './security.js';

const peers = new Peers();
afterEach(() => peers.close());

const psk = (...secrets: string[]): LinkSecurity => ({ kind: 'psk', secrets });
const certificates = (own: { cert: string; key: string }, ca: string): LinkSecurity => ({
  kind: 'certificates',
  ca,
  ...own,
});

/** One dials the other, in vain. */
async function refusal(dialler: Peer, other: Peer): Promise<void> {
  dialler.dial(other);
  await until('the dial has failed', () => dialler.failures.length === 1);
  await until('the other has counted it', () => other.rejections.length > 0);
  expect(dialler.dialFailures).toEqual(['rejected']);
  expect([dialler.log, other.log]).toEqual([[], []]);
}

describe('a secret (W1)', () => {
  it('that is not the same is called an unknown key, on both sides (W3)', async () => {
    const a = await peers.start({ name: 'a', security: psk('one') });
    const b = await peers.start({ name: 'b', security: psk('two') });
    await refusal(a, b);
    expect([a.reasons, b.reasons]).toEqual([['unknownKey'], ['unknownKey']]);
    expect(a.rejections[0]?.detail).toContain(`${b.address} does not know any key of this node`);
    expect(b.rejections[0]?.detail).toMatch(/127\.0\.0\.1:\d+ has an unknown key/);
  });

  it('of another cluster is told apart', async () => {
    const a = await peers.start({ name: 'a', cluster: 'shop', security: psk('one') });
    const b = await peers.start({ name: 'b', cluster: 'bank', security: psk('one') });
    await refusal(a, b);
    expect([a.reasons, b.reasons]).toEqual([['unknownKey'], ['otherCluster']]);
  });

  it.each<[string[], string[]]>([
    [['old'], ['new', 'old']],
    [['new', 'old'], ['old']],
    [
      ['new', 'old'],
      ['new', 'old'],
    ],
    [
      ['new', 'old'],
      ['old', 'new'],
    ],
    [['new'], ['old', 'new']],
    [['new', 'old'], ['new']],
    [
      ['a', 'b', 'c'],
      ['x', 'y', 'c'],
    ],
  ])('may be rotated while all keep talking: %j dials %j (W3)', async (ours, theirs) => {
    const a = await peers.start({ name: 'a', security: psk(...ours) });
    const b = await peers.start({ name: 'b', security: psk(...theirs) });
    await link(a, b);
    expect([a.failures, a.rejections]).toEqual([[], []]);
  });

  it('is not proved by a certificate, not even one that is trusted', async () => {
    const server = createTlsServer({ ...NODE, ca: CA }, () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const a = await peers.start({ security: psk('one') });
    const { port } = server.address() as AddressInfo;
    a.transport.dial(`127.0.0.1:${port}` as Address);
    await until('the dial has failed', () => a.failures.length === 1);
    expect(a.dialFailures).toEqual(['rejected']);
    expect(a.reasons).toEqual(['certificate']);
    expect(a.rejections[0]?.detail).toContain('does not prove the secret');
    await new Promise((resolve) => server.close(resolve));
  });

  it('of this very node is told apart from a peer', async () => {
    const a = await peers.start({ security: psk('one') });
    a.dial(a);
    await until('it has failed', () => a.failures.length === 1);
    expect([a.dialFailures, a.reasons]).toEqual([['self'], []]);
  });

  it('is needed', async () => {
    await expect(peers.start({ security: psk() })).rejects.toMatchObject({ code: 'CLUSTER_OPTIONS_INVALID' });
  });

  it('is not opened by a client without one', async () => {
    const a = await peers.start({ security: psk('one') });
    const client = connectTls({ host: '127.0.0.1', port: a.port, rejectUnauthorized: false });
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.on('error', () => undefined);
    await closed;
    await until('it is counted', () => a.rejections.length === 1);
    expect(a.reasons).toEqual(['tls']);
  });

  it('on one side only is told as plain text', async () => {
    const a = await peers.start({ name: 'a', security: psk('one') });
    const b = await peers.start({ name: 'b' });
    b.dial(a);
    await until('a has counted it', () => a.rejections.length === 1);
    expect(a.reasons).toEqual(['plainText']);
    a.dial(b);
    await until('b has counted it', () => b.rejections.length > 0 && a.failures.length === 1);
    expect(b.reasons).toEqual(['tls']);
    expect(b.rejections[0]?.detail).toContain('speaks TLS');
    expect([a.log, b.log]).toEqual([[], []]);
  });
});

describe('certificates (W1)', () => {
  it('must be readable', async () => {
    const security = certificates({ cert: 'none', key: 'none' }, CA);
    await expect(peers.start({ security })).rejects.toMatchObject({ code: 'CLUSTER_OPTIONS_INVALID' });
  });

  it('of one authority link nodes', async () => {
    const a = await peers.start({ name: 'a', security: certificates(NODE, CA) });
    const b = await peers.start({ name: 'b', security: certificates(NODE, CA) });
    await link(a, b);
    a.say(b, 'hello');
    await until('it is heard', () => b.frames.length === 1);
    expect([...a.rejections, ...b.rejections]).toEqual([]);
  });

  it('of another authority are refused to the dialler', async () => {
    const a = await peers.start({ name: 'a', security: certificates(STRANGER, CA) });
    const b = await peers.start({ name: 'b', security: certificates(NODE, CA) });
    await refusal(a, b);
    expect([a.reasons, b.reasons]).toEqual([['certificate'], ['certificate']]);
  });

  it('of another authority are refused by the dialler', async () => {
    const a = await peers.start({ name: 'a', security: certificates(NODE, CA) });
    const b = await peers.start({ name: 'b', security: certificates(STRANGER, OTHER_CA) });
    a.dial(b);
    await until('the dial has failed', () => a.failures.length === 1);
    expect([a.dialFailures, a.reasons]).toEqual([['rejected'], ['certificate']]);
    expect([a.log, b.log]).toEqual([[], []]);
  });

  it('are asked of whoever comes', async () => {
    const a = await peers.start({ security: certificates(NODE, CA) });
    const client = connectTls({ host: '127.0.0.1', port: a.port, rejectUnauthorized: false });
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.on('error', () => undefined);
    await closed;
    await until('it is counted', () => a.rejections.length === 1);
    expect(a.reasons).toEqual(['certificate']);
  });
});
