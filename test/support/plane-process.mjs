/**
 * A process with one control plane and nothing else, told what to do by its parent. Reports every event with the time of
 * the machine's monotonic clock, which all processes share.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { pathToFileURL } from 'node:url';

// Keeps hold of the worker, so that a test can end it behind the plane's back.
const threads = createRequire(import.meta.url)('node:worker_threads');
const workers = [];
threads.Worker = class extends threads.Worker {
  constructor(...start) {
    super(...start);
    workers.push(this);
  }
};
syncBuiltinESMExports();

const { createControlPlane } = await import(pathToFileURL(process.argv[2]).href);
const now = () => Number(process.hrtime.bigint()) / 1e6;
const say = (what) => process.connected && process.send(what);

let plane;
const acts = {
  async start(config) {
    plane = createControlPlane(config);
    const self = await plane.listen();
    plane.answer('whoami', () => self.name);
    plane.start({
      event(event) {
        say({ at: now(), event });
        if (event.type === 'leadershipLost') plane.workEnded(event.token);
      },
      rejected: (reason, detail, count) => say({ at: now(), rejected: { reason, detail, count } }),
      restarted: (born, cause) => say({ at: now(), restarted: { self: born, cause: cause.message } }),
    });
    return self;
  },
  contacts: (addresses) => plane.contacts(addresses),
  view: () => plane.view(),
  leads: () => plane.leadsUntil() > now(),
  token: () => plane.token(),
  stepDown: () => plane.stepDown(),
  call: ({ to, topic, body }) => plane.call(to, topic, body),
  counters: () => plane.counters(),
  leave: () => plane.leave(),
  rejoin: () => plane.rejoin(),
  crashWorker: async () => void (await workers.at(-1).terminate()),
  /** How long this main thread does nothing but count, and how often it believed to lead after that. */
  block(ms) {
    const end = now() + ms;
    while (now() < end);
    return plane.leadsUntil() > now();
  },
  cost() {
    const rounds = 200_000;
    let best = Infinity;
    for (let batch = 0; batch < 10; batch++) {
      const before = now();
      for (let round = 0; round < rounds; round++)
        if (plane.leadsUntil() > performance.now() + 1e12) throw new Error('a lease without end');
      best = Math.min(best, ((now() - before) * 1e6) / rounds);
    }
    return best;
  },
  async close() {
    await plane.close();
    setImmediate(() => process.disconnect());
  },
};

process.on('message', async ({ id, act, argument }) => {
  try {
    say({ id, result: (await acts[act](argument)) ?? null });
  } catch (error) {
    say({ id, error: { code: error.code, message: error.message } });
  }
});
