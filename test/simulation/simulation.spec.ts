// The protocol and codec that ship, under faults by the seed. A failure prints the command that replays it.
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { PRODUCT, runSeed } from '@nest-cluster/testing';

const root = resolve(__dirname, '../..');

/** Runs the command line as a user would, on what was built. */
function sim(...args: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, 'libs/testing/dist/simulator/cli.js'), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
}

describe('the simulation', () => {
  it('keeps every promise for 200 seeds of three minutes', () => {
    expect(sim('--seeds', '200', '--minutes', '3')).toMatch(/^200 seeds, 0 broken/);
  });

  it('keeps every promise where processes come back at addresses of others, and where all have just started', () => {
    expect(sim('--seeds', '30', '--minutes', '3', '--acts', 'moves')).toMatch(/^30 seeds, 0 broken/);
    expect(sim('--seeds', '15', '--minutes', '3', '--acts', 'dawn')).toMatch(/^15 seeds, 0 broken/);
  });

  it('L1, L5: a quorum falls after the surplus died, and never so that two are found, whatever the sides of a cut are', () => {
    const more = ['--size', '3', '--nodes', '5', '--minutes', '4'];
    expect(sim('--seeds', '40', ...more, '--acts', 'regroup,shrink,surplusLeaves')).toMatch(
      /^40 seeds, 0 broken/,
    );
    expect(sim('--seeds', '30', '--minutes', '4', '--acts', 'surplusDies,renamed')).toMatch(
      /^30 seeds, 0 broken/,
    );
  });

  it('L6, L4, T3: leaders shut down one after another, leases of two lengths, and an objection that was slept through', () => {
    const acts = 'rollingLeaders,longerLease,missedObjection';
    expect(sim('--seeds', '60', '--minutes', '4', '--acts', acts)).toMatch(/^60 seeds, 0 broken/);
  });

  it('keeps every promise of the store for 24 seeds of two minutes', () => {
    expect(sim('--store', '--seeds', '24', '--minutes', '2')).toMatch(/^24 seeds, 0 broken/);
    expect(sim('--store', '--seeds', '40', '--minutes', '2', '--acts', 'newcomer')).toMatch(
      /^40 seeds, 0 broken/,
    );
  });

  it('prints the seed and its settings first, and the same trace each time', () => {
    const [once, again] = [0, 1].map(() => sim('--seed', '42', '--minutes', '2'));
    expect(once).toBe(again);
    expect(once?.split('\n').slice(0, 2)).toEqual([
      'seed 42',
      expect.stringMatching(/^settings \{"seed":42,/),
    ]);
  });

  it('does not depend on which process plays it', () => {
    const trace: string[] = [];
    runSeed(42, PRODUCT, { minutes: 2, print: (line) => trace.push(line) });
    expect(sim('--seed', '42', '--minutes', '2')).toContain(trace.join('\n'));
  });
});
