// W5: what was read before is known again by all of its bytes, and never taken for something else.
import type { Address, Incarnation, Message, NodeInfo, NodeName } from '@nest-cluster/protocol';
import { decodeMessage, encodeMessage } from './codec.js';
import { KNOWN_NODES_MAX } from './limits.js';

const nodeOf = (index: number, address = '10.0.0.1:45893'): NodeInfo => ({
  name: `orders-${index}@host` as NodeName,
  incarnation: index.toString(16).padStart(32, '0') as Incarnation,
  address: address as Address,
  dataPort: 45_894,
  startedAt: 1_790_000_000_000,
  priority: 0,
});
const refuse = (holder: NodeInfo): Message => ({ type: 'refuse', reason: 'nameTaken', holder });

function read(bytes: Uint8Array): NodeInfo | undefined {
  const message = decodeMessage(bytes);
  return message?.type === 'refuse' ? message.holder : undefined;
}

describe('nodes that were read before', () => {
  it('are one object, which nobody can change', () => {
    const bytes = encodeMessage(refuse(nodeOf(1)));
    const first = read(bytes);
    expect(first).toEqual(nodeOf(1));
    expect(read(Buffer.from(bytes))).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
  });

  it('are told apart by whatever differs', () => {
    // The first 48 bits of both incarnations are the same, too.
    const all = [nodeOf(1), nodeOf(1, '10.0.0.2:45893'), nodeOf(2), { ...nodeOf(1), priority: 7 }];
    for (let round = 0; round < 2; round++)
      for (const node of all) expect(read(encodeMessage(refuse(node)))).toEqual(node);
  });

  it('are not taken from bytes that end early, or go on', () => {
    const bytes = encodeMessage(refuse(nodeOf(1)));
    read(bytes);
    for (let length = 0; length < bytes.length; length++)
      expect(read(bytes.subarray(0, length))).toBeUndefined();
    expect(read(Buffer.concat([bytes, Buffer.of(0)]))).toBeUndefined();
  });

  it('are forgotten when there are too many, and read anew', () => {
    const random = (index: number): NodeInfo => ({
      ...nodeOf(index),
      incarnation: (index.toString(16).padStart(12, '0') + 'e'.repeat(20)) as Incarnation,
    });
    const bytes = encodeMessage(refuse(random(0)));
    const first = read(bytes);
    for (let index = 1; index <= KNOWN_NODES_MAX; index++) read(encodeMessage(refuse(random(index))));
    expect(read(bytes)).not.toBe(first);
    expect(read(bytes)).toEqual(first);
  });
});
