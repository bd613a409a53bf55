/**
 * What was written, by whom, and what its writer saw when it did: happens-before as an outsider can tell it (S3). Each write
 * has a word of its own as its value; what several concurrent writes became shows the words of all of them.
 */
import type { AckLevel, ClusterErrorCode } from '@nest-cluster/protocol';
import type { StoreNode } from './store-node.js';

export interface Operation {
  readonly id: number;
  readonly kind: 'write' | 'delete' | 'clear';
  readonly key: string;
  /** Empty for a delete. */
  readonly word: string;
  readonly node: StoreNode;
  readonly ack: AckLevel;
  /** True time. */
  readonly at: number;
  /** Words that the writer saw. */
  readonly seen: readonly string[];
  /** Wall clock of the writer from which it is gone; 0 for never. */
  readonly expiresAt: number;
  /** How often its writer had dropped its store by then. */
  readonly drops: number;
  state: 'waiting' | 'acked' | ClusterErrorCode;
}

export class Story {
  /** Operations of this chapter, by id. */
  readonly operations = new Map<number, Operation>();
  readonly writes = new Map<string, Operation>();
  private readonly pasts = new Map<string, ReadonlySet<string>>();
  private nextId = 1;

  add(operation: Omit<Operation, 'id' | 'word' | 'state'>): Operation {
    const id = this.nextId++;
    const word = operation.kind === 'write' ? `w${id}` : '';
    const added: Operation = { ...operation, id, word, state: 'waiting' };
    this.operations.set(id, added);
    if (word !== '') this.writes.set(word, added);
    if (word !== '') this.pastOf(word);
    return added;
  }

  /** All writes that this one followed. */
  pastOf(word: string): ReadonlySet<string> {
    const known = this.pasts.get(word);
    if (known !== undefined) return known;
    const past = this.closureOf(this.writes.get(word)?.seen ?? []);
    this.pasts.set(word, past);
    return past;
  }

  /** These words, and all that they followed. */
  closureOf(words: readonly string[]): Set<string> {
    const closure = new Set(words);
    for (const word of words) for (const older of this.pastOf(word)) closure.add(older);
    return closure;
  }

  /** Keys have names that tell their chapter, so that what was written before needs no memory here. */
  turnPage(): void {
    this.operations.clear();
    this.writes.clear();
    this.pasts.clear();
  }
}
