/**
 * Writes a history as it happens, one line of JSON each, so that a run that ends badly leaves what it had.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Entry } from './records.js';

export class Recorder {
  private readonly entries: Entry[] = [];
  private readonly file: number;
  private operations = 0;

  constructor(readonly path: string) {
    this.file = openSync(path, 'w');
  }

  add(entry: Entry): void {
    this.entries.push(entry);
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
  }

  nextOperation(): number {
    return ++this.operations;
  }

  all(): readonly Entry[] {
    return this.entries;
  }

  close(): void {
    closeSync(this.file);
  }
}

export function readHistory(path: string): Entry[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
}
