/**
 * Hours of an election by a Lease with everything that goes wrong in them (L1, L3, L6): many with nothing but the machines,
 * and some with the provider itself over HTTPS.
 */
import { Logger } from '@nestjs/common';
import type { FakeKubernetes, StoredObject } from '@nest-cluster/testing';
import { leaseTiming } from '../lease-timing.js';
import { Election } from './election.fixture.js';
import { HttpsStage } from './https-stage.fixture.js';
import { SimulatedStage, type Mutant } from './simulated-stage.fixture.js';

const HOUR_MS = 3_600_000;
const timing = leaseTiming(10);
/** An hour takes about 20 seconds, and a busy machine its time. */
const HTTPS_TIMEOUT_MS = 300_000;

const simulated = (seed: number, mutant?: Mutant): Promise<Election> =>
  new Election({ seed, timing, candidates: 3 }, (election) => new SimulatedStage(election, mutant)).run(
    HOUR_MS,
  );

/** @param spoil breaks a rule, so that the checks can be seen to find it */
async function overHttps(
  seed: number,
  spoil: { readonly drift?: number; readonly server?: (server: FakeKubernetes) => void } = {},
): Promise<Election> {
  const { drift = 0.01, server } = spoil;
  const stages: HttpsStage[] = [];
  const election = new Election({ seed, timing, candidates: 3, drift }, (each) => {
    const stage = new HttpsStage(each);
    stages.push(stage);
    return stage;
  });
  try {
    for (const stage of stages) {
      server?.(stage.server);
      await stage.open();
    }
    return await election.run(HOUR_MS);
  } finally {
    for (const stage of stages) await stage.close();
  }
}

/** A server that takes every write, whatever it replaces. */
function unchecked({ store }: FakeKubernetes): void {
  const replace = store.replace.bind(store);
  store.replace = (collection, name, body) => {
    const [current] = store.list(collection);
    const { metadata, ...rest } = body as StoredObject;
    return replace(collection, name, { ...rest, metadata: { ...metadata, ...versionOf(current) } });
  };
  const create = store.create.bind(store);
  store.create = (collection, body) => {
    const [current] = store.list(collection);
    if (!current) return create(collection, body);
    return store.replace(collection, current.metadata.name, body);
  };
}

const versionOf = (object: StoredObject | undefined) =>
  object && { uid: object.metadata.uid, resourceVersion: object.metadata.resourceVersion };

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['log', 'warn', 'error']));

describe('an hour of faults', () => {
  it('has never two leaders, ever growing tokens, and a leader whenever nothing is wrong', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { violations, tokens, leaderlessMs } = await simulated(seed);
      expect(violations).toEqual([]);
      expect(tokens.length).toBeGreaterThan(20);
      expect(leaderlessMs).toBeLessThan(HOUR_MS / 3);
    }
  });

  it.each([1, 2])(
    'is no different over HTTPS, with the provider itself: seed %i',
    async (seed) => {
      const { violations, tokens, leaderlessMs } = await overHttps(seed);
      expect(violations).toEqual([]);
      expect(tokens.length).toBeGreaterThan(20);
      expect(leaderlessMs).toBeLessThan(HOUR_MS / 3);
    },
    HTTPS_TIMEOUT_MS,
  );

  it.each([
    ['a server that does not compare', { server: unchecked }],
    ['clocks that part by a third', { drift: 0.33 }],
  ])(
    'is no longer safe over HTTPS with %s',
    async (_, spoil) => {
      let found = false;
      for (let seed = 0; seed < 10 && !found; seed++)
        found = /: L[13]:/.test((await overHttps(seed, spoil)).violations.join());
      expect(found).toBe(true);
    },
    HTTPS_TIMEOUT_MS,
  );

  it.each(['incarnationless', 'unchecked', 'absentIsFree', 'emptyIsFree', 'overlong', 'wallBlind'] as const)(
    'is no longer safe when a rule is broken: %s',
    async (mutant) => {
      let found = false;
      for (let seed = 0; seed < 60 && !found; seed++)
        found = /: L[13]:/.test((await simulated(seed, mutant)).violations.join());
      expect(found).toBe(true);
    },
  );
});
