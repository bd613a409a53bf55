/**
 * How slow this node itself seems to be, from 0 (well) to 8. A slow node takes its time before it accuses others (M4).
 * After Lifeguard (Dadgar, Phillips, Currey, 2017).
 */
const WORST = 8;

export class LocalHealth {
  private score = 0;

  /** By how much intervals and timeouts are stretched. */
  stretch(): number {
    return this.score + 1;
  }

  better(): void {
    if (this.score > 0) this.score--;
  }

  worse(): void {
    if (this.score < WORST) this.score++;
  }
}
