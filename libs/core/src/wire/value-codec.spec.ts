import fc from 'fast-check';
import { inspect } from 'node:util';
import vm from 'node:vm';
import { StoreValue } from './store-value.js';
import { isValue } from './value-decoder.js';
import { VALUE_BYTES_CAP, VALUE_DEPTH_MAX } from './value-format.js';

const MAX = 1024 * 1024;
const value = (given: unknown, bytesMax = MAX): StoreValue => StoreValue.of(given, bytesMax);

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: false,
  withUnicodeString: true,
});

describe('values of the store', () => {
  it('come back as they were put in, whatever they are (S9)', () => {
    fc.assert(
      fc.property(anything, (given) => {
        // Jest holds no two of these for equal; see below.
        fc.pre(!inspect(given, { depth: Infinity }).includes('Invalid Date'));
        const kept = value(given);
        expect(isValue(kept.text)).toBe(true);
        for (let reads = 0; reads < 3; reads++) expect(kept.copy()).toEqual(given);
        expect(kept.peek()).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it('keep a date that is none', () => {
    const kept = value(new Map([['at', new Date(NaN)]])).copy() as Map<string, Date>;
    expect(kept.get('at')).toBeInstanceOf(Date);
    expect(kept.get('at')?.getTime()).toBeNaN();
  });

  it.each([
    [-0],
    [NaN],
    [-Infinity],
    [2 ** 53],
    [-(2 ** 45)],
    [0.1],
    ['\ud800 half'],
    ['日本語 😀'],
    ['\xff\0'],
    [-(2n ** 200n)],
    [new Uint8Array([0, 255, 128])],
    [{ undefinedInside: undefined, list: [undefined, null] }],
    [new Map<unknown, unknown>([[{ key: 1 }, new Set([new Date(7)])]])],
  ])('keeps %p exactly', (given) => {
    expect(value(given).copy()).toStrictEqual(given);
  });

  it('keeps a key named __proto__ as a key', () => {
    const given: unknown = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}');
    for (const got of [value(given).copy(), value(given).peek()]) {
      expect(Object.keys(got as object)).toEqual(['__proto__', 'a']);
      expect(got).not.toHaveProperty('polluted');
    }
  });

  it('is changed by nobody: not by the giver, not by a reader (S9)', () => {
    const given = { list: [1, { deep: true }], map: new Map([['a', 1]]), bytes: new Uint8Array([1, 2]) };
    const before = structuredClone(given);
    const kept = value(given);
    given.list.push(9);
    given.map.clear();
    given.bytes[0] = 9;
    for (let reads = 0; reads < 3; reads++) {
      const got = kept.copy() as typeof given;
      expect(got).toEqual(before);
      got.list.length = 0;
      got.map.clear();
      got.bytes[0] = 9;
    }
    const seen = kept.peek() as typeof given;
    seen.map.clear();
    seen.bytes[0] = 9;
    expect(kept.peek()).toEqual(before);
    const plain = value({ list: [{ a: 1 }] });
    const peeked = plain.peek() as { list: { a: number }[] };
    expect(plain.peek()).toBe(peeked);
    expect(() => peeked.list.push({ a: 2 })).toThrow(TypeError);
    expect(() => Object.assign(peeked.list[0] ?? {}, { a: 2 })).toThrow(TypeError);
    (plain.copy() as typeof peeked).list.push({ a: 3 });
    (plain.copy() as typeof peeked).list.push({ a: 3 });
    expect(plain.copy()).toEqual({ list: [{ a: 1 }] });
  });

  it('takes plain objects and lists of other realms', () => {
    expect(value(vm.runInNewContext('({ a: [1, new Map([[1, 2]])] })')).copy()).toEqual({
      a: [1, new Map([[1, 2]])],
    });
  });

  class Money {
    amount = 1;
  }
  const cyclic: Record<string, unknown> = { a: {} };
  (cyclic['a'] as Record<string, unknown>)['back'] = cyclic;

  it.each([
    [{ orders: [{ total: () => 1 }] }, 'value.orders[0].total is a function'],
    [Symbol('s'), 'value is a symbol'],
    [{ [Symbol('s')]: 1 }, 'value is a symbol as a key'],
    [cyclic, 'value.a.back is a reference to something that holds it'],
    [{ price: new Money() }, 'value.price is an instance of Money'],
    [new (class Ledger extends Map {})(), 'value is an instance of Ledger'],
    [new (class List extends Array {})(), 'value is an instance of List'],
    [{ 'odd key': new WeakMap() }, 'value["odd key"] is an instance of WeakMap'],
    [[new Float64Array(1)], 'value[0] is an instance of Float64Array'],
    [Promise.resolve(1), 'value is an instance of Promise'],
    [
      {
        get now() {
          return 1;
        },
      },
      'value.now is an accessor',
    ],
    [{ p: new Proxy({}, {}) }, 'value.p is a proxy'],
    [/pattern/, 'value is an instance of RegExp'],
  ])('refuses what cannot be kept, and says where: %#', (given, message) => {
    expect(() => value(given)).toThrow(
      expect.objectContaining({ code: 'CLUSTER_VALUE_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('refuses one level or one byte too many', () => {
    const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)]);
    expect(value(nest(VALUE_DEPTH_MAX)).copy()).toEqual(nest(VALUE_DEPTH_MAX));
    expect(() => value(nest(VALUE_DEPTH_MAX + 1))).toThrow(
      expect.objectContaining({ code: 'CLUSTER_VALUE_INVALID' }),
    );
    const overhead = value('x'.repeat(1000)).byteLength - 1000;
    expect(value('x'.repeat(1000), 1000 + overhead).byteLength).toBe(1000 + overhead);
    for (const given of ['x'.repeat(1001), { a: ['x'.repeat(1000)] }, new Uint8Array(1001)])
      expect(() => value(given, 1000 + overhead)).toThrow(
        expect.objectContaining({ code: 'CLUSTER_VALUE_TOO_LARGE' }),
      );
  });

  it('refuses in time what multiplies by being shared', () => {
    let bomb: unknown = 'x'.repeat(100);
    for (let level = 0; level < 40; level++) bomb = [bomb, bomb];
    expect(() => value(bomb)).toThrow(expect.objectContaining({ code: 'CLUSTER_VALUE_TOO_LARGE' }));
  });

  const own = <Holder extends object>(holder: Holder, name: PropertyKey, given: unknown): Holder =>
    Object.defineProperty(holder, name, { value: given });
  const pair = (): Map<string, number> => new Map(Object.entries({ a: 1, b: 2 }));
  const shrinking = (): unknown[] => {
    const list: unknown[] = [0, 1, 2];
    return Object.defineProperty(list, 0, { get: () => (list.length = 1) });
  };
  const changing = (holder: Map<unknown, unknown> | Set<unknown>): unknown => {
    const list = Object.defineProperty([0], 0, { get: () => holder.clear() });
    return holder instanceof Map ? holder.set(list, 1).set('b', 2) : holder.add(list).add('b');
  };

  it.each<[string, unknown]>([
    ['.held is a Map', { held: own(pair(), 'size', 3) }],
    ['.held is a Map', { held: own(pair(), 'size', Infinity) }],
    ['.held is a Map', { held: own(pair(), Symbol.iterator, () => [['a', 1]].values()) }],
    ['.held is a Map', { held: own(pair(), Symbol.iterator, () => [7].values()) }],
    ['.held is a Set', { held: own(new Set([1, 2]), 'size', 1) }],
    ['.held is a Set', { held: own(new Set([1, 2]), Symbol.iterator, () => [1].values()) }],
    ['.held is an array that changes', { held: shrinking() }],
    ['[0] is a Map', [changing(new Map())]],
    ['[0] is a Set', [changing(new Set())]],
  ])('refuses what holds more or less than it says, which no node would take: %s, %#', (what, given) => {
    expect(() => value(given)).toThrow(
      expect.objectContaining({
        code: 'CLUSTER_VALUE_INVALID',
        message: expect.stringMatching(new RegExp(`${what.replace(/[.[\]]/g, '\\$&')}.*; give a plain copy`)),
      }),
    );
  });

  it('reads each part of a list once', () => {
    let reads = 0;
    const list = Object.defineProperty([0, 'b'], 0, { get: () => `read ${++reads}` });
    expect(value(list).copy()).toEqual(['read 1', 'b']);
  });

  const narrow = 'x'.repeat(MAX);
  const wide = '語'.repeat(MAX);
  const many = <Part>(part: Part): Part[] => Array.from({ length: 600 }, () => part);
  const names = Array.from({ length: 12 }, (_, at) => wide + at);

  it.each<[string, () => unknown]>([
    ['texts in a list', () => many(narrow)],
    ['wide texts in a list', () => many(wide)],
    ['texts in a record', () => Object.fromEntries(Object.entries(many(wide)))],
    ['names in a record', () => Object.fromEntries(names.map((name) => [name, null]))],
    ['texts in a map', () => new Map(many(wide).entries())],
    ['keys of a map', () => new Map(names.map((name) => [name, null]))],
    ['texts in a set', () => new Set(names)],
    ['great numbers', () => many(2n ** 4_000_000n)],
    ['a wide text that is longer than any text of bytes', () => '語'.repeat(2 ** 28)],
  ])('refuses %s as soon as they are too large, and writes down no more of them', (_, make) => {
    const given = make();
    const copies = jest.spyOn(Buffer, 'from');
    try {
      expect(() => value(given, 4 * MAX)).toThrow(
        expect.objectContaining({ code: 'CLUSTER_VALUE_TOO_LARGE' }),
      );
      expect(copies.mock.calls.length).toBeLessThan(5);
    } finally {
      copies.mockRestore();
    }
  });

  it('lets no bytes in that are not one value (W5)', () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array).toString('latin1'));
    fc.assert(
      fc.property(bytes, (text) => {
        if (isValue(text)) new StoreValue(text).copy();
      }),
      { numRuns: 5_000 },
    );
    fc.assert(
      fc.property(anything, fc.nat(), fc.integer({ min: 0, max: 255 }), (given, place, byte) => {
        const { text } = value(given);
        const at = place % text.length;
        expect(isValue(text.slice(0, at))).toBe(false);
        const changed = text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
        if (isValue(changed)) new StoreValue(changed).copy();
      }),
      { numRuns: 1_000 },
    );
    for (const hostile of [
      '',
      'nn',
      's\x80',
      'a\xff\xff\xff\xff\x7f',
      'o\x01n',
      'b\x02zz',
      'b\x00',
      'i\xff\xff',
      'a\x01'.repeat(70) + 'n',
    ])
      expect(isValue(hostile)).toBe(false);
    expect(isValue(`s${'x'.repeat(VALUE_BYTES_CAP)}`)).toBe(false);
  });
});
