/** An electorate that nobody changes by agreement. */
export abstract class FixedElectorate {
  readonly roll = undefined;

  leaderless(): void {}

  amend(): void {}

  granted(): void {}

  admits(): boolean {
    return true;
  }

  turnedDown(): void {}

  answer(): undefined {
    return undefined;
  }
}
