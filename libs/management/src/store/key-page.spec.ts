import fc from 'fast-check';
import { decodeCursor, encodeCursor, keyPage } from './key-page.js';

describe('a page of keys', () => {
  it('is what sorting everything would give, page after page', async () => {
    const keys = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.integer({ min: 1, max: 20 }),
        fc.string({ maxLength: 1 }),
        async (all, limit, prefix) => {
          const expected = all
            .filter((key) => key.startsWith(prefix))
            .toSorted((a, b) => (a < b ? -1 : Number(a > b)));
          const found: string[] = [];
          let after: string | undefined;
          do {
            const page = await keyPage(all, prefix, limit, after);
            expect(page.total).toBe(expected.length);
            expect(page.keys.length).toBeLessThanOrEqual(limit);
            found.push(...page.keys);
            after = page.cursor === null ? undefined : found.at(-1);
          } while (after !== undefined);
          expect(found).toEqual(expected);
        },
      ),
    );
  });

  it('lets others have their turn while many keys are looked at', async () => {
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    const many = Array.from({ length: 200_000 }, (_, index) => `k/${index}`);
    const page = await keyPage(many, 'k/1', 10, undefined);
    clearInterval(count);
    expect(page.keys).toHaveLength(10);
    expect(turns).toBeGreaterThan(3);
  });

  it('takes no cursor but its own', () => {
    for (const key of ['a', 'ключ', '🔑/%']) expect(decodeCursor(encodeCursor(key))).toBe(key);
    for (const wrong of ['***', 'a', '=', 'YQ==']) expect(decodeCursor(wrong)).toBeUndefined();
  });
});
