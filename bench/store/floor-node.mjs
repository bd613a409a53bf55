// The floor: a Map on each of three nodes, the links that the store uses, and one acknowledgement per write. No protocol: it
// repairs nothing, orders nothing, forgets nothing.
import { randomBytes } from 'node:crypto';
import { createTcpTransport } from '@nest-cluster/core';
import { serve, watchPauses, writeLoad } from './load.mjs';

const map = new Map();
const waiting = new Map();
const peers = new Set();
let lastId = 0;
let longestPause;

const transport = createTcpTransport({
  cluster: 'floor',
  host: '127.0.0.1',
  port: 0,
  security: { kind: 'psk', secrets: [process.env.CLUSTER_SECRET] },
});
const { port } = await transport.listen();
const self = {
  name: `floor-${port}`,
  incarnation: randomBytes(16).toString('hex'),
  address: `127.0.0.1:${port}`,
  dataPort: 0,
  startedAt: Date.now(),
  priority: 0,
};
transport.start(self, {
  opened: (peer) => peers.add(peer.incarnation),
  closed: (incarnation) => peers.delete(incarnation),
  dialFailed: () => undefined,
  rejected: (reason, detail) => console.error(reason, detail),
  frame(from, bytes) {
    const id = bytes.readUInt32BE(0);
    if (bytes.length === 4) {
      waiting.get(id)?.();
      waiting.delete(id);
      return;
    }
    const length = bytes[4];
    map.set(bytes.latin1Slice(5, 5 + length), bytes.latin1Slice(5 + length));
    transport.send(from, Buffer.from(bytes.subarray(0, 4)));
  },
});

function set(key, value) {
  return new Promise((resolve) => {
    const id = ++lastId;
    map.set(key, value);
    const frame = Buffer.allocUnsafe(5 + key.length + value.length);
    frame.writeUInt32BE(id, 0);
    frame[4] = key.length;
    frame.latin1Write(key, 5);
    frame.latin1Write(value, 5 + key.length);
    waiting.set(id, resolve);
    for (const peer of peers) transport.send(peer, frame);
  });
}

serve({
  dial: (address) => transport.dial(address),
  peers: () => peers.size,
  write: (load) => writeLoad(set, load),
  pause: () => (longestPause ??= watchPauses())(),
});
process.once('disconnect', () => process.exit(0));
process.send({ address: self.address });
