/** Load and detection times as the cluster grows (M6). */
export function printScale(print: (line: string) => void): boolean {
  print('not yet');
  return true;
}
