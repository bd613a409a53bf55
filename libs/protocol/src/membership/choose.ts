/**
 * At most `count` different items by chance, among those that will do. Its cost does not grow with the number of items.
 */
import { sample, type Random } from '../random.js';

export function choose<T>(
  from: readonly T[],
  count: number,
  random: Random,
  willDo: (item: T) => boolean,
): T[] {
  if (from.length <= count * 8) return sample(from.filter(willDo), count, random);
  const chosen: T[] = [];
  for (let attempt = count * 8; attempt > 0 && chosen.length < count; attempt--) {
    const item = from[Math.floor(random() * from.length)] as T;
    if (willDo(item) && !chosen.includes(item)) chosen.push(item);
  }
  return chosen;
}
