import type { Member } from '@nest-cluster/protocol';
import { member, nodeInfo } from './fakes.fixture.js';
import { livesOf } from './lives.js';

function life(name: string, incarnation: string, status: Member['status']): Member {
  return member(nodeInfo(name, incarnation), status);
}

function told(...members: readonly Member[]) {
  const { latest, past } = livesOf(members);
  const incarnations = (of: readonly Member[]) => of.map(({ node }) => node.incarnation).join(' ');
  return { latest: incarnations(latest), past: incarnations(past) };
}

describe('M8: the lives of a name', () => {
  it('are one while it was never restarted', () => {
    expect(told(life('a', 'a1', 'up'), life('b', 'b1', 'down'))).toEqual({ latest: 'a1 b1', past: '' });
  });

  it.each(['up', 'degraded', 'suspect'] as const)('are history once the name is %s again', (status) => {
    const lives = [life('a', 'a1', 'down'), life('a', 'a2', 'left'), life('a', 'a3', status)];
    expect(told(...lives, life('b', 'b1', 'up'))).toEqual({ latest: 'a3 b1', past: 'a1 a2' });
  });

  it.each(['down', 'left'] as const)('end with the last one while the name is %s', (status) => {
    const lives = [life('b', 'b1', 'left'), life('b', 'b2', 'down'), life('b', 'b3', status)];
    expect(told(life('a', 'a1', 'up'), ...lives)).toEqual({ latest: 'a1 b3', past: 'b1 b2' });
  });

  it('count the present one, even if its clock was set back', () => {
    const lives = [life('a', 'a2', 'up'), life('a', 'a1', 'down'), life('b', 'b1', 'up')];
    expect(told(...lives)).toEqual({ latest: 'a2 b1', past: 'a1' });
  });
});
