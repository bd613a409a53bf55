/**
 * S2 after healing: within a bound all nodes are ready and show the same; then, S4: within another bound nothing is
 * remembered of what was deleted. What wall clocks have run past, on any node, counts as gone.
 */
import type { StoreFleet } from '../fleet.js';
import type { StoreNode } from '../store-node.js';

const POLL_MS = 100;
/** Old dials may wait, transfers may have to be tried again. */
const AGREE_MS = 15_000;
/** In a network that loses nothing, once all are linked (S2). */
const PROMPT_MS = 1_500;

const RUNS_OUT = '';

export class StoreConvergence {
  /** Longest time from all links to agreement, in milliseconds. */
  longestMs = 0;
  private pending = false;
  private since = 0;
  private linkedSince: number | undefined;
  private agreedAt: number | undefined;

  constructor(
    private readonly fleet: StoreFleet,
    private readonly isClusterWhole: () => boolean,
  ) {}

  get isReached(): boolean {
    return !this.pending;
  }

  begin(): void {
    this.since = this.fleet.world.agenda.now;
    this.linkedSince = undefined;
    this.agreedAt = undefined;
    if (this.pending) return;
    this.pending = true;
    this.poll();
  }

  private poll(): void {
    const { world } = this.fleet;
    const { now } = world.agenda;
    if (!this.isClusterWhole()) this.since = now;
    else if (this.agreedAt === undefined) this.agree(now);
    else if (this.rest()) return;
    world.agenda.in(POLL_MS, () => this.poll());
  }

  private agree(now: number): void {
    const { fleet } = this;
    const apart = this.unlinked();
    if (apart !== undefined) this.linkedSince = undefined;
    else this.linkedSince ??= now;
    const difference = apart ?? this.difference();
    if (difference === undefined) {
      this.agreedAt = now;
      this.longestMs = Math.max(this.longestMs, now - (this.linkedSince ?? now));
      return;
    }
    if (now - this.since > AGREE_MS)
      fleet.violate('S2', `${Math.round(now - this.since)} ms after healing ${difference}`);
    else if (!fleet.wasRough && this.linkedSince !== undefined && now - this.linkedSince > PROMPT_MS)
      fleet.violate('S2', `${Math.round(now - this.linkedSince)} ms after all were linked ${difference}`);
  }

  /** Says that all is over. */
  private rest(): boolean {
    const { fleet } = this;
    const difference = this.difference();
    // Where messages were held up, a write may come before the delete that followed it, and the stores were equal by chance.
    if (difference !== undefined && fleet.wasRough && fleet.world.agenda.now - this.since <= AGREE_MS) {
      this.agreedAt = undefined;
      return false;
    }
    if (difference !== undefined) fleet.violate('S2', `stores that were equal differ again: ${difference}`);
    this.pending = false;
    for (const checker of fleet.checkers) checker.rested?.();
    return true;
  }

  private unlinked(): string | undefined {
    const { living } = this.fleet;
    for (const node of living)
      for (const other of living)
        if (node !== other && !node.connected.has(other.info.incarnation))
          return `the store of ${node.name} does not speak with ${other.name}`;
    return undefined;
  }

  private difference(): string | undefined {
    const [first, ...others] = this.fleet.living;
    if (first === undefined) return undefined;
    for (const node of [first, ...others]) {
      if (!node.ready) return `the store of ${node.name} is not ready`;
      const waiting = node.machine.status().partitions.find(({ state }) => state !== 'healed');
      if (waiting !== undefined)
        return `${node.name} has not done with partition ${waiting.id}, which is ${waiting.state}`;
    }
    this.fleet.readWalls();
    const content = this.lasting(first);
    for (const node of others) {
      const differs = this.differs(first, content, node);
      if (differs !== undefined) return differs;
    }
    return undefined;
  }

  private differs(
    first: StoreNode,
    content: ReadonlyMap<string, string>,
    node: StoreNode,
  ): string | undefined {
    const other = this.lasting(node);
    for (const key of new Set([...content.keys(), ...other.keys()])) {
      const [here, there] = [content.get(key), other.get(key)];
      if (here !== there && here !== RUNS_OUT && there !== RUNS_OUT)
        return `${first.name} shows ${here} of ${key}, and ${node.name} ${there}`;
    }
    return undefined;
  }

  /** What may have run out on a node whose clock is ahead says nothing yet. */
  private lasting(node: StoreNode): Map<string, string> {
    const content = this.fleet.content(node, 0);
    for (const key of content.keys()) {
      const until = node.machine.lookup(key)?.expiresAt ?? 0;
      if (until !== 0 && until <= this.fleet.wallMax) content.set(key, RUNS_OUT);
    }
    return content;
  }
}
