// The leader of five is cut off. The other four start anew under new names within its lease; one of them is lost with its
// host and replaced under yet another name, so that five names have said that they are fresh.
import { cluster, tell } from './tell.js';

tell(
  'L1: a process that is gone and the one in its place under a new name are not two of the voters',
  (seed) => {
    const h = cluster({ nodes: 'abcde', seed, leaseMs: 30_000 });
    h.begin();
    h.until('somebody leads', () => h.leaders().length === 1);
    h.pass(2_000);
    const leader = h.leaders().join('');
    const others = h.names().replace(leader, '').split('');

    h.cut(leader, others.join(''));
    for (const name of others) h.kill(name);
    for (const [index, name] of ['p', 'q', 'r', 's'].entries()) h.start(name, others[index]);
    h.pass(800);
    h.lose('s');
    h.start('t');
    h.cut(leader, 'pqrt');
    // Two leaders at one instant end the history.
    h.pass(20_000);
    expect(h.leaders()).toEqual([leader]);
  },
);
