import { linked, Peers, until } from './peer.fixture.js';
import { Relay } from './relay.fixture.js';

const peers = new Peers();
afterEach(() => peers.close());

describe('dials', () => {
  it('to further addresses of a linked node, or of oneself, are made once, and again when that link has ended', async () => {
    const [a, b] = [await peers.start({ name: 'a' }), await peers.start({ name: 'b' })];
    const [toSelf, toPeer] = [await Relay.start(a.port), await Relay.start(b.port)];
    const dialBoth = (): void => {
      a.transport.dial(toPeer.address);
      a.transport.dial(toSelf.address);
    };
    for (let round = 1; round <= 3; round++) {
      dialBoth();
      await until('one is oneself', () => a.failures.length === round);
      await linked(a, b);
    }
    expect(a.dialFailures).toEqual(['self', 'self', 'self']);
    a.transport.hangUp(b.self.incarnation);
    await until('a is alone', () => a.linked.size === 0);
    dialBoth();
    await linked(a, b);
    expect([toSelf.count, toPeer.count]).toEqual([1, 2]);
    await Promise.all([toSelf.close(), toPeer.close()]);
  });
});
