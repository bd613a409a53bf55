/**
 * What a node is known to hold of this chapter, from what it told its application: the words that it showed, and all that
 * those had followed.
 */
import type { Story } from './story.js';

export class Memory {
  /** Words that it holds now, or has replaced by what followed them. */
  readonly held = new Set<string>();
  /** The same, for the whole life of the process. */
  readonly ever = new Set<string>();

  constructor(private readonly story: Story) {}

  show(words: readonly string[]): void {
    for (const word of words) this.learn(word);
  }

  /** The store was dropped. */
  drop(): void {
    this.held.clear();
  }

  turnPage(): void {
    this.held.clear();
    this.ever.clear();
  }

  private learn(word: string): void {
    if (this.held.has(word)) return;
    for (const each of [word, ...this.story.pastOf(word)]) {
      this.held.add(each);
      this.ever.add(each);
    }
  }
}
