/**
 * What the network does to what passes between two hosts, in each direction on its own: delay, loss, duplication,
 * reordering, cuts. Harsher than TCP, so that no promise rests on what TCP adds.
 */
import type { Random } from '@nest-cluster/protocol';

/** The weather of a whole run, or of one act. Probabilities are per frame. */
export interface Weather {
  /** Shortest delay of a frame, in milliseconds. */
  readonly delayMs: number;
  /** Mean of the exponential part of the delay, in milliseconds. */
  readonly jitterMs: number;
  readonly loss: number;
  readonly duplication: number;
  /** How often a frame may overtake others on its link. */
  readonly reordering: number;
  /** How often a frame takes a way of up to `tailMs`. */
  readonly tail: number;
  readonly tailMs: number;
  /** What is caught by a cut arrives after it, as TCP would see to, instead of never. */
  readonly retransmits: boolean;
}

export const CALM: Weather = {
  delayMs: 0.2,
  jitterMs: 0.2,
  loss: 0,
  duplication: 0,
  reordering: 0,
  tail: 0,
  tailMs: 0,
  retransmits: true,
};

export class Conditions {
  weather: Weather = CALM;
  private readonly cuts: Uint8Array;
  private readonly extraDelays: Float64Array;
  /** How many ways are cut, and how many slowed: there are too many ways to look at each. */
  private cutCount = 0;
  private slowCount = 0;

  constructor(
    private readonly hosts: number,
    private readonly random: Random,
  ) {
    this.cuts = new Uint8Array(hosts * hosts);
    this.extraDelays = new Float64Array(hosts * hosts);
  }

  /** Cuts or restores one direction. */
  setCut(from: number, to: number, cut: boolean): void {
    const way = from * this.hosts + to;
    this.cutCount += Number(cut) - (this.cuts[way] ?? 0);
    this.cuts[way] = cut ? 1 : 0;
  }

  isCut(from: number, to: number): boolean {
    return this.cuts[from * this.hosts + to] === 1;
  }

  /** Adds a fixed delay to one direction, in milliseconds. */
  setExtraDelay(from: number, to: number, ms: number): void {
    const way = from * this.hosts + to;
    this.slowCount += Number(ms > 0) - Number((this.extraDelays[way] ?? 0) > 0);
    this.extraDelays[way] = ms;
  }

  clear(): void {
    this.cuts.fill(0);
    this.extraDelays.fill(0);
    this.cutCount = 0;
    this.slowCount = 0;
  }

  /** Nothing here delays or drops more than `loss` of the frames. */
  isFair(loss: number): boolean {
    const { weather } = this;
    return (
      weather.loss <= loss &&
      (weather.tail === 0 || weather.tailMs <= 100) &&
      this.cutCount === 0 &&
      this.slowCount === 0
    );
  }

  /** The longest that a frame may be on its way, in milliseconds, apart from jitter. */
  longestDelay(): number {
    return this.extraDelays.reduce((longest, ms) => Math.max(longest, ms), this.weather.tailMs);
  }

  get isSlowed(): boolean {
    return this.slowCount > 0;
  }

  delay(from: number, to: number): number {
    const { delayMs, jitterMs, tail, tailMs } = this.weather;
    const extra = this.extraDelays[from * this.hosts + to] ?? 0;
    const jitter = -jitterMs * Math.log(1 - this.random());
    return delayMs + jitter + extra + (tail > 0 && this.random() < tail ? this.random() * tailMs : 0);
  }

  loses(): boolean {
    return this.happens(this.weather.loss);
  }

  duplicates(): boolean {
    return this.happens(this.weather.duplication);
  }

  reorders(): boolean {
    return this.happens(this.weather.reordering);
  }

  private happens(probability: number): boolean {
    return probability > 0 && this.random() < probability;
  }
}
