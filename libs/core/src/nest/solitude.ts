/**
 * Tells once, after a while in which this node has met nobody, whom discovery found, which dials failed and how, and what to
 * do (N7). Silent for a node that may well be alone: one that found nobody and expects nobody.
 */
import type { Logger } from '@nestjs/common';
import type { ControlPlaneCounters } from '../ports/control-plane.js';
import type { DialFailure } from '../ports/transport.js';

/** How long a node may be alone before it says so, in milliseconds. */
export const ALONE_MS = 20_000;
/** How many addresses are named. */
const NAMED_MAX = 8;

export const HOW_IT_FAILED: Readonly<Record<DialFailure, string>> = {
  refused: 'nobody listens there',
  unreachable: 'no answer in time',
  rejected: 'turned away, as was logged',
  self: 'that is this node',
};

export interface Surroundings {
  /** `host:port` of this node. */
  readonly address: string;
  readonly strategy: string;
  readonly size: number | undefined;
  /** Another node is there, or was. */
  readonly hasCompany: () => boolean;
  /** `host:port` as discovery found last. */
  readonly found: () => readonly string[];
  readonly counters: () => Promise<Pick<ControlPlaneCounters, 'failedDials'>>;
}

export class Solitude {
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(private readonly logger: Pick<Logger, 'warn'>) {}

  /** Looks once, after a while. */
  watch(surroundings: Surroundings): void {
    if (this.isOver) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      // A node that cannot be asked is told of by others.
      this.look(surroundings).catch(() => undefined);
    }, ALONE_MS).unref();
  }

  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  private async look(surroundings: Surroundings): Promise<void> {
    if (surroundings.hasCompany()) return;
    const { failedDials = [] } = await surroundings.counters();
    if (this.isOver || surroundings.hasCompany()) return;
    const complaint = complaintOf(surroundings, failedDials);
    if (complaint === undefined) return;
    this.isOver = true;
    this.logger.warn(complaint);
  }
}

function complaintOf(
  { address, strategy, size, found }: Surroundings,
  failedDials: NonNullable<ControlPlaneCounters['failedDials']>,
): string | undefined {
  const others = found().filter((point) => point !== address);
  const failures = failedDials.filter(({ failure }) => failure !== 'self');
  const since = `in ${ALONE_MS / 1_000} s`;
  if (others.length === 0 && failures.length === 0) {
    if (size === undefined || size <= 1) return undefined;
    return (
      `this node found nobody ${since}, and size is ${size}, so that nobody leads. Discovery by ${strategy} finds no other ` +
      `address than ${address}. Start the other nodes, or check its settings and the network; in development, where one ` +
      'node is all there is, leave size (CLUSTER_SIZE) out'
    );
  }
  const dials = failures.slice(-NAMED_MAX).map((dial) => `${dial.address}: ${HOW_IT_FAILED[dial.failure]}`);
  return (
    `this node reaches nobody ${since}. Discovery by ${strategy} found ${shown(others)}; ` +
    `dials that failed: ${dials.length === 0 ? 'none' : dials.join(', ')}. Check that the nodes run, that these addresses are ` +
    'theirs (CLUSTER_ADVERTISE), and that the ports are open in both directions'
  );
}

function shown(addresses: readonly string[]): string {
  if (addresses.length === 0) return 'nobody';
  const more = addresses.length > NAMED_MAX ? ` and ${addresses.length - NAMED_MAX} more` : '';
  return `${addresses.slice(0, NAMED_MAX).join(', ')}${more}`;
}
