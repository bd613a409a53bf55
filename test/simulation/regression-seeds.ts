/**
 * Runs that once failed, and the promise that was broken; replayed always. A seed plays the same story only as long as the
 * acts do, so that an act may be named to keep it close to what failed.
 */
export interface RegressionSeed {
  readonly seed: number;
  readonly acts?: readonly string[];
  readonly was: string;
}

export const REGRESSION_SEEDS: readonly RegressionSeed[] = [
  {
    seed: 9,
    was: 'convergence: after a partition both sides dropped each new link and dialled again, for ever',
  },
  { seed: 9, acts: ['split', 'flutter'], was: 'the same, wherever a partition heals' },
  { seed: 51, acts: ['silence'], was: 'L6: a failover waited for the vote of the leader that was gone' },
  { seed: 51, acts: ['crashLeader'], was: 'L6: the same after a crash' },
  {
    seed: 30,
    acts: ['handover'],
    was: 'L6: candidates that had never led began at a ballot that everybody turned down',
  },
  { seed: 267, acts: ['flap'], was: 'throws: a second and a third life of one name came up together' },
  { seed: 193, acts: ['flap', 'rollingRestart'], was: 'throws: the same' },
];
