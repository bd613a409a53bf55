/**
 * What every discovery strategy must do, as tests (D1, D2, D4). Run it on your own:
 *
 *     strategyConformance('inventory', async () => ({ strategy: new InventoryStrategy(url), expected: ['10.0.0.7:45893'] }));
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import {
  parseContactPoint,
  type ClusterStrategy,
  type ContactPoint,
  type StrategyContext,
} from '@nest-cluster/core';
import { eventually, runner, settlesWithin, turn } from './suite.js';

/** One strategy under test, and the world that it looks at. Made anew for every test. */
export interface StrategyRig {
  readonly strategy: ClusterStrategy;
  /** What must be found sooner or later. Others may be found too. */
  readonly expected: readonly ContactPoint[];
  /** Takes away what the strategy asks, and gives it back: a server, a file, a network. */
  readonly outage?: { begin(): Promise<void> | void; end(): Promise<void> | void };
  close?(): Promise<void> | void;
}

export interface StrategyConformanceOptions {
  /** How long the expected contact points may take, in milliseconds. Default 10,000. */
  readonly patienceMs?: number;
}

/** Longest time between the abort and the answer, in milliseconds. */
const ABORT_MS = 1_000;

export function strategyConformance(
  name: string,
  make: () => Promise<StrategyRig> | StrategyRig,
  { patienceMs = 10_000 }: StrategyConformanceOptions = {},
): void {
  const { describe, it, beforeEach, afterEach } = runner();

  describe(`strategy ${name}`, () => {
    let rig: StrategyRig;
    let found: ContactPoint[];
    let isStopped: boolean;
    let lateCalls: number;

    const context = (): StrategyContext => {
      const counted = (): void => void (isStopped && lateCalls++);
      return {
        cluster: 'conformance',
        secrets: ['conformance secret'],
        self: { name: 'self@conformance', incarnation: 'c'.repeat(32), host: '127.0.0.1', port: 40_001 },
        loopbackOnly: false,
        found: (contacts) => (counted(), void found.push(...contacts)),
        wake: counted,
        rejected: () => undefined,
      };
    };
    const start = async (): Promise<void> => {
      isStopped = false;
      await rig.strategy.start?.(context());
    };
    const stop = async (): Promise<void> => {
      await rig.strategy.stop?.();
      isStopped = true;
    };
    const discover = async (timeoutMs = patienceMs): Promise<readonly ContactPoint[]> =>
      await rig.strategy.discover(AbortSignal.timeout(timeoutMs));
    const findsExpected = async (): Promise<void> => {
      await eventually(
        `found ${rig.expected.join(', ')}`,
        async () => {
          const contacts = new Set([...(await discover().catch(() => [])), ...found]);
          return rig.expected.every((each) => contacts.has(each)) || undefined;
        },
        patienceMs,
      );
    };

    beforeEach(async () => {
      found = [];
      isStopped = false;
      lateCalls = 0;
      rig = await make();
    }, patienceMs + 10_000);

    afterEach(async () => {
      await stop();
      await rig.close?.();
    }, patienceMs + 10_000);

    const test = (what: string, body: () => Promise<void>): void => it(what, body, 4 * patienceMs + 10_000);

    test('has a short name, for logs and metrics', async () => {
      ok(
        /^[\w-]{1,40}$/.test(rig.strategy.name),
        `a name such as "inventory", not ${JSON.stringify(rig.strategy.name)}`,
      );
    });

    test('names contact points as host:port (D1)', async () => {
      await start();
      await findsExpected();
      const contacts = await discover();
      ok(Array.isArray(contacts), 'discover resolves with an array');
      for (const contact of [...contacts, ...found]) {
        ok(parseContactPoint(contact), `${JSON.stringify(contact)} is not host:port`);
      }
    });

    test('finds the same when it is asked again, and by several at once', async () => {
      await start();
      await findsExpected();
      const answers = await Promise.all([discover(), discover(), discover()]);
      for (const answer of answers) ok(Array.isArray(answer), 'each call resolves with an array');
      await findsExpected();
    });

    test('settles soon after the signal aborts', async () => {
      await start();
      for (const delayMs of [0, 1, 20]) {
        const aborter = new AbortController();
        if (delayMs === 0) aborter.abort();
        const answer = rig.strategy.discover(aborter.signal);
        answer.catch(() => undefined);
        await turn(delayMs);
        aborter.abort();
        ok(
          await settlesWithin(ABORT_MS, answer),
          `discover did not settle within ${ABORT_MS} ms after the abort`,
        );
      }
    });

    test('neither answers nor opens contact once it is stopped (D4)', async () => {
      await start();
      await findsExpected();
      await stop();
      await turn(200);
      equal(lateCalls, 0, 'found() or wake() was called after stop()');
    });

    test('stops twice, stops before it was started, and starts again', async () => {
      await rig.strategy.stop?.();
      await start();
      await stop();
      await stop();
      await start();
      await findsExpected();
    });

    test('leaves nothing open when it is stopped', async () => {
      const before = openResources();
      await start();
      await findsExpected();
      await stop();
      await eventually(
        'sockets and timers of the strategy are closed',
        () => openResources() <= before,
        patienceMs,
      );
    });

    test('names each voter once, if it names voters at all (L5)', async () => {
      const voters = rig.strategy.voters?.() ?? [];
      deepEqual([...new Set(voters)], [...voters]);
      for (const voter of voters)
        ok(typeof voter === 'string' && voter !== '', 'a voter is a name or host:port');
    });

    test('fails or answers while what it asks is away, never hangs, and finds again afterwards (D2, D3)', async () => {
      const { outage } = rig;
      if (outage === undefined) return;
      await start();
      await findsExpected();
      await outage.begin();
      let thrown: unknown;
      const answer = discover(2_000).catch((error: unknown) => (thrown = error));
      ok(await settlesWithin(2_000 + ABORT_MS, answer), 'discover hangs');
      const isClear = thrown === undefined || saysWhatWentWrong(thrown);
      ok(isClear, 'what it rejects with is an Error that says what went wrong');
      await outage.end();
      found = [];
      await findsExpected();
    });
  });
}

/** Not by its class: within a test runner, Node's own errors come from another realm. */
function saysWhatWentWrong(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown && Boolean(thrown.message);
}

/** Timers that are not meant to hold the process, and so do not count here, are the strategy's own business. */
function openResources(): number {
  const kinds = /^(TCP|UDP|Pipe|TLS|FSEvent|Worker|Timeout)/;
  return process.getActiveResourcesInfo().filter((kind) => kinds.test(kind)).length;
}
