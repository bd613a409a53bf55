import fc from 'fast-check';
import { plainValue } from './plain-value.js';

describe('a value as JSON', () => {
  it('is itself when JSON can say it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = plainValue(value);
        expect(plain?.exact).toBe(true);
        expect(JSON.stringify(plain?.value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it.each([
    [1n, '1'],
    [NaN, 'NaN'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Date(NaN), null],
    [new Uint8Array([1, 2]), 'AQI='],
    [new Map([['a', 1]]), [['a', 1]]],
    [new Set([1]), [1]],
  ])('is near to it when JSON cannot, and says so: %p', (value, expected) => {
    expect(plainValue({ value })).toEqual({ value: { value: expected }, exact: false });
  });

  it('is cut off where it is too deep', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(plainValue(deep)?.exact).toBe(false);
  });

  it('costs no more than it may', () => {
    expect(plainValue('x'.repeat(100), 50)).toBeUndefined();
    expect(
      plainValue(
        Array.from({ length: 1_000_000 }, () => 1),
        100,
      ),
    ).toBeUndefined();
    expect(plainValue(new Uint8Array(10_000_000), 100)).toBeUndefined();
    expect(plainValue('x', 50)).toEqual({ value: 'x', exact: true });
  });
});
