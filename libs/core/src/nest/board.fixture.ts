import type { ClusterStrategy, StrategyContext } from '../ports/cluster-strategy.js';

/** Who is there stands on a board that all applications of a test share. */
export class Board implements ClusterStrategy {
  readonly name = 'board';
  readonly carriesPort = true;

  constructor(private readonly board: Set<string>) {}

  start({ self }: StrategyContext): void {
    this.board.add(`${self.host}:${self.port}`);
  }

  discover(): Promise<readonly string[]> {
    return Promise.resolve([...this.board]);
  }
}
