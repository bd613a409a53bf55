/** W5: whatever a peer says, nothing grows without bound, nothing throws, and nobody is moved by lies about itself. */
import type { Input } from '../machine.js';
import type { Claim, MembershipMessage } from '../message.js';
import type { Address, NodeInfo } from '../node.js';
import { seededRandom, type Random } from '../random.js';
import { Bench, MEMBERS_MAX, nodeInfo } from './bench.fixture.js';

describe('W5: bounds', () => {
  it('keeps no more members than it may, past and present', () => {
    const bench = new Bench();
    const peer = nodeInfo(1);
    bench.link(peer);
    for (let index = 2; index < 1_000; index++) {
      const node = nodeInfo(index);
      const kind = index % 3 === 0 ? 'dead' : index % 3 === 1 ? 'left' : 'alive';
      const claim: Claim =
        kind === 'alive' ? { kind, node, version: 1, degraded: false } : { kind, node, version: 1 };
      bench.gossip(peer, claim);
      expect(bench.machine.members().length).toBeLessThanOrEqual(MEMBERS_MAX);
    }
    expect(bench.machine.isUp(peer.incarnation)).toBe(true);
  });

  it('hangs up on whom there is no room for', () => {
    const bench = new Bench();
    for (let index = 1; index < MEMBERS_MAX; index++) bench.link(nodeInfo(index));
    const late = nodeInfo(999);
    const effects = bench.give({ type: 'linkOpened', peer: late });
    expect(effects).toContainEqual({ type: 'hangUp', incarnation: late.incarnation });
    expect(bench.machine.get(late.incarnation)).toBeUndefined();
  });

  it('tells a dozen claims with a message, however many there are', () => {
    const bench = new Bench();
    const peers = [nodeInfo(1), nodeInfo(2)];
    for (const peer of peers) bench.link(peer);
    const claims = Array.from({ length: 40 }, (_, index): Claim => {
      return { kind: 'alive', node: nodeInfo(index + 3), version: 1, degraded: false };
    });
    const sent = [...bench.gossip(peers[0] as NodeInfo, ...claims)];
    for (let step = 0; step < 200; step++) {
      bench.now = Math.max(bench.now, bench.machine.nextDeadline());
      sent.push(...bench.give({ type: 'tick' }));
    }
    for (const effect of sent) {
      if (effect.type !== 'send' || effect.message.type === 'sync' || !('claims' in effect.message)) continue;
      expect(effect.message.claims.length).toBeLessThanOrEqual(14);
    }
  });

  it('dials no stranger on behalf of a peer', () => {
    const bench = new Bench();
    const peer = nodeInfo(1);
    bench.link(peer);
    const effects = bench.hear(peer, { type: 'indirectProbe', seq: 1, target: nodeInfo(7), claims: [] });
    expect(effects.filter(({ type }) => type === 'dial')).toEqual([]);
  });
});

