/**
 * What a choice comes to (P4): for `keep`, which dots are void. They are what the other side knows and the kept side does
 * not, and everything that the replicas of the other side may still write.
 */
import type { Core } from '../core.js';
import type { Decree } from '../message.js';
import type { Replica } from '../state/entry.js';
import { counterIn, union, type VersionVector } from '../state/version-vector.js';
import type { ChoiceRequest } from './decree-records.js';
import { sideOf } from './decrees.js';

/** Undefined when nobody of the side that is to be kept is in reach. */
export function ruling(core: Core, id: string, token: number, request: ChoiceRequest): Decree | undefined {
  const { partition, choice, sides } = request;
  const decree = { id, token, partition, choice, sides };
  if (choice.kind === 'merge') return { ...decree, voided: [] };
  const kept = sideOf(sides, choice.side) ?? [];
  const keptClock = clockOf(core, kept);
  if (keptClock === undefined) return undefined;
  const losers = sides.filter((side) => side !== kept).flat();
  const lostClock = clockOf(core, losers) ?? [];
  const { origins } = core.state;
  const ofLosers = new Set(losers.map((replica) => origins.of(core.current(replica)).index));
  const ofKept = new Set(kept.map((replica) => origins.of(core.current(replica)).index));
  // What a third side has written is its own, also where the other side had merged it.
  const others = core.peers.where(({ origin }) => origin >= 0).map(({ origin }) => origin);
  const isSpared = new Set(
    [origins.self.index, ...others, ...ofKept].filter((index) => !ofLosers.has(index)),
  );
  const voided = origins.list
    .filter(({ index }) => !isSpared.has(index))
    .filter(({ index }) => ofLosers.has(index) || counterIn(lostClock, index) > counterIn(keptClock, index))
    .map(({ index, replica }) => ({ replica, counter: counterIn(keptClock, index) }));
  return { ...decree, voided };
}

/** All that replicas are known to know; undefined when none of them has told. */
export function clockOf(core: Core, replicas: readonly Replica[]): VersionVector | undefined {
  let clock: VersionVector | undefined;
  for (const { incarnation } of replicas) {
    const peer = core.peers.get(incarnation);
    const known =
      incarnation === core.config.self.incarnation
        ? core.state.knowledge.highest()
        : peer?.replica === undefined
          ? undefined
          : peer.clock;
    if (known !== undefined) clock = union(clock ?? [], known);
  }
  return clock;
}
