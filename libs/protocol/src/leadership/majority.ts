/** Any two majorities of the same voters have one of them in common, and so have majorities of n and of n + 1 voters (L5). */
export function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}
