// Runs that once failed: none of them fails again.
import { PRODUCT, runSeed } from '@nest-cluster/testing';
import { REGRESSION_SEEDS, STORE_REGRESSION_SEEDS } from './regression-seeds.js';

describe('what once failed', () => {
  it.each(REGRESSION_SEEDS)('does not fail again: seed $seed, $was', ({ seed, acts }) => {
    expect(runSeed(seed, PRODUCT, { minutes: 10, acts }).violation).toBeUndefined();
  });

  it.each(STORE_REGRESSION_SEEDS)('of the store does not fail again: seed $seed, $was', ({ seed, acts }) => {
    expect(runSeed(seed, PRODUCT, { minutes: 2, acts, store: PRODUCT.store }).violation).toBeUndefined();
  });
});
