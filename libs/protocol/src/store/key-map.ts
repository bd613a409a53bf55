/**
 * A map from keys to entries that never stops to grow all at once. A single `Map` copies itself whenever it doubles, which
 * takes hundreds of milliseconds at a million keys; many small ones copy a little, often (S7).
 */

/** A power of two. */
const SHARDS = 256;
/** Letters of a key that decide where it goes, spread over its length. */
const SAMPLES = 8;

export class KeyMap<Value> {
  private readonly shards = Array.from({ length: SHARDS }, () => new Map<string, Value>());
  size = 0;

  get(key: string): Value | undefined {
    return this.shardOf(key).get(key);
  }

  has(key: string): boolean {
    return this.shardOf(key).has(key);
  }

  set(key: string, value: Value): void {
    const shard = this.shardOf(key);
    const before = shard.size;
    shard.set(key, value);
    this.size += shard.size - before;
  }

  delete(key: string): boolean {
    const deleted = this.shardOf(key).delete(key);
    if (deleted) this.size--;
    return deleted;
  }

  clear(): void {
    for (const shard of this.shards) shard.clear();
    this.size = 0;
  }

  /** Like a `Map`'s: what is added meanwhile may be met, what is deleted before its turn is not. */
  *[Symbol.iterator](): IterableIterator<[string, Value]> {
    for (const shard of this.shards) yield* shard;
  }

  private shardOf(key: string): Map<string, Value> {
    const { length } = key;
    const stride = length > SAMPLES ? Math.ceil(length / SAMPLES) : 1;
    let hash = length;
    for (let at = length - 1; at >= 0; at -= stride) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
    return this.shards[(hash ^ (hash >>> 8)) & (SHARDS - 1)] as Map<string, Value>;
  }
}
