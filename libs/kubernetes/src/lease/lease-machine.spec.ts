import { LeaseMachine } from './lease-machine.js';
import { readLease, TOKEN_ANNOTATION, writeLease, type LeaseRecord } from './lease-record.js';
import type { LeaseEffect } from './lease-step.js';
import { leaseTiming } from './lease-timing.js';

const timing = leaseTiming(10);

describe('LeaseMachine', () => {
  const self = { name: 'pod-0', incarnation: 'a'.repeat(32), candidate: true, rank: () => 0 };
  const at = (mono: number, wall = 1_800_000_000_000 + mono) => ({ mono, wall });
  const stored = (
    holder: string,
    token: number | string,
    version: string,
    { seconds = 10, released }: { readonly seconds?: number; readonly released?: number } = {},
  ): LeaseRecord =>
    readLease({
      metadata: {
        name: 'x',
        resourceVersion: version,
        annotations: {
          [TOKEN_ANNOTATION]: String(token),
          ...(released !== undefined && { 'nest-cluster/released-token': String(released) }),
        },
      },
      spec: { holderIdentity: holder, leaseDurationSeconds: seconds },
    } as object);
  const givenBack = (token: number, version: string): LeaseRecord =>
    stored('', token, version, { released: token });
  const types = (effects: readonly LeaseEffect[]): readonly string[] => effects.map(({ type }) => type);
  const answerTo = (effects: readonly LeaseEffect[], version: string): LeaseRecord => {
    const write = effects.find((effect) => effect.type === 'write');
    if (write?.type !== 'write') throw new Error(`no write among ${types(effects).join(', ')}`);
    const object = writeLease('x', write.change, 0) as { readonly metadata: object };
    return readLease({ ...object, metadata: { ...object.metadata, resourceVersion: version } });
  };
  const leading = (): LeaseMachine => {
    const machine = new LeaseMachine(self, timing, () => 0);
    machine.step({ type: 'tick' }, at(0));
    const effects = machine.step({ type: 'read', lease: givenBack(5, '1') }, at(10));
    expect(types(machine.step({ type: 'written', lease: answerTo(effects, '2') }, at(20)))).toContain(
      'acquired',
    );
    return machine;
  };

  it('takes a lease that was given back at once, and counts from when the request left (L4)', () => {
    const machine = new LeaseMachine(self, timing, () => 0);
    machine.step({ type: 'tick' }, at(0));
    const effects = machine.step({ type: 'read', lease: givenBack(5, '1') }, at(100));
    const [grant] = machine.step({ type: 'written', lease: answerTo(effects, '2') }, at(1_100));
    expect(grant).toMatchObject({ type: 'grant', grant: { until: 100 + timing.deadlineMs } });
  });

  it('never takes a lease where it is no candidate', () => {
    const machine = new LeaseMachine({ ...self, candidate: false }, timing, () => 0);
    machine.step({ type: 'tick' }, at(0));
    expect(types(machine.step({ type: 'read', lease: givenBack(5, '1') }, at(100)))).toEqual([]);
    expect(types(machine.step({ type: 'tick' }, at(4_000)))).toEqual([]);
    expect(machine.nextDeadline()).toBe(100 + timing.pollMs);
  });

  it('lets those of a higher priority go first, but not the one that just led (L7)', () => {
    const asked: unknown[] = [];
    const rank = (but?: string) => asked.push(but) && 2;
    const machine = new LeaseMachine({ ...self, rank }, timing, () => 0);
    machine.step({ type: 'tick' }, at(0));
    machine.step({ type: 'read', lease: stored(`pod-1_${'b'.repeat(32)}`, 5, '1') }, at(100));
    machine.step({ type: 'noticed', lease: givenBack(5, '2') }, at(200));
    expect(asked).toEqual([undefined, 'b'.repeat(32)]);
    expect(machine.nextDeadline()).toBe(200 + 2 * timing.rankMs);
    expect(types(machine.step({ type: 'tick' }, at(200 + 2 * timing.rankMs)))).toEqual(['write']);
  });

  it.each([
    ['held by another life of the same pod', stored(`pod-0_${'b'.repeat(32)}`, 5, '1')],
    ['absent', null],
    ['never held', stored('', 0, '1')],
    ['held by nobody, without the mark of a Lease that was given back', stored('', 5, '1')],
    ['held by nobody, with the mark of an earlier term', stored('', 5, '1', { released: 4 })],
    ['held under a duration that somebody shortened', stored('pod-1_x', 5, '1', { seconds: 1 })],
  ])('waits for a whole lease when it is %s', (_, lease) => {
    const machine = new LeaseMachine(self, timing, () => 0);
    machine.step({ type: 'tick' }, at(0));
    const tries: number[] = [];
    let request = machine.step({ type: 'read', lease }, at(1));
    for (let mono = 2; mono < 12_000; mono += 10) {
      if (types(request).includes('write')) tries.push(mono);
      const answer = types(request).includes('read')
        ? ({ type: 'read', lease } as const)
        : ({ type: 'tick' } as const);
      request = machine.step(answer, at(mono));
    }
    expect(tries[0]).toBeGreaterThan(10_000);
    expect(tries[0]).toBeLessThan(10_050);
  });

  it.each([String(2 ** 53 - 1), String(2 ** 53 - 2), '9'.repeat(20), '-1', '1.5', 'x', ''])(
    'never leads after a token that cannot be raised, and says so: "%s" (L3)',
    (token) => {
      const machine = new LeaseMachine(self, timing, () => 0);
      machine.step({ type: 'tick' }, at(0));
      const read = machine.step({ type: 'read', lease: stored('pod-1_x', token, '1') }, at(1));
      expect(read).toContainEqual({ type: 'stuck', isStuck: true });
      expect(machine.nextDeadline()).toBeGreaterThan(4_000);
      for (let mono = 5_000; mono < 60_000; mono += 5_000) {
        expect(types(machine.step({ type: 'tick' }, at(mono)))).not.toContain('write');
        machine.step({ type: 'read', lease: stored('pod-1_x', token, '1') }, at(mono + 1));
      }
      const mended = machine.step({ type: 'noticed', lease: givenBack(5, '2') }, at(70_000));
      expect(mended).toContainEqual({ type: 'stuck', isStuck: false });
      expect(types(machine.step({ type: 'read', lease: givenBack(5, '2') }, at(70_001)))).toContain('write');
    },
  );

  it('leads up to the greatest token, and not beyond it (L3)', () => {
    const machine = new LeaseMachine(self, timing, () => 0);
    machine.step({ type: 'tick' }, at(0));
    const effects = machine.step({ type: 'read', lease: givenBack(2 ** 53 - 3, '1') }, at(1));
    expect(effects).toContainEqual({ type: 'stuck', isStuck: true });
    const acquired = machine.step({ type: 'written', lease: answerTo(effects, '2') }, at(2));
    expect(acquired).toContainEqual({ type: 'acquired', token: 2 ** 53 - 2 });
    machine.step({ type: 'stepDown' }, at(1_000));
    const release = machine.step({ type: 'workEnded', token: 2 ** 53 - 2 }, at(1_001));
    machine.step({ type: 'written', lease: answerTo(release, '3') }, at(1_002));
    expect(types(machine.step({ type: 'tick' }, at(90_000)))).toEqual(['read']);
    expect(types(machine.step({ type: 'read', lease: null }, at(90_001)))).toEqual([]);
  });

  it('waits at most half of its lease when the server asks to be left alone', () => {
    const machine = leading();
    machine.step({ type: 'tick' }, at(2_100));
    machine.step({ type: 'failed', retryAfterMs: 86_400_000 }, at(2_110));
    expect(machine.nextDeadline()).toBe(2_110 + timing.leaseMs / 2);
    expect(types(machine.step({ type: 'tick' }, at(2_110 + timing.leaseMs / 2)))).toEqual(['write']);
  });

  it('marks the Lease as given back with its token, and takes the mark away with the next term', () => {
    const machine = leading();
    machine.step({ type: 'stepDown' }, at(1_000));
    const release = machine.step({ type: 'workEnded', token: 1_800_000_000_010 }, at(2_000));
    const free = answerTo(release, '3');
    expect(free).toMatchObject({ holder: null, isGivenBack: true, token: 1_800_000_000_010 });
    const next = new LeaseMachine({ ...self, incarnation: 'b'.repeat(32) }, timing, () => 0);
    next.step({ type: 'tick' }, at(2_020));
    const held = answerTo(next.step({ type: 'read', lease: free }, at(2_030)), '4');
    const { spec, metadata } = held.object as Record<'spec' | 'metadata', object>;
    expect(readLease({ metadata, spec: { ...spec, holderIdentity: '' } } as object).isGivenBack).toBe(false);
  });

  it('raises the token when it finds itself as holder, without leading (L3)', () => {
    const machine = new LeaseMachine(self, timing, () => 0);
    machine.step({ type: 'tick' }, at(0));
    const mine = stored(`pod-0_${self.incarnation}`, 9_000_000_000_000, '1');
    const effects = machine.step({ type: 'read', lease: mine }, at(1));
    expect(answerTo(effects, '2').token).toBe(9_000_000_000_001);
  });

  it('gives the lease back only after the work has ended, and leaves it to others for a while (L4)', () => {
    const machine = leading();
    expect(types(machine.step({ type: 'stepDown' }, at(1_000)))).toEqual(['grant', 'lost', 'leader']);
    expect(machine.step({ type: 'tick' }, at(1_500))).toEqual([]);
    const token = 1_800_000_000_010;
    const release = machine.step({ type: 'workEnded', token }, at(2_000));
    expect(release).toMatchObject([{ type: 'write', change: { holder: null, token } }]);
    machine.step({ type: 'written', lease: answerTo(release, '3') }, at(2_010));
    expect(machine.step({ type: 'tick' }, at(2_100))).toEqual([]);
    expect(types(machine.step({ type: 'tick' }, at(3_100)))).toEqual(['write']);
  });

  it('stops after some tries when it cannot read what it would give back', () => {
    const machine = leading();
    machine.step({ type: 'noticed', lease: stored('', 5, '9') }, at(100));
    machine.step({ type: 'failed' }, at(110));
    const effects = machine.step({ type: 'stop' }, at(120));
    effects.push(...machine.step({ type: 'workEnded', token: 1_800_000_000_010 }, at(120)));
    for (let tries = 0; tries < 5; tries++)
      effects.push(...machine.step({ type: 'failed' }, at(121 + tries)));
    expect(types(effects).filter((type) => type === 'read')).toHaveLength(3);
    expect(types(effects).at(-1)).toBe('stopped');
  });

  it('does not lead after a suspend, although its monotonic clock stood still (T2)', () => {
    const machine = leading();
    const effects = machine.step({ type: 'tick' }, at(1_000, 1_800_000_060_000));
    expect(effects).toContainEqual(expect.objectContaining({ type: 'lost', reason: 'clockJump' }));
  });

  it('does not believe a late answer: what came after the deadline is no lease (T3)', () => {
    const machine = leading();
    machine.step({ type: 'tick' }, at(2_100));
    const effects = machine.step(
      { type: 'written', lease: stored(`pod-0_${self.incarnation}`, 6, '3') },
      at(60_000),
    );
    expect(types(effects)).toContain('lost');
    expect(types(effects)).not.toContain('acquired');
  });

  it('looks before it believes a watch that says that somebody else leads', () => {
    const machine = leading();
    const other = stored(`pod-1_${'c'.repeat(32)}`, 7, '9');
    expect(types(machine.step({ type: 'noticed', lease: other }, at(100)))).toEqual(['read']);
    expect(types(machine.step({ type: 'read', lease: other }, at(110)))).toEqual(['grant', 'lost', 'leader']);
  });

  it('puts a deleted lease back under the same term while it leads', () => {
    const machine = leading();
    machine.step({ type: 'noticed', lease: null }, at(100));
    const effects = machine.step({ type: 'read', lease: null }, at(110));
    expect(effects).toMatchObject([{ type: 'write', change: { base: null, token: 1_800_000_000_010 } }]);
  });
});

describe('the Lease object', () => {
  it('keeps what others wrote, and has times of six digits', () => {
    const base = readLease({
      metadata: {
        name: 'x',
        resourceVersion: '7',
        uid: 'u',
        labels: { team: 'a' },
        annotations: { note: 'b' },
      },
      spec: { leaseTransitions: 3 },
    } as object);
    const holder = { name: 'pod_0', incarnation: 'f'.repeat(32) };
    const object = writeLease('x', { base, holder, token: 8, durationMs: 10_000 }, 1_800_000_000_123);
    expect(object).toMatchObject({
      metadata: {
        uid: 'u',
        resourceVersion: '7',
        labels: { team: 'a' },
        annotations: { note: 'b', [TOKEN_ANNOTATION]: '8' },
      },
      spec: { leaseTransitions: 4, leaseDurationSeconds: 10, renewTime: '2027-01-15T08:00:00.123000Z' },
    });
    expect(readLease(object).holder).toEqual(holder);
  });
});
