import fc from 'fast-check';
import { plainValue } from './plain-value.js';

describe('a value as JSON', () => {
  it('is itself when JSON can say it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = plainValue(value);
        expect(plain.exact).toBe(true);
        expect(JSON.stringify(plain.value)).toBe(JSON.stringify(value));
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
    expect(plainValue({ value })).toEqual({ value: { value: expected }, exact: false, isCut: false });
  });

  it('is cut off where it is too deep', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(plainValue(deep).exact).toBe(false);
  });

  it('costs no more than it may, and marks where it was cut', () => {
    const cut = { exact: false, isCut: true };
    expect(plainValue('x'.repeat(100), 50)).toEqual({ value: `${'x'.repeat(42)}…`, ...cut });
    const long = Array.from({ length: 1_000_000 }, () => 1);
    expect(plainValue(long, 100)).toEqual({ value: [...Array.from({ length: 11 }, () => 1), '…'], ...cut });
    expect(plainValue(new Uint8Array(10_000_000), 100)).toEqual({ value: '…', ...cut });
    expect(plainValue({ a: 1, b: 'x'.repeat(100), c: 1 }, 60)).toMatchObject({
      value: { a: 1, '…': '…' },
      ...cut,
    });
    expect(plainValue('x', 50)).toEqual({ value: 'x', exact: true, isCut: false });
  });

  it('shows the beginning of a huge whole number, at once', () => {
    const huge = BigInt(`0x${'abc'.repeat(400_000)}`);
    const before = performance.now();
    expect(plainValue([huge, -huge]).value).toEqual([
      `0x${'abc'.repeat(22).slice(0, 64)}… (1200000 hexadecimal digits)`,
      `-0x${'abc'.repeat(22).slice(0, 64)}… (1200000 hexadecimal digits)`,
    ]);
    expect(performance.now() - before).toBeLessThan(500);
    expect(plainValue(2n ** 1_000n).value).toBe(String(2n ** 1_000n));
  });
});
