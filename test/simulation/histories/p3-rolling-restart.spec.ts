// {a,b} | {c}: c writes five keys alone, a and b are restarted one by one. Then the cut heals.
import { cluster, tell } from './tell.js';

const KEYS = ['k0', 'k1', 'k2', 'k3', 'k4'];

tell(
  'P3: what a node wrote alone is merged, although the other two were restarted one by one meanwhile',
  (seed) => {
    const h = cluster({ nodes: 'abc', seed });
    h.begin();
    for (const name of 'abc') h.confirm(name, `job-${name}`, '0', 'all');

    h.part('ab', 'c');
    h.write('a', 'job-a', '1');
    h.write('b', 'job-b', '1');
    for (const key of KEYS) h.write('c', key, '1');
    h.restart('ab');
    h.write('a', 'x', '1');
    h.pass(8_000);

    h.heal();
    h.settle();
    h.pass(5_000);
    for (const key of [...KEYS, 'x', 'job-a', 'job-b']) expect(h.all('abc', key)).toEqual(['1', '1', '1']);
  },
);

tell('P3: what a node wrote alone is merged when nobody was restarted', (seed) => {
  const h = cluster({ nodes: 'abc', seed });
  h.begin();
  h.part('ab', 'c');
  for (const key of KEYS) h.write('c', key, '1');
  h.pass(8_000);
  h.heal();
  h.settle();
  h.pass(5_000);
  for (const key of KEYS) expect(h.all('abc', key)).toEqual(['1', '1', '1']);
});
