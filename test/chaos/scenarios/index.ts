import { crossedChoices, crossedChoicesOfOneSide, keepThenCut, keepThenKill, threeSides } from './choices.js';
import { renamedRestarts, rollingRestartInCut, sideRestartedInCut } from './restarts.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'side-restarted-in-cut': sideRestartedInCut,
  'rolling-restart-in-cut': rollingRestartInCut,
  'crossed-choices': crossedChoices,
  'crossed-choices-of-one-side': crossedChoicesOfOneSide,
  'keep-then-kill': keepThenKill,
  'keep-then-cut': keepThenCut,
  'three-sides': threeSides,
  'renamed-restarts': renamedRestarts,
};
