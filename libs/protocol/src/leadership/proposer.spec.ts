import { outlasting } from '../instant.js';
import type { Incarnation } from '../node.js';
import { Proposer, type Outcome } from './proposer.js';
import type { Request } from './voter.js';

const SELF = 'a' as Incarnation;
const LEASE_MS = 2_000;

class Desk {
  mono = 10_000;
  readonly outcomes: Outcome[] = [];
  readonly proposer = new Proposer(
    SELF,
    { leaseMs: LEASE_MS, renewMs: LEASE_MS / 4 },
    { quorum: 3, expected: 5, roll: undefined, amend: () => undefined, granted: () => undefined },
    (request) => (this.request = request),
    (outcome) => this.outcomes.push(outcome),
  );
  private request: Request | undefined;

  get now() {
    return { mono: this.mono, wall: this.mono };
  }

  get last(): Request {
    if (!this.request) throw new Error('nothing was asked');
    return this.request;
  }

  grant(...seats: string[]): void {
    const { last } = this;
    for (const seat of seats) {
      const { ballot } = last;
      if (last.type === 'prepare')
        this.proposer.answer(seat, { type: 'promise', ballot, tokenMax: 1 }, this.now);
      else this.proposer.answer(seat, { type: 'accepted', ballot, round: last.round }, this.now);
    }
  }

  refuse(seat: string, blockedMs = 0): void {
    const { ballot } = this.last;
    const round = this.last.type === 'accept' ? this.last.round : 0;
    const answer = { type: 'reject', ballot, round, promised: 7, tokenMax: 1, blockedMs } as const;
    this.proposer.answer(seat, answer, this.now);
  }

  pass(ms: number): void {
    this.mono += ms;
    this.proposer.settle(this.now);
  }
}

describe('Proposer', () => {
  it('a renewal that one voter refuses at once still waits for voters that are far away', () => {
    const desk = new Desk();
    desk.proposer.acquire(desk.now);
    desk.grant('a', 'b', 'c');
    desk.grant('a', 'b', 'c');
    desk.pass(500);
    desk.proposer.renew(desk.now);
    desk.grant('a');
    desk.refuse('d');
    desk.pass(150);
    desk.grant('b', 'c');
    expect(desk.outcomes).toMatchObject([
      { type: 'won', renewal: false },
      { type: 'won', renewal: true, term: { lease: { until: 10_500 + LEASE_MS } } },
    ]);
  });

  it('L6: an election does not wait long for the silent once somebody refused', () => {
    const desk = new Desk();
    desk.proposer.acquire(desk.now);
    desk.refuse('d');
    desk.pass(LEASE_MS / 20);
    expect(desk.outcomes).toMatchObject([{ type: 'failed' }]);
  });

  it('W5: believes nobody that a lease stands in the way for longer than a lease can', () => {
    const desk = new Desk();
    desk.proposer.acquire(desk.now);
    for (const seat of ['b', 'c', 'd']) desk.refuse(seat, 1e300);
    expect(desk.outcomes).toEqual([{ type: 'failed', blockedMs: outlasting(LEASE_MS) }]);
  });

  it('L6: knows of the ballot that a renewal was moving to, so that it can be given back', () => {
    const desk = new Desk();
    desk.proposer.acquire(desk.now);
    desk.grant('a', 'b', 'c');
    desk.grant('a', 'b', 'c');
    const { ballot } = desk.last;
    expect(desk.proposer.ballots).toEqual([ballot]);
    desk.proposer.renew(desk.now);
    desk.refuse('d');
    desk.proposer.renew(desk.now);
    desk.grant('a', 'b', 'c');
    expect(desk.proposer.ballots).toEqual([ballot, desk.last.ballot]);
  });
});
