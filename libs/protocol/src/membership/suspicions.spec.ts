/** How long a suspicion runs (M3, M4), and how often an address is dialled. */
import type { Effect } from '../machine.js';
import { MEMBERSHIP_DEFAULTS } from '../options.js';
import { Bench, nodeInfo } from './bench.fixture.js';

const { suspicionMs, suspicionStretch } = MEMBERSHIP_DEFAULTS;
const [victim, ...witnesses] = [nodeInfo(1), nodeInfo(2), nodeInfo(3), nodeInfo(4)] as const;

/** The witnesses live and hear nothing from the victim; `confirming` of them say so. */
function untilDead(confirming: number): number {
  const bench = new Bench();
  for (const peer of [victim, ...witnesses]) bench.link(peer);
  const isDead = (effects: readonly Effect[]) =>
    effects.some((effect) => effect.type === 'event' && effect.event.type === 'nodeDown');
  let suspectedAt = 0;
  for (let step = 0; step < 2_000; step++) {
    const effects = bench.pass(10);
    for (const witness of witnesses) {
      effects.push(...bench.hear(witness, { type: 'probe', seq: 1, digest: 0, claims: [] }));
    }
    for (const effect of effects.slice()) {
      if (effect.type !== 'send' || effect.message.type !== 'indirectProbe') continue;
      const { seq, target } = effect.message;
      const from = witnesses.find(({ incarnation }) => incarnation === effect.to);
      if (!from) continue;
      const answer = {
        type: 'indirectAck',
        seq,
        target: target.incarnation,
        outcome: 'silent',
        claims: [],
      } as const;
      effects.push(...bench.hear(from, answer));
    }
    if (!suspectedAt && bench.statusOf(victim) === 'suspect') {
      suspectedAt = bench.now;
      for (const { incarnation: by } of witnesses.slice(0, confirming)) {
        bench.gossip(witnesses[0], { kind: 'suspect', node: victim, version: 1, by });
      }
    }
    if (isDead(effects)) return bench.now - suspectedAt;
  }
  return Infinity;
}

describe('a suspicion', () => {
  it('M4: lasts long when nobody else confirms it', () => {
    expect(Math.abs(untilDead(0) - suspicionMs * suspicionStretch)).toBeLessThan(100);
  });

  it('M3: lasts as short as it can when two others confirm it', () => {
    expect(Math.abs(untilDead(2) - suspicionMs)).toBeLessThan(100);
  });

  it('lasts in between when one does', () => {
    expect(untilDead(1)).toBeGreaterThan(suspicionMs * 1.2);
    expect(untilDead(1)).toBeLessThan(suspicionMs * suspicionStretch * 0.8);
  });
});

describe('dialling', () => {
  it('makes no storm of links that close as soon as they open', () => {
    const bench = new Bench();
    const peers = [victim, ...witnesses];
    for (const peer of peers) bench.link(peer);
    let dials = 0;
    for (let step = 0; step < 5_000; step++) {
      const effects = [
        ...bench.give({ type: 'linkClosed', incarnation: victim.incarnation }),
        ...bench.pass(1),
      ];
      const isDialled = effects.some((effect) => effect.type === 'dial' && effect.address === victim.address);
      if (!isDialled) continue;
      dials++;
      bench.link(victim);
    }
    expect(dials).toBeGreaterThan(20);
    expect(dials).toBeLessThan(100);
  });
});
