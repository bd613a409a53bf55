import type { Incarnation } from '@nest-cluster/protocol';
import { CALLS_MAX, CALLS_PER_PEER_MAX, CALL_BYTES_MAX, CallsMade, CallsServed } from './calls.js';

const a = 'a' as Incarnation;
const b = 'b' as Incarnation;

describe('CallsMade', () => {
  const ask = (calls: CallsMade, to = a, deadline = 100) => {
    let sent = 0;
    const answer = calls.add(to, deadline, (id) => (sent = id));
    return { answer, id: sent };
  };

  it('resolves with the answer of the node that was asked, and of no other', async () => {
    const calls = new CallsMade();
    const { answer, id } = ask(calls);
    calls.answered(b, id, { ok: true, body: 'forged' });
    calls.answered(a, id, { ok: true, body: 'genuine' });
    await expect(answer).resolves.toBe('genuine');
  });

  it('rejects when the node answers with an error, when time is up, and when the link closes', async () => {
    const calls = new CallsMade();
    const refused = ask(calls);
    const late = ask(calls, a, 50);
    const cut = ask(calls, b);
    calls.answered(a, refused.id, { ok: false, error: 'no' });
    expect(calls.nextDeadline()).toBe(50);
    calls.expire(50);
    calls.abandon(b);
    for (const { answer } of [refused, late, cut]) {
      await expect(answer).rejects.toMatchObject({ code: 'CLUSTER_CALL_FAILED' });
    }
  });

  it('rejects what cannot be sent, without keeping it', async () => {
    const calls = new CallsMade();
    const throwing = () => {
      throw new Error('too large');
    };
    await expect(calls.add(a, 100, throwing)).rejects.toThrow('too large');
    calls.expire(100);
    expect(calls.nextDeadline()).toBe(Infinity);
  });

  it('bounds how many wait (W5)', async () => {
    const calls = new CallsMade();
    const waiting = Array.from({ length: CALLS_MAX }, () => ask(calls).answer.catch(() => 'over'));
    await expect(ask(calls).answer).rejects.toMatchObject({ code: 'CLUSTER_CALL_FAILED' });
    calls.abandon();
    await expect(Promise.all(waiting)).resolves.toHaveLength(CALLS_MAX);
    expect(ask(calls).id).toBeGreaterThan(0);
  });
});

describe('CallsServed', () => {
  it('gives an answer to the one who asked, once', () => {
    const served = new CallsServed();
    const key = served.begin({ from: a, id: 9, bytes: 1 }, 0);
    expect(served.end(key ?? NaN)).toMatchObject({ from: a, id: 9 });
    expect(served.end(key ?? NaN)).toBeUndefined();
  });

  it('bounds what one peer, and what all together make this node work on (W5)', () => {
    const served = new CallsServed();
    for (let id = 0; id < CALLS_PER_PEER_MAX; id++)
      expect(served.begin({ from: a, id, bytes: 1 }, 0)).toBeDefined();
    expect(served.begin({ from: a, id: -1, bytes: 1 }, 0)).toBeUndefined();
    expect(served.begin({ from: b, id: 1, bytes: CALL_BYTES_MAX }, 0)).toBeUndefined();
    expect(served.begin({ from: b, id: 1, bytes: 1 }, 0)).toBeDefined();
  });

  it('forgets questions that the application never answers', () => {
    const served = new CallsServed();
    for (let id = 0; id < CALLS_PER_PEER_MAX; id++) served.begin({ from: a, id, bytes: 1 }, 0);
    expect(served.begin({ from: a, id: -1, bytes: 1 }, 60_000)).toBeDefined();
  });
});
