/**
 * Nodes that were written or read before. What a node says about itself is the same for its whole life, and stands in most
 * messages: its bytes are made once, and bytes that come again are known for the same node, so that one object stands for it
 * and nothing is made anew. Bounded, since peers fill it (W5).
 */
import type { NodeInfo } from '@nest-cluster/protocol';
import type { ByteReader } from './byte-reader.js';
import { KNOWN_NODES_MAX } from './limits.js';

interface Known {
  readonly bytes: Uint8Array;
  readonly node: NodeInfo;
}

export class KnownNodes {
  private readonly written = new WeakMap<NodeInfo, Uint8Array>();
  /** By some of their bytes; the one that was learned first comes first. */
  private readonly read = new Map<number, Known>();

  bytesOf(node: NodeInfo): Uint8Array | undefined {
    return this.written.get(node);
  }

  wrote(node: NodeInfo, bytes: Uint8Array): void {
    this.written.set(node, bytes);
  }

  /** The node that comes next, if its bytes were read before; they are taken. */
  take(reader: ByteReader): NodeInfo | undefined {
    const known = this.read.get(reader.glance());
    return known && reader.takes(known.bytes) ? known.node : undefined;
  }

  /** `glance` is what the reader showed before the node was read. */
  learn(glance: number, bytes: Uint8Array, node: NodeInfo): NodeInfo {
    const shared = Object.freeze(node);
    this.read.delete(glance);
    this.read.set(glance, { bytes, node: shared });
    if (this.read.size > KNOWN_NODES_MAX) {
      const [oldest] = this.read.keys();
      if (oldest !== undefined) this.read.delete(oldest);
    }
    this.written.set(shared, bytes);
    return shared;
  }
}
