import { NO_LEASE, type Incarnation, type NodeInfo } from '@nest-cluster/protocol';
import { monotonicMs, wallMs } from '../ports/clock.js';
import { setStage, type Puppet, type Stage } from './engine-stage.fixture.js';
import type { Engine } from './engine.js';
import { MemoryNetwork } from './memory-network.js';

const open: Engine[] = [];
afterEach(() => Promise.all(open.splice(0).map((engine) => engine.close())));

async function stage(network: MemoryNetwork, name: string): Promise<Stage> {
  const set = await setStage(network, name);
  open.push(set.engine);
  return set;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

function puppetOf({ puppets }: Stage): Puppet {
  const puppet = puppets.at(-1);
  if (!puppet) throw new Error('no machine was made');
  return puppet;
}

/** Two engines with a link between them. */
async function pair(): Promise<[Stage, Stage]> {
  const network = new MemoryNetwork();
  const [a, b] = [await stage(network, 'a'), await stage(network, 'b')];
  puppetOf(a).react = ({ type }) =>
    type === 'start' ? [{ type: 'dial', address: b.engine.view.self.address }] : [];
  b.engine.start();
  a.engine.start();
  await until(() => puppetOf(a).heard().includes('linkOpened') && puppetOf(b).heard().includes('linkOpened'));
  return [a, b];
}

const idOf = ({ engine }: Stage): Incarnation => engine.view.self.incarnation;

describe('Engine', () => {
  it('draws a new identity, and tells where it listens (T1)', async () => {
    const network = new MemoryNetwork();
    const [a, b] = [
      (await stage(network, 'a')).engine.view.self,
      (await stage(network, 'b')).engine.view.self,
    ];
    expect(a).toMatchObject({ name: 'a', address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string });
    expect(a.incarnation).toMatch(/^[0-9a-f]{32}$/);
    expect(a.incarnation).not.toBe(b.incarnation);
  });

  it('brings bytes to the machine as messages, and its effects to the other side', async () => {
    const [a, b] = await pair();
    puppetOf(a).react = (input) =>
      input.type === 'stepDown'
        ? [{ type: 'send', to: idOf(b), message: { type: 'resigned', token: 5 } }]
        : [];
    a.engine.input({ type: 'stepDown' });
    await until(() => puppetOf(b).heard().includes('message'));
    expect(puppetOf(b).inputs.at(-1)).toEqual({
      type: 'message',
      from: idOf(a),
      message: { type: 'resigned', token: 5 },
    });
  });

  it('drops and counts bytes that mean nothing (W5)', async () => {
    const network = new MemoryNetwork();
    const b = await stage(network, 'b');
    const stranger = network.transport({ name: 'x', host: '127.0.0.1', port: 0 });
    await stranger.listen();
    const opened = new Promise<void>((resolve) => {
      stranger.start(
        { ...b.engine.view.self, incarnation: 'f'.repeat(32) as Incarnation },
        { opened: () => resolve(), closed() {}, dialFailed() {}, frame() {}, rejected() {} },
      );
    });
    b.engine.start();
    stranger.dial(b.engine.view.self.address);
    await opened;
    const news = b.news();
    for (let hostile = 0; hostile < 50; hostile++) stranger.send(idOf(b), Uint8Array.of(0xff, hostile, 1, 2));
    await news;
    await until(() => b.engine.counters().rejected.frameInvalid === 50);
    expect(puppetOf(b).heard()).not.toContain('message');
    expect(b.engine.takeNews()?.rejections).toMatchObject([{ reason: 'frameInvalid' }]);
    await stranger.close();
  });

  it('steps one input after the other, also those that arise while it carries out effects', async () => {
    const a = await stage(new MemoryNetwork(), 'a');
    let depth = 0;
    puppetOf(a).react = (input) => {
      expect(++depth).toBe(1);
      if (input.type === 'start') a.engine.input({ type: 'stepDown' });
      depth--;
      return [];
    };
    a.engine.start();
    expect(puppetOf(a).heard()).toEqual(['start', 'stepDown']);
  });

  it('ticks no later than the machine asks for', async () => {
    const a = await stage(new MemoryNetwork(), 'a');
    const puppet = puppetOf(a);
    puppet.deadline = monotonicMs() + 20;
    const ticked = new Promise<number>((resolve) => {
      puppet.react = ({ type }) => {
        if (type !== 'tick') return [];
        puppet.deadline = Infinity;
        resolve(monotonicMs());
        return [];
      };
    });
    const { deadline } = puppet;
    a.engine.start();
    await expect(ticked).resolves.toBeGreaterThanOrEqual(deadline);
  });

  it('shares the lease, and takes it away when the machine breaks a promise (L1)', async () => {
    const a = await stage(new MemoryNetwork(), 'a');
    puppetOf(a).react = ({ type }) => {
      if (type === 'stepDown') throw new Error('invariant broken');
      return [
        { type: 'lease', lease: { until: monotonicMs() + 9_000, wallUntil: wallMs() + 9_000, token: 3 } },
      ];
    };
    a.engine.start();
    expect(a.cell.token()).toBe(3);
    a.engine.input({ type: 'stepDown' });
    expect([a.cell.until(), a.failures.map(({ message }) => message)]).toEqual([0, ['invariant broken']]);
    a.engine.input({ type: 'workEnded', token: 3 });
    expect(puppetOf(a).heard()).toEqual(['start', 'stepDown']);
  });

  it('tells what is new once per turn, with the view that it leads to', async () => {
    const a = await stage(new MemoryNetwork(), 'a');
    const other: NodeInfo = { ...a.engine.view.self, incarnation: 'b'.repeat(32) as Incarnation };
    const puppet = puppetOf(a);
    a.engine.start();
    puppet.react = ({ type }) =>
      type === 'stepDown' ? [{ type: 'event', event: { type: 'nodeUp', node: other } }] : [];
    const news = a.news();
    a.engine.input({ type: 'stepDown' });
    puppet.members = [...puppet.members, { node: other, status: 'up', upSince: 0, seen: true }];
    a.engine.input({ type: 'workEnded', token: 1 });
    await news;
    expect(a.engine.takeNews()).toMatchObject({
      events: [{ type: 'nodeUp' }],
      view: { members: { length: 2 } },
    });
    expect(a.engine.takeNews()).toBeUndefined();
  });

  it('carries calls between applications', async () => {
    const [a, b] = await pair();
    const answer = a.engine.call(idOf(b), 'sum', [1, 2]);
    await until(() => b.asked.length === 1);
    expect(b.asked[0]).toMatchObject({ topic: 'sum', body: [1, 2], from: { name: 'a' } });
    b.engine.answer(b.asked[0]?.key ?? NaN, { ok: true, body: 3 });
    await expect(answer).resolves.toBe(3);
  });

  it('lets a node call itself, and rejects calls to a node without a link', async () => {
    const a = await stage(new MemoryNetwork(), 'a');
    a.engine.start();
    const answer = a.engine.call(idOf(a), 'sum', 1);
    a.engine.answer(a.asked[0]?.key ?? NaN, { ok: true, body: 2 });
    await expect(answer).resolves.toBe(2);
    await expect(a.engine.call('c'.repeat(32) as Incarnation, 'sum', 1)).rejects.toMatchObject({
      code: 'CLUSTER_NODE_UNKNOWN',
    });
  });

  it('rejects calls that get no answer in time', async () => {
    const [a, b] = await pair();
    await expect(a.engine.call(idOf(b), 'sum', 1, 20)).rejects.toMatchObject({ code: 'CLUSTER_CALL_FAILED' });
  });

  it('says goodbye before links close, comes back as another incarnation, and stays out in between (M5, D4)', async () => {
    const [a, b] = await pair();
    const before = idOf(a);
    puppetOf(a).react = ({ type }) =>
      type === 'leave'
        ? [
            { type: 'lease', lease: NO_LEASE },
            { type: 'send', to: idOf(b), message: { type: 'resigned', token: 1 } },
          ]
        : [];
    await a.engine.leave();
    await until(() => puppetOf(b).heard().includes('linkClosed'));
    expect(puppetOf(b).heard().slice(-2)).toEqual(['message', 'linkClosed']);
    expect(a.engine.view).toMatchObject({ state: 'red', members: [{ status: 'left' }] });

    const { self } = a.engine.rejoin();
    expect([self.name, self.address]).toEqual(['a', a.engine.view.self.address]);
    expect(self.incarnation).not.toBe(before);
    expect(puppetOf(a).heard()).toEqual(['start', 'contacts']);
  });

  it('rests after a goodbye that is long over', async () => {
    const [a] = await pair();
    await a.engine.leave();
    a.engine.rejoin();
    const left = monotonicMs();
    const puppet = puppetOf(a);
    let looks = 0;
    puppet.nextDeadline = () => {
      if (monotonicMs() > left + 1_000) looks++;
      return Infinity;
    };
    await until(() => monotonicMs() > left + 1_200);
    expect(looks).toBeLessThan(20);
  });

  it('leaves nothing running when closed', async () => {
    const a = await stage(new MemoryNetwork(), 'a');
    a.engine.start();
    const waiting = a.engine.call(idOf(a), 'sum', 1).catch((error: Error) => error.message);
    await a.engine.close();
    await expect(waiting).resolves.toContain('call failed');
    const heard = puppetOf(a).heard().length;
    a.engine.input({ type: 'tick' });
    expect(puppetOf(a).heard()).toHaveLength(heard);
  });
});
