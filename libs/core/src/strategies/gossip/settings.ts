/**
 * The settings of gossip: option, variable and default of each, in one place.
 */
import type { Environment, OptionProblem } from '../../ports/cluster-strategy.js';
import { SettingReader } from '../../ports/setting-reader.js';

export interface GossipOptions {
  /** UDP port of the group, the same on all nodes. `CLUSTER_GOSSIP_PORT`, default 45892. */
  readonly port?: number;
  /** IPv4 multicast group, the same on all nodes. `CLUSTER_GOSSIP_ADDRESS`, default 230.1.1.251. */
  readonly multicastAddress?: string;
  /** Names or IPv4 addresses of the network interfaces to use. `CLUSTER_GOSSIP_INTERFACE`, with commas between; default all. */
  readonly interface?: string | readonly string[];
  /** How many routers a datagram may pass, plus one. `CLUSTER_GOSSIP_TTL`, default 1: it stays in its own network. */
  readonly ttl?: number;
  /** For networks without multicast: sends to each interface's broadcast address. `CLUSTER_GOSSIP_BROADCAST_ONLY`, default false. */
  readonly broadcastOnly?: boolean;
}

export interface GossipSettings {
  readonly port: number;
  readonly multicastAddress: string;
  /** Empty: all. */
  readonly interfaces: readonly string[];
  readonly ttl: number;
  readonly broadcastOnly: boolean;
}

export interface ResolvedGossip {
  readonly settings: GossipSettings;
  readonly problems: readonly OptionProblem[];
}

const setting = (name: keyof GossipOptions, suffix: string, given: unknown) => ({
  option: `gossip.${name}`,
  variable: `CLUSTER_GOSSIP_${suffix}`,
  given,
});

export function resolveGossip(options: GossipOptions, env: Environment): ResolvedGossip {
  const reader = new SettingReader(env);
  const settings: GossipSettings = {
    port: reader.port(setting('port', 'PORT', options.port), 45_892),
    multicastAddress: reader.text(
      setting('multicastAddress', 'ADDRESS', options.multicastAddress),
      'an IPv4 multicast address, 224.0.0.0 to 239.255.255.255',
      isMulticast,
      '230.1.1.251',
    ),
    interfaces: reader.list(
      setting('interface', 'INTERFACE', options.interface),
      'names or IPv4 addresses of network interfaces',
      (item) => /^[\w.:@-]{1,64}$/.test(item),
    ),
    ttl: reader.integer(setting('ttl', 'TTL', options.ttl), 0, 255, 1),
    broadcastOnly: reader.flag(setting('broadcastOnly', 'BROADCAST_ONLY', options.broadcastOnly), false),
  };
  return { settings, problems: reader.problems };
}

function isMulticast(address: string): boolean {
  const bytes = address.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  const [first = 0] = bytes;
  return bytes.length === 4 && bytes.every((byte) => byte <= 255) && first >= 224 && first <= 239;
}
