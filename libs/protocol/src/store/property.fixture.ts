/**
 * For tests: how many histories a property draws. The same ones each time; STORE_RUNS draws that many new ones, and STORE_SEED
 * and STORE_PATH replay what a failure prints.
 */
const {
  STORE_RUNS: runs,
  STORE_SEED: seed = runs === undefined ? '1' : undefined,
  STORE_PATH: path = '',
} = process.env;

export const settings = {
  numRuns: Number(runs ?? 60),
  ...(seed === undefined ? {} : { seed: Number(seed), path }),
};
