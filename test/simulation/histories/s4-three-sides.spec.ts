// {a,b} | {c,d,f} | {e}: a, b and e are restarted, then a deletes what everybody had. All meet again.
import { cluster, tell } from './tell.js';

tell('S4: of three sides that were restarted none brings back what one of them deleted', (seed) => {
  const h = cluster({ nodes: 'abcdef', seed });
  h.begin();
  for (const key of ['k1', 'k2', 'k3']) h.confirm('a', key, '1', 'all');

  h.part('ab', 'cdf', 'e');
  h.restart('ab');
  h.kill('e');
  h.start('e');
  h.pass(8_000);
  h.delete('a', 'k1');
  h.delete('a', 'k2');
  h.pass(5_000);

  h.heal();
  h.settle();
  h.pass(25_000);
  const nothing = Array.from({ length: 6 });
  expect(h.all('abcdef', 'k1')).toEqual(nothing);
  expect(h.all('abcdef', 'k2')).toEqual(nothing);
  expect(h.all('abcdef', 'k3')).toEqual(nothing.map(() => '1'));
});
