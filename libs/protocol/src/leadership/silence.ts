/**
 * A process that has just started may have voted in an earlier life and forgotten it. It keeps silent for one full lease
 * (L4), or until all voters there can be say that they are silent and have heard each other. Then there was an instant at
 * which all of them lived and nobody had voted yet – the start of the last one – so that no lease from before is alive, and
 * nobody lives who could hold one. Who is gone has not heard the one that took its place, and is never counted beside it.
 */
import type { Gathering } from '../message.js';
import type { Incarnation } from '../node.js';
import { gather, isSameGathering } from './gathering.js';

export const SILENCE_INTERVAL_MS = 200;

interface Word {
  readonly seat: string;
  readonly heard: Gathering;
}

export class Silence {
  private readonly words = new Map<Incarnation, Word>();
  private sayAgainAt: number;
  /** What this voter has heard, as it says it. */
  heard: Gathering;

  constructor(
    private readonly self: Incarnation,
    private readonly seat: string,
    readonly until: number,
    now: number,
  ) {
    this.sayAgainAt = now;
    this.heard = gather([self]);
  }

  hear(from: Incarnation, word: Word): void {
    this.words.set(from, word);
  }

  /** Takes in who is up. True when all `everybody` voters have heard each other. */
  review(everybody: number, isUp: (incarnation: Incarnation) => boolean, now: number): boolean {
    for (const incarnation of this.words.keys()) if (!isUp(incarnation)) this.words.delete(incarnation);
    const heard = gather([this.self, ...this.words.keys()]);
    // The others wait for this word.
    if (!isSameGathering(heard, this.heard) && heard.nodes >= everybody) this.sayAgainAt = now;
    this.heard = heard;
    if (heard.nodes !== everybody) return false;
    const words = [...this.words.values()];
    const seats = new Set([this.seat, ...words.map(({ seat }) => seat)]);
    return seats.size === everybody && words.every((word) => isSameGathering(word.heard, heard));
  }

  isTimeToSay(now: number): boolean {
    if (now < this.sayAgainAt) return false;
    this.sayAgainAt = now + SILENCE_INTERVAL_MS;
    return true;
  }

  nextDeadline(): number {
    return Math.min(this.until, this.sayAgainAt);
  }
}
