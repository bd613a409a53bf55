/** W5: whatever a peer says, no number grows beyond what can be sent, and a leader is found all the same. */
import type { LeadershipMessage, Roll } from '../message.js';
import type { Incarnation } from '../node.js';
import { Council } from './council.fixture.js';

const MAX = Number.MAX_SAFE_INTEGER;
const ballot = { counter: MAX, proposer: 'b' as Incarnation };

const LIES: readonly LeadershipMessage[] = [
  { type: 'prepare', ballot },
  { type: 'accept', ballot, round: 1, token: MAX, leaseMs: 2_000, leading: false },
  { type: 'accept', ballot: { ...ballot, counter: 1 }, round: 1, token: MAX, leaseMs: 2_000, leading: false },
  { type: 'promise', ballot: { counter: 1, proposer: 'a' as Incarnation }, tokenMax: MAX },
  { type: 'reject', ballot, round: 1, promised: MAX, tokenMax: 1, blockedMs: 0 },
  { type: 'reject', ballot, round: 1, promised: 1, tokenMax: MAX, blockedMs: 0 },
  { type: 'leading', token: MAX, leaseMs: 0 },
  { type: 'resigned', token: MAX },
];

describe('numbers that nobody can have reached', () => {
  it.each(LIES.map((lie) => [lie.type, lie] as const))('are not taken over from %s', (_type, lie) => {
    const council = new Council({ size: 3 });
    for (const id of ['a', 'b', 'c']) council.join(id);
    const numbers: number[] = [];
    council.loses = ({ message }) => {
      if ('ballot' in message) numbers.push(message.ballot.counter);
      if ('token' in message) numbers.push(message.token);
      return false;
    };
    for (const id of ['a', 'c'])
      council.input(id, { type: 'message', from: 'b' as Incarnation, message: lie });
    council.pass(5_000);
    expect(council.leaders()).toHaveLength(1);
    for (let round = 0; round < 3; round++) {
      const [leader = ''] = council.leaders();
      council.input(leader, { type: 'stepDown' });
      council.pass(5_000);
      expect(council.leaders()).toHaveLength(1);
    }
    expect(Math.max(...numbers)).toBeLessThan(2 ** 52);
  });
});

describe('W7: the highest numbers that a node believes', () => {
  const highest = (wall: number): number => wall + 100 * 365.25 * 86_400_000;
  const from = 'b' as Incarnation;

  it.each<[string, (count: number) => LeadershipMessage]>([
    ['a token of a leader', (token) => ({ type: 'leading', token, leaseMs: 0 })],
    ['a token of one that resigned', (token) => ({ type: 'resigned', token })],
    ['a ballot', (counter) => ({ type: 'prepare', ballot: { counter, proposer: from } })],
    [
      'a ballot and a token, with a vote',
      (count) => ({
        type: 'accept',
        ballot: { counter: count, proposer: from },
        round: 1,
        token: count,
        leaseMs: 1_000,
        leading: false,
      }),
    ],
  ])('in %s keep nobody from a leader once the liar has gone', (_what, lie) => {
    const council = new Council({ size: 3 });
    for (const id of ['a', 'b', 'c']) council.join(id);
    council.pass(1_000);
    for (let round = 0; round < 3; round++)
      for (const id of ['a', 'c'])
        council.input(id, { type: 'message', from, message: lie(highest(council.wall)) });
    council.crash('b');
    council.pass(20_000);
    expect(council.leaders()).toHaveLength(1);
  });
});

describe('W7: a roll that one node made up', () => {
  const term = 2 ** 51;
  const rollFor = (struck: readonly string[], nodes: number, step: number): Roll => ({
    term,
    step,
    nodes,
    out: struck as Incarnation[],
    absent: [],
    appeal: false,
  });

  it.each([
    [
      'strikes off all others',
      (id: string) =>
        rollFor(
          ['a', 'b', 'c'].filter((other) => other !== id),
          3,
          1,
        ),
    ],
    [
      'strikes off others, each node by another stamp',
      (id: string) => rollFor(id === 'a' ? ['b', 'c'] : ['a'], 3, id.charCodeAt(0)),
    ],
    ['counts a thousand nodes', () => rollFor([], 1_000, 1)],
  ])('%s, and keeps nobody from a leader for longer than 20 s after it has gone', (_what, lie) => {
    const council = new Council({ size: 4 });
    for (const id of ['a', 'b', 'c', 'd']) council.join(id);
    council.pass(1_000);
    const from = 'd' as Incarnation;
    const falseBallot = { counter: 99, proposer: from };
    for (const id of ['a', 'b', 'c']) {
      const roll = lie(id);
      const accept = {
        type: 'accept',
        ballot: falseBallot,
        round: 1,
        token: term,
        leaseMs: 2_000,
        leading: true,
        roll,
      } as const;
      const reject = {
        type: 'reject',
        ballot: falseBallot,
        round: 0,
        promised: 99,
        tokenMax: 1,
        blockedMs: 0,
        roll,
      } as const;
      for (const message of [accept, reject]) council.input(id, { type: 'message', from, message });
    }
    council.crash('d');
    council.pass(20_000);
    expect(council.leaders()).toHaveLength(1);
    const [leader = ''] = council.leaders();
    council.crash(leader);
    council.pass(3_000);
    expect(council.seats.get('a')?.machine.expected).toBe(4);
  });
});
