import fc from 'fast-check';
import { parseJson } from './json-text.js';
import { Problem } from './problem.js';

const SIGNS = Array.from('[]{}",:\\-+.0123eEtrufalsn ');
const parse = (text: string) => parseJson(Buffer.from(text));

describe('JSON of somebody else', () => {
  it('is what JSON.parse makes of it', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 8 }), (text) => expect(parse(text)).toEqual(JSON.parse(text))));
  });

  it('is refused in words when it is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...SIGNS) }), (text) => {
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          expect(() => parse(text)).toThrow(Problem);
          return;
        }
        expect(parse(text)).toEqual(parsed);
      }),
    );
    expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('not JSON in UTF-8');
  });

  it('may hold brackets and numbers in texts', () => {
    const text = JSON.stringify({ '[[[': '['.repeat(1_000), b: '\\"1e400', c: '"' });
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it('is refused early when it is deep, and shown in part when it is long', () => {
    const before = performance.now();
    expect(() => parse('['.repeat(2 * 1024 * 1024))).toThrow('more than 64 levels');
    expect(() => parse('[{"a":'.repeat(33))).toThrow('more than 64 levels');
    expect(performance.now() - before).toBeLessThan(500);
    expect(() => parse(`[1${'0'.repeat(500)}]`)).toThrow(/the number 10{39}… cannot be kept exactly/);
  });
});
