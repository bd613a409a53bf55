/**
 * When to ask for the lease (L6, L7): the preferred candidate at once, each further one a little later, so that candidates
 * seldom meet; and after a failure again after a growing, random while, so that they don't meet for ever.
 */
import type { Member } from '../event.js';
import { bySeniority, type NodeInfo } from '../node.js';
import type { Random } from '../random.js';

const RANK_DELAY_MS = 60;
const BACKOFF_MS = 40;
const BACKOFF_DOUBLINGS_MAX = 4;

export class Elector {
  private rank = 0;
  private failures = 0;
  private attemptAt = Infinity;
  /** Who resigned leaves the lease to others, and is not waited for. */
  private resigned: Member | undefined;

  constructor(
    private readonly self: NodeInfo,
    private readonly random: Random,
  ) {}

  /** Takes in what one voter was and is: those that are well and preferred go first. */
  observe(was: Member | undefined, is: Member | undefined): void {
    if (was && was.node.incarnation === this.resigned?.node.incarnation) this.resigned = undefined;
    if (was && this.isAhead(was)) this.rank--;
    if (is && this.isAhead(is)) this.rank++;
  }

  /** This voter led and resigned; undefined: another one leads. */
  passOver(resigned: Member | undefined): void {
    this.resigned = resigned;
  }

  /** True when it is time to ask. Called whenever nobody leads. */
  isDue(now: number): boolean {
    if (this.attemptAt === Infinity) this.attemptAt = now + this.ahead * RANK_DELAY_MS;
    return now >= this.attemptAt;
  }

  /** The attempt is under way. */
  begin(): void {
    this.attemptAt = Infinity;
  }

  /** Somebody leads, or this node may not: forget what was planned. */
  rest(): void {
    this.attemptAt = Infinity;
    this.failures = 0;
  }

  /** An attempt failed; `blockedMs` is how long a lease still stands in the way. */
  retry(now: number, blockedMs: number): void {
    const spread = BACKOFF_MS * 2 ** Math.min(this.failures, BACKOFF_DOUBLINGS_MAX);
    this.failures += 1;
    this.attemptAt = now + blockedMs + this.ahead * RANK_DELAY_MS + this.random() * spread;
  }

  nextDeadline(): number {
    return this.attemptAt;
  }

  /** How many are given their chance first. */
  private get ahead(): number {
    return this.rank - Number(this.resigned !== undefined && this.isAhead(this.resigned));
  }

  private isAhead({ node, status }: Member): boolean {
    return status === 'up' && goesFirst(node, this.self);
  }
}

function goesFirst(other: NodeInfo, self: NodeInfo): boolean {
  if (other.incarnation === self.incarnation) return false;
  return other.priority !== self.priority ? other.priority > self.priority : bySeniority(other, self) < 0;
}
