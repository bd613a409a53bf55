import { LeaderOnly } from '@nest-cluster/core';
import { fakeLeadership } from './index.js';

class Job {
  @LeaderOnly()
  run(): string {
    return 'done';
  }
}

describe('fakeLeadership', () => {
  it('lets the leader-only methods of what it is bound to run while it leads', () => {
    const leadership = fakeLeadership();
    const job = leadership.bind(new Job());
    expect(job.run()).toBe('done');
    leadership.lose();
    expect(() => job.run()).toThrow(expect.objectContaining({ code: 'CLUSTER_NOT_LEADER' }));
    leadership.lead();
    expect(job.run()).toBe('done');
  });

  it('has a token that grows with each term, and a signal that aborts at its end', () => {
    const leadership = fakeLeadership({ token: 7 });
    const { signal } = leadership;
    expect([leadership.token, signal.aborted]).toEqual([7, false]);
    leadership.stepDown();
    expect([leadership.token, signal.aborted, leadership.signal.aborted]).toEqual([0, true, true]);
    leadership.lead();
    expect([leadership.token, leadership.signal.aborted]).toEqual([8, false]);
  });

  it('runs and refuses work as the real one does, and names who leads', async () => {
    const leadership = fakeLeadership({ leads: false, leader: 'other' });
    expect(leadership.leader?.name).toBe('other');
    await expect(leadership.runAsLeader(() => 1)).rejects.toThrow(/other leads/);
    leadership.lead();
    await expect(leadership.runAsLeader((_signal, token) => token)).resolves.toBe(1);
  });

  it('is apart from every other', () => {
    const [one, two] = [fakeLeadership(), fakeLeadership({ leads: false })];
    expect([one.isLeader(), two.isLeader()]).toEqual([true, false]);
  });
});
