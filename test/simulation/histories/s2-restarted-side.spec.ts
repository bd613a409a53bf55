// {a,b} | {c,d,e}: c writes w with a quorum. {a,b} | {c,d} | {e}: a and b restart one by one. They meet, e comes last.
import { cluster, tell } from './tell.js';

tell(
  'S2, P3: a write that a quorum confirmed, and one of the other side, outlive a cut in which that side was restarted',
  (seed) => {
    const h = cluster({ nodes: 'abcde', seed });
    h.begin();
    for (const name of 'abcde') h.confirm(name, `job-${name}`, '0', 'all');

    h.part('ab', 'cde');
    h.write('a', 'job-a', '1');
    h.write('b', 'job-b', '1');
    h.confirm('c', 'w', '1', 'quorum');
    expect(h.all('cde', 'w')).toEqual(['1', '1', '1']);

    h.part('ab', 'cd', 'e');
    h.restart('ab');
    h.write('a', 'x', '1');
    h.pass(8_000);

    h.cut('abcd', 'e');
    h.pass(20_000);
    h.heal();
    h.settle();
    h.pass(20_000);
    expect(h.all('abcde', 'w')).toEqual(['1', '1', '1', '1', '1']);
    expect(h.all('abcde', 'x')).toEqual(['1', '1', '1', '1', '1']);
  },
);
