import { Injectable } from '@nestjs/common';
import type { ConflictResolver, ConflictingWrite } from '@nest-cluster/core';

/** A shelf that two sides sold from holds what is left after both: the smallest count that anybody wrote. */
@Injectable()
export class StockResolver implements ConflictResolver {
  resolve(key: string, writes: readonly ConflictingWrite[]): unknown {
    const values = writes.map(({ value }) => value);
    if (key.startsWith('stock:') && values.every((value) => typeof value === 'number'))
      return Math.min(...values);
    const latest = writes.reduce((one, other) => (newer(other, one) ? other : one));
    return latest.value;
  }
}

function newer(one: ConflictingWrite, other: ConflictingWrite): boolean {
  return one.at > other.at || (one.at === other.at && one.node > other.node);
}
