/**
 * Partitions as this node learns of them: nodes that it had declared failed are met again in the same incarnation (P1). What
 * comes back within a short time is told together.
 */
import type { NodeInfo } from '../node.js';
import type { Ground } from './ground.js';
import { isUp } from './member-record.js';

const TOGETHER_MS = 200;

export class Reunion {
  private readonly returned = new Map<string, NodeInfo>();

  constructor(private readonly ground: Ground) {}

  note(node: NodeInfo): void {
    const { agenda, turn } = this.ground;
    if (this.returned.size === 0) agenda.at(turn.mono + TOGETHER_MS, () => this.tell());
    this.returned.set(node.incarnation, node);
  }

  private tell(): void {
    const { table, turn } = this.ground;
    const returned = [...this.returned.values()];
    const here = [table.self, ...table.others]
      .filter((record) => isUp(record) && !this.returned.has(record.node.incarnation))
      .map((record) => record.node);
    this.returned.clear();
    turn.event({ type: 'partitionDetected', returned, here });
  }
}
