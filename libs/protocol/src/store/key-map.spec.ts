import fc from 'fast-check';
import { KeyMap } from './key-map.js';

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
            sharded.set(key, value);
            plain.set(key, value);
          }
          const deletes = kind === 'delete';
          expect(deletes && sharded.delete(key)).toBe(deletes && plain.delete(key));
          expect(sharded.get(key)).toBe(plain.get(key));
        }
        expect(sharded.size).toBe(plain.size);
        expect(new Map(sharded)).toEqual(plain);
      }),
    );
  });
});
