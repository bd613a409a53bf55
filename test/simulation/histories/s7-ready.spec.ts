// A node begins with nothing while those that have the store are slow, or out of reach before it has the whole.
import { cluster, tell } from './tell.js';

const KEYS = 2_000;

tell('S7: a node whose clock is behind waits for the store of those that are slow to answer', (seed) => {
  const h = cluster({ nodes: 'abc', seed, clocks: { c: -120_000 } });
  h.begin();
  h.confirm('a', 'k', '1', 'all');
  h.pass(60_000);

  h.kill('c');
  h.start('c');
  h.block('a', 16_000);
  h.block('b', 16_000);
  h.until('c is ready', () => h.isReady('c'));
  expect(h.get('c', 'k')).toBe('1');
});

tell('S7: a node whose clock is right waits for the store of those that are slow to answer', (seed) => {
  const h = cluster({ nodes: 'abc', seed });
  h.begin();
  h.confirm('a', 'k', '1', 'all');
  h.pass(60_000);

  h.kill('c');
  h.start('c');
  h.block('a', 16_000);
  h.block('b', 16_000);
  h.until('c is ready', () => h.isReady('c'));
  expect(h.get('c', 'k')).toBe('1');
});

tell('S7: a node that is cut off in the middle of its first copy is not ready', (seed) => {
  const h = cluster({ nodes: 'abc', seed, store: { batchBytesMax: 256, batchEntriesMax: 16 } });
  h.begin();
  h.fill('a', KEYS);

  h.kill('c');
  h.start('c');
  h.until('c has a part', () => h.size('c') > KEYS / 4);
  h.cut('ab', 'c');
  h.pass(30_000);
  expect(h.isReady('c')).toBe(false);

  h.heal();
  h.settle();
  expect(h.size('c')).toBe(KEYS);
});
