/**
 * M2, M3, M5: in calm times a crash, a silence and a goodbye are known to everybody within their bounds.
 */
import type { Checker, Ending } from '../checker.js';
import type { Process } from '../process.js';
import type { World } from '../world.js';

/** A suspicion that too few can confirm takes longer than the promise for silence. */
const WITNESSES_MIN = 3;
const BOUNDS: Readonly<Record<Exclude<Ending, 'replaced'>, { readonly rule: string; readonly ms: number }>> =
  {
    crashed: { rule: 'M2', ms: 250 },
    hostLost: { rule: 'M3', ms: 5_000 },
    left: { rule: 'M5', ms: 0 },
  };
/** A node that had a bad time takes its time before it accuses others, until so many of its probes went well (M4). */
const HEALTHY_AFTER_MS = 25_000;
/** For how long a fault may have consequences, in milliseconds. */
const AFTERMATH_MS = 15_000;
const CLOCK_SLACK = 1.02;

export function departures(world: World): Checker {
  const { delayMs, jitterMs } = world.settings.weather;
  const roundsMs = 12 * (delayMs + 2 * jitterMs);

  function expectKnown(gone: Process, how: Ending, watchers: readonly Process[]): void {
    if (how === 'replaced') return;
    const { rule, ms } = BOUNDS[how];
    // The end itself counts as one, right after this.
    const stamp = world.disturbances + 1;
    world.agenda.in(ms * CLOCK_SLACK + roundsMs, () => {
      if (world.disturbances !== stamp) return;
      for (const watcher of watchers)
        if (!watcher.ended && !watcher.leaving && world.witness(watcher).sees(gone.info))
          world.violate(rule, `${watcher.info.name} still sees ${gone.info.name}, which ${how} ${ms} ms ago`);
    });
  }

  return {
    ended(process, how) {
      const watchers = [...world.running].filter(
        (other) => other !== process && world.witness(other).sees(process.info),
      );
      const isPrompt =
        world.conditions.weather.loss === 0 &&
        [process, ...watchers].every(
          ({ haltedAt, bornAt }) => Math.max(haltedAt, bornAt) < world.agenda.now - 3_000,
        );
      if (!isPrompt || !(how === 'left' ? world.isFair(3_000) : world.isCalm(3_000))) return;
      if (how === 'left' && world.agenda.now - world.linksBrokenAt < 3_000) return;
      if (how === 'hostLost' && (watchers.length < WITNESSES_MIN || !world.isCalm(HEALTHY_AFTER_MS))) return;
      expectKnown(process, how, watchers);
    },
    event(process, event) {
      if (event.type !== 'nodeDown' || event.reason !== 'failed' || !world.isFair(AFTERMATH_MS)) return;
      const since = world.agenda.now - AFTERMATH_MS;
      for (const { info, leaving, haltedAt } of world.running)
        if (
          info.incarnation === event.node.incarnation &&
          leaving &&
          haltedAt < since &&
          process.haltedAt < since
        )
          world.violate('M5', `${process.info.name} takes ${info.name}, which says goodbye, for failed`);
    },
  };
}
