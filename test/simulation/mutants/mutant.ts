/**
 * A mutant is the protocol that ships with one rule broken. The simulator must find it out, or the simulator has no teeth.
 */
export interface Edit {
  /** Inside `libs/protocol/dist`. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutant extends Edit {
  /** The promise that it breaks, as seen from outside. */
  readonly breaks: readonly string[];
  /** What is wrong with it. */
  readonly fault: string;
  /** What else it takes. */
  readonly also?: Edit;
  /** The acts that bring it to light. */
  readonly acts: readonly string[];
  /** More settings for the command line. */
  readonly options?: readonly string[];
  /** By how many seeds it must be found out. */
  readonly seedsMax?: number;
}
