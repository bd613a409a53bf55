/**
 * Tells a datagram that was recorded and sent again from a new one (W4). Each incarnation, random by itself, counts its
 * datagrams; a counter that was seen, or that lies far behind the highest one, is a replay. An incarnation that is not
 * remembered is believed only when its clock reading is near ours, so that old recordings are worth nothing to a node
 * that has just started, or that has forgotten.
 *
 * What is left to an attacker on the network: to repeat, within the tolerance, a datagram that a node did not get. It names a
 * contact point that was true then, and whoever answers there must still prove itself on the link.
 */

/** How far two nodes' wall clocks may differ, in milliseconds. Nodes further apart do not find each other by gossip. */
export const CLOCK_TOLERANCE_MS = 300_000;
/** How many incarnations are remembered; the one heard least recently goes first (W5). */
const INCARNATIONS_MAX = 4_096;
/** Datagrams overtake each other on their way through several interfaces; this many may be missing behind the highest. */
const WINDOW = 32;

interface Seen {
  readonly highest: number;
  /** Bit n stands for the counter `highest - n`. */
  readonly bits: number;
}

export class ReplayGuard {
  private readonly seen = new Map<string, Seen>();

  constructor(private readonly incarnationsMax = INCARNATIONS_MAX) {}

  /** Undefined when the datagram is new, otherwise what is wrong with it. */
  check(incarnation: string, counter: number, sent: number, now: number): string | undefined {
    const offMs = now - sent;
    if (Math.abs(offMs) > CLOCK_TOLERANCE_MS) {
      return `sent ${Math.round(Math.abs(offMs) / 1_000)} s ${offMs > 0 ? 'ago' : 'ahead'} by its sender's clock: repeated, or the clocks differ`;
    }
    const before = this.seen.get(incarnation);
    const after = before ? advance(before, counter) : { highest: counter, bits: 1 };
    if (!after) return `datagram ${counter} of ${incarnation} came before`;
    this.seen.delete(incarnation);
    this.seen.set(incarnation, after);
    if (this.seen.size > this.incarnationsMax) {
      const [oldest] = this.seen.keys();
      if (oldest !== undefined) this.seen.delete(oldest);
    }
    return undefined;
  }
}

function advance({ highest, bits }: Seen, counter: number): Seen | undefined {
  const ahead = counter - highest;
  if (ahead > 0) return { highest: counter, bits: ahead < WINDOW ? (bits << ahead) | 1 : 1 };
  const bit = -ahead < WINDOW ? 1 << -ahead : 0;
  return bit === 0 || (bits & bit) !== 0 ? undefined : { highest, bits: bits | bit };
}
