/**
 * One candidate in the suite, with a record of all that it was told.
 */
import { monotonicMs, type LeadershipProvider, type LeaderView } from '@nest-cluster/core';

export class Voter {
  readonly terms: { readonly token: number; readonly at: number }[] = [];
  readonly mistakes: string[] = [];
  knownLeader: LeaderView | null = null;
  /** Leader work runs on after the term, until `endWork`. */
  holdsWork = false;
  private running: number | undefined;
  private leading: number | undefined;
  private hasStarted = false;

  constructor(
    readonly provider: LeadershipProvider,
    readonly nodeName: string,
    public incarnation: string,
  ) {}

  get isLeader(): boolean {
    return this.hasStarted && monotonicMs() < this.provider.leadsUntil();
  }

  async start(): Promise<void> {
    const { incarnation, nodeName: name } = this;
    this.hasStarted = true;
    await this.provider.start(
      { cluster: 'conformance', name, incarnation, candidate: true, priority: 0, rank: () => 0 },
      {
        acquired: (token) => this.acquired(token),
        lost: (token) => this.lost(token),
        leaderChanged: (leader) => (this.knownLeader = leader),
      },
    );
  }

  async stop(): Promise<void> {
    if (!this.hasStarted) return;
    await this.provider.stop();
    this.hasStarted = false;
    if (this.provider.leadsUntil() !== 0) this.mistakes.push('it leads after stop()');
    if (this.leading !== undefined) this.mistakes.push('stop() ended a term without lost()');
  }

  endWork(): void {
    this.holdsWork = false;
    if (this.running !== undefined) this.provider.workEnded(this.running);
    this.running = undefined;
  }

  private acquired(token: number): void {
    if (this.leading !== undefined) this.mistakes.push('acquired() twice without lost()');
    const now = this.provider.token();
    // What is told may be over by the time it is heard.
    if (now !== token && now !== 0) this.mistakes.push(`token() is ${now} when acquired(${token}) is told`);
    this.leading = token;
    this.terms.push({ token, at: monotonicMs() });
  }

  private lost(token: number): void {
    if (this.leading !== token) this.mistakes.push(`lost(${token}) without acquired(${token})`);
    if (this.provider.leadsUntil() !== 0) this.mistakes.push('it leads while lost() is told');
    this.leading = undefined;
    this.running = token;
    if (!this.holdsWork) this.endWork();
  }
}
