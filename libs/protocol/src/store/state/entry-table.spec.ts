import fc from 'fast-check';
import { bytes, textOf } from '../letters.fixture.js';
import { EntryTable } from './entry-table.js';
import type { Sibling } from './entry.js';
import { bucketOf } from './key-map.js';

function siblingOf(text: string, counter: number, expiresAt = 0): Sibling {
  return { origin: counter % 5, counter, value: bytes(text), time: counter * 2_048, expiresAt };
}

const move = fc.record({
  kind: fc.constantFrom('put', 'put', 'several', 'delete'),
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  counter: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
});

describe('the table of entries', () => {
  it('holds what a map of objects holds, whatever places are used again', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const table = new EntryTable();
        const plain = new Map<string, { counter: number; several: readonly Sibling[] | undefined }>();
        for (const { kind, key, counter } of moves) {
          const bucket = bucketOf(key);
          const several = kind === 'several' ? [siblingOf('x', counter), siblingOf('y', 1)] : undefined;
          if (kind === 'delete') {
            table.delete(bucket, key);
            plain.delete(key);
          } else {
            const shown = siblingOf(`${counter}`, counter);
            if (plain.has(key)) table.update(bucket, key, shown, several);
            else table.add(bucket, key, shown, several);
            plain.set(key, { counter, several });
          }
          expect(table.size).toBe(plain.size);
          expect([...table].map(([name]) => name).sort()).toEqual([...plain.keys()].sort());
          for (const [name, { counter: known, several: all }] of plain) {
            const entry = table.getIn(bucketOf(name), name);
            expect(entry).toEqual(table.get(name));
            expect([entry?.counter, entry?.time, entry?.origin]).toEqual([known, known * 2_048, known % 5]);
            expect([entry && textOf(entry.value), entry?.siblings]).toEqual([`${known}`, all]);
          }
        }
      }),
    );
  });

  it('shows a value until it expires, and looks at the clock only for one that does (S5)', () => {
    const table = new EntryTable();
    table.add(bucketOf('stays'), 'stays', siblingOf('s', 1));
    table.add(bucketOf('goes'), 'goes', siblingOf('g', 2, 100));
    const wall = jest.fn(() => 99);
    expect(
      [table.value('stays', wall), table.value('nothing', wall)].map((value) => value && textOf(value)),
    ).toEqual(['s', undefined]);
    expect(wall).not.toHaveBeenCalled();
    expect(table.value('goes', wall)).toBeDefined();
    expect(table.value('goes', () => 100)).toBeUndefined();
  });

  it('gives copies: what was read stays as it was', () => {
    const table = new EntryTable();
    table.add(bucketOf('k'), 'k', siblingOf('one', 1));
    const read = table.get('k');
    table.update(bucketOf('k'), 'k', siblingOf('two', 2));
    expect(read && textOf(read.value)).toBe('one');
  });

  it('grows over many pages, and may be emptied and filled while it is read', () => {
    const table = new EntryTable();
    for (let at = 0; at < 10_000; at++) table.add(bucketOf(`k${at}`), `k${at}`, siblingOf(`${at}`, at + 1));
    for (const [key] of table) table.delete(bucketOf(key), key);
    expect([table.size, [...table]]).toEqual([0, []]);
    table.add(bucketOf('k'), 'k', siblingOf('again', 7));
    expect(table.get('k')).toMatchObject({ counter: 7, siblings: undefined });
  });
});
