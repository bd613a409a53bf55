/**
 * What `docs/store.md` says is true: its resolver compiles and holds the rules, and the names that it uses are there.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterStore } from '@nest-cluster/core';
import { expectResolver } from '@nest-cluster/testing';
import { StockResolver } from './stock-resolver.js';

const page = readFile(join(__dirname, '../../docs/store.md'), 'utf8');

describe('docs/store.md', () => {
  it('shows a resolver that compiles, decides as it says, and depends on no order', async () => {
    expect(await page).toContain(await readFile(join(__dirname, 'stock-resolver.ts'), 'utf8'));
    const write = (value: unknown, at: number) => ({ value, node: 'n', at });
    const resolver = new StockResolver();
    expect(resolver.resolve('stock:1', [write(7, 2), write(5, 1)])).toBe(5);
    expect(resolver.resolve('name:1', [write('later', 2), write('earlier', 1)])).toBe('later');
    expectResolver(resolver, [
      { key: 'stock:1', values: [3, 2, 5] },
      { key: 'name:1', values: ['a', 'b', 'c'] },
    ]);
  });

  it('names what the store has', async () => {
    const names = Object.getOwnPropertyNames(ClusterStore.prototype);
    for (const [, name] of (await page).matchAll(/store\.(\w+)\(/g)) expect(names).toContain(name);
  });
});
