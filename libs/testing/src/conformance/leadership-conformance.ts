/**
 * What every engine of leadership must do, as tests (L1, L2, L3, L4, L6). Run it on your own:
 *
 *     leadershipConformance('consul', async () => ({ candidate: () => new ConsulLeadership(agent), leaseMs: 10_000 }));
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { monotonicMs, type LeadershipProvider } from '@nest-cluster/core';
import { Voter } from './leadership-voter.js';
import { eventually, runner, turn } from './suite.js';

/** One election, and all that it stands on. Made anew for every test. */
export interface LeadershipRig {
  /** A further candidate of this election, not started yet; `nodeName` is what it will be called. */
  candidate(nodeName: string): Promise<LeadershipProvider> | LeadershipProvider;
  /** The longest time from a crash of the leader to the next one, in milliseconds. */
  readonly leaseMs: number;
  /** Cuts a candidate off, so that the others take it for crashed. */
  cut?(candidate: LeadershipProvider): Promise<void> | void;
  close?(): Promise<void> | void;
}

export interface LeadershipConformanceOptions {
  /** How long a first leader may take, in milliseconds. Default 10,000. */
  readonly patienceMs?: number;
  /** How long a graceful handover may take, in milliseconds. Default 1,000. */
  readonly handoverMs?: number;
}

export function leadershipConformance(
  name: string,
  make: () => Promise<LeadershipRig> | LeadershipRig,
  { patienceMs = 10_000, handoverMs = 1_000 }: LeadershipConformanceOptions = {},
): void {
  const { describe, it, beforeEach, afterEach } = runner();

  describe(`leadership by ${name}`, () => {
    let rig: LeadershipRig;
    let voters: Voter[];
    let watch: NodeJS.Timeout;
    let doubles: string[];

    const leaders = (): Voter[] => voters.filter((voter) => voter.isLeader);
    const begin = async (nodeName: string): Promise<Voter> => {
      const voter = new Voter(await rig.candidate(nodeName), nodeName, randomBytes(16).toString('hex'));
      voters.push(voter);
      await voter.start();
      return voter;
    };
    const oneLeads = (among = voters, timeoutMs = patienceMs): Promise<Voter> =>
      eventually('somebody leads', () => among.find(({ isLeader }) => isLeader), timeoutMs);
    const three = async (): Promise<Voter> => {
      for (const each of ['a', 'b', 'c']) await begin(`${each}@conformance`);
      return await oneLeads();
    };

    beforeEach(async () => {
      voters = [];
      doubles = [];
      rig = await make();
      watch = setInterval(() => {
        const now = leaders();
        if (now.length > 1) doubles.push(now.map(({ nodeName }) => nodeName).join(' and '));
      }, 1);
    }, patienceMs + 10_000);

    afterEach(async () => {
      clearInterval(watch);
      for (const voter of voters) await voter.stop();
      await rig.close?.();
    }, patienceMs + 10_000);

    const test = (what: string, body: () => Promise<void>): void =>
      it(
        what,
        async () => {
          await body();
          deepEqual(doubles, [], 'two led at once (L1)');
          const tokens = voters.flatMap(({ terms }) => terms).sort((one, other) => one.at - other.at);
          for (const [index, { token }] of tokens.entries()) {
            ok(Number.isSafeInteger(token) && token > 0, `a token is a whole number above 0, not ${token}`);
            ok(
              token > (tokens[index - 1]?.token ?? 0),
              `the token did not grow: ${tokens.map((term) => term.token).join(', ')} (L3)`,
            );
          }
          for (const voter of voters) deepEqual(voter.mistakes, []);
        },
        4 * patienceMs + 3 * rigPatience(patienceMs),
      );

    test('lets a single candidate lead, and go on leading', async () => {
      const alone = await begin('a@conformance');
      await oneLeads();
      const left = alone.provider.leadsUntil() - monotonicMs();
      ok(left > 0 && left <= rig.leaseMs, `the lease ends within ${rig.leaseMs} ms, not ${left}`);
      await turn(Math.min(rig.leaseMs * 1.5, 5_000));
      ok(alone.isLeader, 'the lease was not renewed');
      equal(alone.terms.length, 1, 'a healthy leader keeps its term');
    });

    test('lets one of three lead, whom all of them name (L1)', async () => {
      const leader = await three();
      await eventually(
        'all name the same leader, by leader() and by leaderChanged()',
        () =>
          voters.every(({ provider, knownLeader }) =>
            [provider.leader(), knownLeader].every(
              (each) => each?.name === leader.nodeName && each.token === leader.provider.token(),
            ),
          ),
        patienceMs,
      );
      for (const { provider } of voters.filter((voter) => voter !== leader)) equal(provider.leadsUntil(), 0);
    });

    test('hands over when the leader steps down (L6)', async () => {
      const first = await three();
      first.provider.stepDown();
      ok(!first.isLeader, 'it leads after stepDown');
      await oneLeads(
        voters.filter((voter) => voter !== first),
        handoverMs,
      );
    });

    test('keeps the lease until the work of the term has ended (L4)', async () => {
      const first = await three();
      first.holdsWork = true;
      first.provider.stepDown();
      await turn(Math.min(rig.leaseMs / 3, 1_000));
      equal(leaders().length, 0, 'somebody leads while work of the last term runs');
      first.endWork();
      await oneLeads(
        voters.filter((voter) => voter !== first),
        handoverMs,
      );
    });

    test('hands over when the leader stops (L6)', async () => {
      const first = await three();
      await first.stop();
      equal(first.provider.leadsUntil(), 0);
      await oneLeads(
        voters.filter((voter) => voter !== first),
        handoverMs,
      );
    });

    test('does nothing when a node steps down that does not lead', async () => {
      const first = await three();
      for (const voter of voters.filter((each) => each !== first)) {
        voter.provider.stepDown();
        voter.provider.workEnded(first.provider.token());
      }
      await turn(100);
      ok(first.isLeader, 'the leader lost its lease');
      equal(first.terms.length, 1);
    });

    test('takes a node of the same name for somebody else after a restart, and raises the token (L3, L4)', async () => {
      const first = await begin('a@conformance');
      await oneLeads();
      const { token } = first.terms[0] ?? { token: 0 };
      await first.stop();
      const second = await begin('a@conformance');
      await oneLeads([second], rig.leaseMs + patienceMs);
      ok(second.provider.token() > token, 'the token did not grow over a restart');
    });

    test('starts again after a stop', async () => {
      const [first] = [await begin('a@conformance')];
      await oneLeads();
      await first.stop();
      first.incarnation = randomBytes(16).toString('hex');
      await first.start();
      await oneLeads([first], rig.leaseMs + patienceMs);
    });

    test('puts another in the place of a leader that fell silent, and not before its lease ran out (L1, L6)', async () => {
      if (rig.cut === undefined) return;
      const first = await three();
      await rig.cut(first.provider);
      const cutAt = monotonicMs();
      const others = voters.filter((voter) => voter !== first);
      const next = await oneLeads(others, rig.leaseMs + patienceMs);
      ok(!first.isLeader, 'the one that was cut off leads on');
      ok(next.provider.token() > (first.terms.at(-1)?.token ?? 0));
      ok(monotonicMs() - cutAt < rig.leaseMs * 2 + 1_000, 'it took longer than two leases');
    });
  });
}

function rigPatience(patienceMs: number): number {
  return patienceMs + 10_000;
}
