import fc from 'fast-check';
import { isKeptExactly } from './exact-number.js';

describe('a number of a JSON text', () => {
  it('is kept when JavaScript wrote it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        for (const literal of [String(value), value.toExponential(), value.toExponential(16)])
          expect(isKeptExactly(literal)).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.maxSafeInteger(), (value) => expect(isKeptExactly(String(value))).toBe(true)));
  });

  it.each([
    '0',
    '-0',
    '0.0e999999',
    '1E2',
    '10.0',
    '1e23',
    '9007199254740992',
    '100000000000000000000',
    '5e-324',
  ])('is kept: %s', (literal) => expect(isKeptExactly(literal)).toBe(true));

  it.each([
    '1e400',
    '-1e400',
    '1e-400',
    '9007199254740993',
    '-9007199254740993',
    '9007199254740993.25',
    '123456789012345678901234567890',
    '3.14159265358979323846',
    `1${'0'.repeat(400)}`,
  ])('would be changed: %s', (literal) => expect(isKeptExactly(literal)).toBe(false));

  it('takes no long time however long it is', () => {
    const before = performance.now();
    for (const literal of [
      `0.${'0'.repeat(1_000_000)}1`,
      '7'.repeat(1_000_000),
      `1e${'9'.repeat(1_000_000)}`,
    ])
      expect(isKeptExactly(literal)).toBe(false);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
