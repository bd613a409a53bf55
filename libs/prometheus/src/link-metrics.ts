/**
 * What crosses the links of both planes, what is turned away, and how discovery fares.
 */
import type { ClusterDiscovery, RejectReason } from '@nest-cluster/core';
import type { Meters } from './meters.js';
import type { Readings, Reading } from './readings.js';

/** Every reason is shown from the start, so that an alert sees the first rejection as an increase. */
const REASONS: Readonly<Record<RejectReason, true>> = {
  unknownKey: true,
  plainText: true,
  tls: true,
  certificate: true,
  handshakeTimeout: true,
  handshakeInvalid: true,
  otherCluster: true,
  otherVersion: true,
  frameTooLarge: true,
  frameInvalid: true,
  tooManyLinks: true,
  backlogFull: true,
  gossipForged: true,
  gossipReplayed: true,
  gossipInvalid: true,
  gossipOtherCluster: true,
};

export interface LinkSources {
  readonly discovery: ClusterDiscovery;
  readonly readings: Readings;
}

export function linkMetrics(meters: Meters, { discovery, readings }: LinkSources): void {
  meters.counter({
    name: 'cluster_link_bytes_total',
    help: 'Bytes over the links of both planes.',
    labelNames: ['direction'],
    read: async () => bytesOf(await readings.now()),
  });
  meters.counter({
    name: 'cluster_frames_rejected_total',
    help: 'Frames, datagrams and peers that were turned away.',
    labelNames: ['reason'],
    read: async () => rejectedOf(await readings.now(), discovery),
  });
  meters.counter({
    name: 'cluster_discovery_errors_total',
    help: 'Times that a discovery strategy failed.',
    labelNames: ['strategy'],
    read: () => discovery.strategies.map(({ name, errors }) => [{ strategy: name }, errors] as const),
  });
}

function bytesOf({ control, store }: Reading) {
  const sum = (direction: 'bytesIn' | 'bytesOut') =>
    (control?.transport[direction] ?? 0) + (store?.transport[direction] ?? 0);
  return [
    [{ direction: 'in' }, sum('bytesIn')],
    [{ direction: 'out' }, sum('bytesOut')],
  ] as const;
}

function rejectedOf({ control, store }: Reading, discovery: ClusterDiscovery) {
  const totals = new Map<string, number>(Object.keys(REASONS).map((reason) => [reason, 0]));
  const counts = [
    control?.rejected,
    store?.rejected,
    ...discovery.strategies.map(({ rejected }) => rejected),
  ];
  for (const counted of counts)
    for (const [reason, count] of Object.entries(counted ?? {}))
      totals.set(reason, (totals.get(reason) ?? 0) + count);
  return [...totals].map(([reason, count]) => [{ reason }, count] as const);
}
