/**
 * A resolver of the application as the replica calls it (S3): values are decoded for it, and what it makes of them is encoded
 * as if it had been written. A result that equals one of the writes is that write, and changes nothing where it is shown.
 */
import { wallOf, type Resolver } from '@nest-cluster/protocol';
import type { ConflictingWrite, ResolveConflict } from '../../ports/store-provider.js';
import { StoreValue } from '../../wire/index.js';

export function machineResolver(resolve: ResolveConflict, valueBytesMax: number): Resolver {
  return (key, candidates) => {
    const writes = candidates.map(({ value, node, time }): ConflictingWrite => {
      return {
        value: value instanceof StoreValue ? value.peek() : undefined,
        node: node.name,
        at: wallOf(time),
      };
    });
    const result = StoreValue.of(resolve(key, writes), valueBytesMax);
    const same = candidates.find(({ value }) => value instanceof StoreValue && value.text === result.text);
    return same?.value ?? result;
  };
}
