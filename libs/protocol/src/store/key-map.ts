/**
 * A map from keys to entries that never stops to grow all at once. A single `Map` copies itself whenever it doubles, which
 * takes hundreds of milliseconds at a million keys; many small ones copy a little, often (S7). The first keys are in one of
 * their own, so that a store that is small is read as fast as a `Map`.
 */

/** Keys in the first map; growing to so many takes a few milliseconds. */
const FIRST_MAX = 32_768;

/** A power of two. */
const SHARDS = 256;

export class KeyMap<Value> {
  private readonly first = new Map<string, Value>();
  private readonly shards = Array.from({ length: SHARDS }, () => new Map<string, Value>());
  /** Keys that are not in the first map. */
  private spread = 0;

  get size(): number {
    return this.first.size + this.spread;
  }

  get(key: string): Value | undefined {
    const value = this.first.get(key);
    return value !== undefined || this.spread === 0 ? value : this.shardOf(key).get(key);
  }

  set(key: string, value: Value): void {
    const { first } = this;
    if (first.has(key) || (this.spread === 0 && first.size < FIRST_MAX)) {
      first.set(key, value);
      return;
    }
    const shard = this.shardOf(key);
    if (first.size < FIRST_MAX && !shard.has(key)) {
      first.set(key, value);
      return;
    }
    const before = shard.size;
    shard.set(key, value);
    this.spread += shard.size - before;
  }

  delete(key: string): boolean {
    if (this.first.delete(key)) return true;
    const deleted = this.spread > 0 && this.shardOf(key).delete(key);
    if (deleted) this.spread--;
    return deleted;
  }

  clear(): void {
    this.first.clear();
    for (const shard of this.shards) shard.clear();
    this.spread = 0;
  }

  /** Like a `Map`'s: what is added meanwhile may be met, what is deleted before its turn is not. */
  *[Symbol.iterator](): IterableIterator<[string, Value]> {
    yield* this.first;
    for (const shard of this.shards) yield* shard;
  }

  /** Every letter counts: which of them differ is up to the application, and a shard that gets all keys is a single map. */
  private shardOf(key: string): Map<string, Value> {
    const { length } = key;
    let hash = length;
    for (let at = 0; at < length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
    return this.shards[(hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SHARDS - 1)] as Map<string, Value>;
  }
}
