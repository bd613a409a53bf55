import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Whole lines of what a process says, as it says them: a pipe may cut its output anywhere. */
export function linesOf({ stdout, stderr }: ChildProcess): readonly string[] {
  const lines: string[] = [];
  for (const input of [stdout, stderr]) {
    if (input) createInterface({ input }).on('line', (line) => line && lines.push(line));
  }
  return lines;
}
