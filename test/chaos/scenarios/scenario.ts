import type { Profile } from '../history/records.js';
import type { Play } from './play.js';

/** A combination of faults that is meant, step by step. */
export interface Scenario {
  /** What must hold. */
  readonly title: string;
  readonly profile: Partial<Profile> & Pick<Profile, 'hosts'>;
  readonly env?: Readonly<Record<string, string>>;
  /** Where chance has a say: how many times it is played at most. */
  readonly tries?: number;
  /** Everything is expected to come together afterwards, and looked at when it has. */
  readonly isSettled: boolean;
  readonly play: (play: Play) => Promise<void>;
  /** What is looked at when all should have come together. */
  readonly after?: (play: Play) => Promise<void>;
}
