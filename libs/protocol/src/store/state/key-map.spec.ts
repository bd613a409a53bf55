import fc from 'fast-check';
import { bucketOf, BUCKETS, KeyMap } from './key-map.js';

describe('a key map', () => {
  it('holds what a map holds', () => {
    const move = fc.record({
      kind: fc.constantFrom('set', 'delete'),
      key: fc.string({ maxLength: 12 }),
      value: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(move), (moves) => {
        const sharded = new KeyMap<number>();
        const plain = new Map<string, number>();
        for (const { kind, key, value } of moves) {
          if (kind === 'set') {
            if (sharded.get(key) === undefined) sharded.add(bucketOf(key), key, value);
            else {
              sharded.delete(bucketOf(key), key);
              sharded.add(bucketOf(key), key, value);
            }
            plain.set(key, value);
          }
          const deletes = kind === 'delete';
          expect(deletes && sharded.delete(bucketOf(key), key)).toBe(deletes && plain.delete(key));
          expect(sharded.get(key)).toBe(plain.get(key));
        }
        expect(sharded.size).toBe(plain.size);
        expect(new Map(sharded)).toEqual(plain);
      }),
    );
  });

  const hex = (at: number): string =>
    Math.imul(at, 0x9e3779b1).toString(16).replace('-', 'f').padStart(8, '0');

  it.each<[string, (at: number) => string]>([
    [
      'a name around the number',
      (at) => `app:production:eu-west-1:customer:${1e6 + at}:preferences:notification`,
    ],
    ['two numbers', (at) => `tenant:${at % 317}:order:${Math.floor(at / 317)}`],
    ['a number with zeros', (at) => `session/${String(at).padStart(32, '0')}`],
    ['a bare number', (at) => String(at)],
    ['a number in front', (at) => `${at}:${'z'.repeat(60)}`],
    ['a number in the midst of much', (at) => `${'x'.repeat(200)}${at}${'y'.repeat(250)}`],
    ['digits of a hash', (at) => `session:${hex(at)}-${hex(at + 1)}-4${hex(at + 2)}`],
    ['letters beyond U+00FF', (at) => `ключ:${at}:данные`],
  ])('spreads keys with %s, so that no bucket grows large (S7)', (_, keyOf) => {
    const count = 51_200;
    const map = new KeyMap<number>();
    for (let at = 0; at < count; at++) map.add(bucketOf(keyOf(at)), keyOf(at), at);
    const sizes = Array.from({ length: BUCKETS }, (_, bucket) => map.bucket(bucket).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
    expect(Math.max(...sizes)).toBeLessThan(2 * (count / BUCKETS));
  });

  it('finds keys beyond those that are kept for fast reads, and frees a place when one of these is deleted', () => {
    const map = new KeyMap<number>();
    for (let at = 0; at < 40_000; at++) map.add(bucketOf(`k${at}`), `k${at}`, at);
    for (let at = 0; at < 40_000; at += 997) expect(map.get(`k${at}`)).toBe(at);
    const bucket = bucketOf('k5');
    expect(map.getIn(bucket, 'k5')).toBe(5);
    expect([map.delete(bucket, 'k5'), map.get('k5'), map.delete(bucket, 'k5'), map.size]).toEqual([
      true,
      undefined,
      false,
      39_999,
    ]);
    map.add(bucketOf('new'), 'new', -1);
    expect([map.get('new'), map.size]).toEqual([-1, 40_000]);
  });

  it('gives the keys of a bucket, and nothing for an empty one', () => {
    const map = new KeyMap<number>();
    map.add(bucketOf('k'), 'k', 1);
    expect([...map.bucket(bucketOf('k'))]).toEqual([['k', 1]]);
    map.delete(bucketOf('k'), 'k');
    expect(map.bucket(bucketOf('k')).size).toBe(0);
  });
});
