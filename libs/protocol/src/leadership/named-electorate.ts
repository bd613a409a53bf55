import { seatAmong, type NodeInfo } from '../node.js';
import type { Electorate } from './electorate.js';
import { FixedElectorate } from './fixed-electorate.js';
import { majority } from './majority.js';

/** The deployment names the voters, by node name or by address. */
export class NamedElectorate extends FixedElectorate implements Electorate {
  readonly guarantee = 'quorum';
  readonly expected: number;
  readonly quorum: number;

  constructor(private readonly voters: ReadonlySet<string>) {
    super();
    this.expected = voters.size;
    this.quorum = majority(voters.size);
  }

  get everybody(): number {
    return this.expected;
  }

  seat(node: NodeInfo): string | undefined {
    return seatAmong(this.voters, node);
  }

  observe(): void {}

  nextDeadline(): number {
    return Infinity;
  }
}
