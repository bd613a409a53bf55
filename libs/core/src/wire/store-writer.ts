/**
 * What replicas say to each other, on its way out: a type byte, then the fields in a fixed order. What its field cannot hold
 * is a mistake of this node, and throws.
 */
import type { MessageOf, StoreMessage } from '@nest-cluster/protocol';
import { ClusterError } from '@nest-cluster/protocol';
import { REASON_BYTES_MAX } from './limits.js';
import { presentable } from './presentable.js';
import { DIGESTS, MODES, PHASES, TEXT_BYTES_MAX, TYPES } from './store-format.js';
import { StorePartsWriter } from './store-writer-parts.js';

export function encodeStoreMessage(message: StoreMessage): Uint8Array {
  writer.start().message(message);
  return writer.finish();
}

class StoreWriter extends StorePartsWriter {
  message(message: StoreMessage): void {
    this.byte(TYPES.indexOf(message.type));
    switch (message.type) {
      case 'clock':
        this.replicas(message.replicas);
        this.clock(message.clock);
        this.uint(message.ahead);
        this.byte(PHASES.indexOf(message.phase));
        this.incarnations(message.meets);
        this.replica(message.side);
        this.replicas(message.apart);
        this.list(message.decrees, (known) => this.knownDecree(known));
        this.byte(MODES.indexOf(message.recovery));
        this.uint(message.recoveryTime);
        return this.flag(message.reply);
      case 'deltas':
        this.uint(message.stream);
        this.flag(message.isStart);
        this.replicas(message.replicas);
        this.clock(message.context);
        return this.list(message.deltas, (delta) => this.delta(delta));
      case 'resume':
        return;
      case 'held':
        this.uint(message.generation);
        return this.uint(message.counter);
      case 'pull':
        this.uint(message.session);
        this.replicas(message.replicas);
        this.clock(message.clock);
        return this.flag(message.isBlank);
      case 'digests':
        this.uint(message.session);
        this.replicas(message.replicas);
        this.clock(message.clock);
        this.uint(message.ahead);
        return this.digests(message.digests);
      case 'buckets':
        this.uint(message.session);
        return this.list(message.buckets, (bucket) => this.uint(bucket));
      case 'recent':
        this.uint(message.session);
        this.uint(message.seq);
        this.replicas(message.replicas);
        this.states(message.states);
        this.flag(message.clock !== null);
        return message.clock === null ? undefined : this.clock(message.clock);
      case 'chunk':
        this.uint(message.session);
        this.uint(message.seq);
        this.replicas(message.replicas);
        this.clock(message.clock);
        this.list(message.parts, (part) => this.part(part));
        return this.flag(message.isLast);
      case 'next':
        this.uint(message.session);
        return this.uint(message.seq);
      case 'unable':
        return this.uint(message.session);
      case 'recovery':
        this.byte(MODES.indexOf(message.mode));
        return this.uint(message.time);
      case 'choose':
        this.uint(message.request);
        this.id(message.partition);
        this.choice(message.choice);
        return this.sides(message.sides);
      case 'chosen':
        this.uint(message.request);
        this.flag(message.refusal !== null);
        return message.refusal === null ? undefined : this.refusal(message.refusal);
      case 'survey':
        return this.uint(message.token);
      case 'surveyed':
        this.uint(message.token);
        return this.list(message.records, ({ ageMs, decree }) => {
          this.uint(ageMs);
          this.decree(decree);
        });
      case 'propose':
        this.uint(message.token);
        return this.decree(message.decree);
      case 'accepted':
        this.uint(message.token);
        return this.id(message.decree);
      case 'decree':
        return this.decree(message.decree);
      case 'compare':
        this.uint(message.id);
        this.replicas(message.replicas);
        return this.clock(message.clock);
      case 'comparison':
        this.uint(message.id);
        this.replicas(message.replicas);
        this.clock(message.clock);
        this.states(message.states);
        return this.uint(message.total);
    }
  }

  /** As many as there are in every such message: their number is not written. */
  private digests(digests: readonly number[]): void {
    if (digests.length !== DIGESTS)
      throw new ClusterError('CLUSTER_INVARIANT_BROKEN', `cannot be sent: ${digests.length} digests`);
    for (const digest of digests) this.uint32(digest);
  }

  private refusal({ code, reason }: NonNullable<MessageOf<'chosen'>['refusal']>): void {
    this.text(code, TEXT_BYTES_MAX);
    this.text(presentable(reason, REASON_BYTES_MAX), REASON_BYTES_MAX);
  }
}

const writer = new StoreWriter();
