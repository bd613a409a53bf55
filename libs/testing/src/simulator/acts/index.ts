/** Every act; a new one is added here. */
import type { Act } from '../act.js';
import { chaos } from './chaos.js';
import { blocked, drift, jumps, pauses, sleeps } from './clocks.js';
import { amnesia, crashLeader, dawn, flap, fullRestart, rollingRestart, silence } from './ends.js';
import { bridge, flutter, lateAnswers, lossy, oneWay, resets, split, storm } from './links.js';
import { exchange, moves, namesake, twin } from './names.js';
import { handover, lateRelease, longWork, slowElection } from './terms.js';

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
  chaos,
];