describe('W5: lies', () => {
  it('about this node move nothing but its version', () => {
    const bench = new Bench();
    const peer = nodeInfo(1);
    bench.link(peer);
    const forged = { ...bench.self, address: 'evil:1' as Address, priority: 99 };
    const answer = bench.gossip(peer, { kind: 'dead', node: forged, version: 5 });
    expect(bench.machine.get(bench.self.incarnation)).toEqual(bench.self);
    expect(bench.machine.isUp(bench.self.incarnation)).toBe(true);
    const claims = answer.flatMap((effect) =>
      effect.type === 'send' && 'claims' in effect.message ? effect.message.claims : [],
    );
    expect(claims).toContainEqual({ kind: 'alive', node: bench.self, version: 6, degraded: false });
    bench.gossip(peer, { kind: 'left', node: bench.self, version: 50 });
    bench.gossip(peer, { kind: 'dead', node: bench.self, version: Number.MAX_SAFE_INTEGER });
    bench.gossip(peer, { kind: 'dead', node: bench.self, version: Number.NaN });
    expect(bench.machine.isUp(bench.self.incarnation)).toBe(true);
  });

  it('about a member do not replace what it says itself', () => {
    const bench = new Bench();
    const [peer, liar] = [nodeInfo(1), nodeInfo(2)];
    bench.link(peer);
    bench.link(liar);
    const forged = { ...peer, address: 'evil:1' as Address };
    bench.gossip(liar, { kind: 'alive', node: forged, version: 3, degraded: false });
    expect(bench.machine.get(peer.incarnation)?.address).toBe(peer.address);
  });

  it('of a death are checked by one that hears the member itself', () => {
    const bench = new Bench();
    const [peer, liar] = [nodeInfo(1), nodeInfo(2)];
    bench.link(peer);
    bench.link(liar);
    const effects = bench.gossip(liar, { kind: 'dead', node: peer, version: 1 });
    expect(bench.statusOf(peer)).toBe('suspect');
    const probe = effects.find((effect) => effect.type === 'send' && effect.message.type === 'probe');
    expect(probe).toMatchObject({ to: peer.incarnation });
    bench.now += 5;
    bench.gossip(peer, { kind: 'alive', node: peer, version: 2, degraded: false });
    expect(bench.statusOf(peer)).toBe('up');
  });

  it('of a refusal are not believed when the holder is no namesake, or younger', () => {
    const bench = new Bench();
    const peer = nodeInfo(1);
    bench.link(peer);
    for (const holder of [peer, bench.self, nodeInfo(9, bench.self.name)]) {
      bench.hear(peer, { type: 'refuse', reason: 'nameTaken', holder });
      expect(bench.machine.isRefused()).toBe(false);
    }
  });
});

describe('W5: anything at all', () => {
  it('is survived, in any order, for as long as it lasts', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = seededRandom(seed);
      const bench = new Bench(seed);
      let [effectsMost, membersMost, isLate] = [0, 0, false];
      for (let step = 0; step < 1_000; step++) {
        bench.now += random() < 0.02 ? random() * 3_000 : random() * 20;
        const effects = bench.give(anything(random, bench.self));
        if (bench.machine.nextDeadline() <= bench.now) isLate = true;
        effectsMost = Math.max(effectsMost, effects.length);
        membersMost = Math.max(membersMost, bench.machine.members().length);
      }
      expect(isLate).toBe(false);
      expect(effectsMost).toBeLessThan(600);
      expect(membersMost).toBeLessThanOrEqual(MEMBERS_MAX);
    }
  });
});

function anything(random: Random, self: NodeInfo): Input {
  const below = (count: number) => Math.floor(random() * count);
  const someone = () => (random() < 0.1 ? self : nodeInfo(1 + below(80), `n${below(40)}`));
  const someClaim = (): Claim => {
    const [node, version] = [someone(), below(5)];
    const claims: Claim[] = [
      { kind: 'alive', node, version, degraded: random() < 0.5 },
      { kind: 'suspect', node, version, by: someone().incarnation },
      { kind: 'dead', node, version },
      { kind: 'left', node, version },
    ];
    return claims[below(4)] as Claim;
  };
  const claims = Array.from({ length: below(4) }, someClaim);
  const { incarnation: from, address } = someone();
  const outcomes = ['reached', 'refused', 'silent'] as const;
  const messages: MembershipMessage[] = [
    { type: 'probe', seq: below(20), digest: below(9), claims },
    { type: 'ack', seq: below(20), digest: below(9), lagMs: 0, claims },
    { type: 'indirectProbe', seq: below(20), target: someone(), claims },
    { type: 'indirectAck', seq: below(20), target: from, outcome: outcomes[below(3)] ?? 'silent', claims },
    { type: 'gossip', claims },
    { type: 'sync', reply: random() < 0.5, claims },
  ];
  const message = messages[below(6)] as MembershipMessage;
  if (random() < 0.6) return { type: 'message', from, message };
  const others: Input[] = [
    { type: 'linkOpened', peer: someone() },
    { type: 'linkOpened', peer: someone() },
    { type: 'linkClosed', incarnation: from },
    { type: 'dialFailed', address, refused: random() < 0.5 },
    { type: 'contacts', addresses: [address] },
    { type: 'mainThread', lagMs: below(3_000) },
    { type: 'message', from, message: { type: 'refuse', reason: 'nameTaken', holder: someone() } },
  ];
  return others[below(7)] as Input;
}
