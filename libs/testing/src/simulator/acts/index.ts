/** Every act; a new one is added here. */
import type { Act } from '../act.js';
import { chaos } from './chaos.js';
import { blocked, drift, jumps, missedObjection, pauses, sleeps } from './clocks.js';
import {
  amnesia,
  crashLeader,
  dawn,
  flap,
  fullRestart,
  rollingLeaders,
  rollingRestart,
  silence,
} from './ends.js';
import { bridge, flutter, lateAnswers, lossy, oneWay, resets, split, storm } from './links.js';
import { exchange, moves, namesake, renamed, twin } from './names.js';
import { regroup, shrink, surplusDies, surplusLeaves } from './surplus.js';
import { handover, lateRelease, longerLease, longWork, slowElection } from './terms.js';

export const ACTS: readonly Act[] = [
  crashLeader,
  silence,
  flap,
  rollingRestart,
  amnesia,
  dawn,
  fullRestart,
  split,
  bridge,
  oneWay,
  lateAnswers,
  lossy,
  storm,
  resets,
  flutter,
  pauses,
  sleeps,
  jumps,
  blocked,
  drift,
  handover,
  longWork,
  lateRelease,
  slowElection,
  namesake,
  twin,
  exchange,
  moves,
  renamed,
  surplusDies,
  surplusLeaves,
  shrink,
  regroup,
  missedObjection,
  rollingLeaders,
  longerLease,
  chaos,
];
