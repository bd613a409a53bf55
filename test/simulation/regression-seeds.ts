/**
 * Runs that once failed, and the promise that was broken; replayed always. A seed plays the same story only as long as the
 * acts do, so that an act may be named to keep it close to what failed.
 */
export interface RegressionSeed {
  readonly seed: number;
  readonly acts?: readonly string[];
  /** How long it takes to come to it; two with a store, ten without, when nothing is said. */
  readonly minutes?: number;
  readonly was: string;
}

/** The same with a store on every node, for two minutes each or as said. */
export const STORE_REGRESSION_SEEDS: readonly RegressionSeed[] = [
  {
    seed: 4,
    was: 'S2: what ran out among siblings stayed in what they had become, but for nodes that heard of it late',
  },
  { seed: 3, was: 'S6: a delete that hid nothing made a conflict of the same writes be told again' },
  { seed: 612, was: 'S6: what several writes had become was told again when it came once more with a copy' },
  { seed: 13, was: 'S4: a node whose link closed after it was let go of was waited for, for a day' },
  { seed: 14, was: 'throws: a node that was not ready asked for the same again for ever' },
  { seed: 14, acts: ['shortMemory'], was: 'S7: a copy waited for what a peer had dropped itself' },
  { seed: 29, acts: ['amnesia'], was: 'S4: what ran out before all replicas had it was remembered for ever' },
  { seed: 43, acts: ['reunion', 'quarantine'], was: 'P3: one partition was told as two' },
  { seed: 54, acts: ['reunion', 'quarantine'], was: 'P3: the same with four nodes' },
  { seed: 1_000, was: 'P3: a merge whose transfer failed was never told to be over' },
  { seed: 2_070, was: 'S2: what a copy had brought before its source died was told to nobody' },
  { seed: 1_067, was: 'P3: the same where frames are lost' },
  { seed: 32, minutes: 3, was: 'S4: a clear left what a node had written whose clock was far ahead' },
  {
    seed: 1_067,
    minutes: 3,
    was: 'S2: a copy of a store that was forgotten came back by a node that nobody had forgotten',
  },
  { seed: 331, minutes: 3, was: 'S4: a clock that was overtaken set back what had been told' },
  { seed: 389, minutes: 3, was: 'S4: a delete that a copy had brought was lost sight of' },
  {
    seed: 1_650,
    was: 'S2: a write of a node that was given up was taken to have seen what was settled without it',
  },
  { seed: 34, was: 'S2: a transfer that had come to nothing was tried again only when the peer told more' },
  { seed: 63, was: 'S2: all of those that had forgotten each other dropped what they held' },
  { seed: 1_079, was: 'S2: two nodes that knew nobody else took what neither had for lost' },
  { seed: 1_151, minutes: 3, was: 'S3: a node that had forgotten all others made them drop what they had' },
  {
    seed: 142,
    was: 'S6: after a full copy a value was told again because of a sibling beside it that had run out',
  },
  { seed: 1_110, was: 'S6: after a full copy a change of several siblings was not told' },
  { seed: 3_062, was: 'S4: a link to a process of the past opened late, and that process was waited for' },
  {
    seed: 3_135,
    was: 'S2: what ran out hid what was concurrent to it, but not where it was forgotten already',
  },
  { seed: 455, was: 'S3: a copy was made of two stores that had forgotten each other' },
  {
    seed: 119,
    minutes: 3,
    acts: ['newcomer'],
    was: 'S3: a node that was not ready passed on what it had heard',
  },
  { seed: 27, was: 'S3: a copy of a copy did not say what its writes had seen' },
  { seed: 435, was: 'S2: what had been waited for when a copy began was believed to be waited for ever' },
  { seed: 4_019, was: 'S7: a copy went on from a node that had dropped what it held' },
  {
    seed: 4_096,
    was: 'S2, S4: a delete that some had forgotten hid a write of a node that had been away on others only',
  },
  {
    seed: 4_146,
    was: 'S3: a node that had dropped its store took a write for concurrent to what it had followed',
  },
  { seed: 5_162, was: 'S2: what had run out was taken for a delete once it was the only sibling left' },
];

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
