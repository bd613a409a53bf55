/** An electorate that nobody changes by agreement. */
export abstract class FixedElectorate {
  readonly roll = undefined;

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
