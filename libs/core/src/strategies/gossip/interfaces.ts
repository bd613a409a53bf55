/**
 * Which of the machine's network interfaces gossip uses: all, or those named; loopback alone without a secret (W2).
 */
import { networkInterfaces } from 'node:os';

type NetworkAddresses = ReturnType<typeof networkInterfaces>;

export interface GossipInterface {
  readonly name: string;
  /** IPv4; gossip's group is an IPv4 group, whatever the nodes' own addresses are. */
  readonly address: string;
  readonly broadcast: string;
}

/** `wanted`: names or addresses; none means all. Read anew each time, as interfaces come and go. */
export function presentInterfaces(wanted: readonly string[], loopbackOnly: boolean): GossipInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family, internal }) => family === 'IPv4' && (internal || !loopbackOnly))
      .filter(({ address }) => wanted.length === 0 || wanted.includes(name) || wanted.includes(address))
      .map(({ address, netmask }) => ({ name, address, broadcast: broadcastOf(address, netmask) })),
  );
}

/** This machine has a network, and gossip cannot use it: its group is an IPv4 group. */
export function isOnIpv6Alone(addresses: NetworkAddresses = networkInterfaces()): boolean {
  const external = Object.values(addresses).flatMap((all = []) => all.filter(({ internal }) => !internal));
  const hasRoute = ({ family, address }: { family: string; address: string }): boolean =>
    family === 'IPv6' && !address.startsWith('fe80:');
  return external.some(hasRoute) && external.every(({ family }) => family !== 'IPv4');
}

/** The address with all host bits set; a network of one address has none, and the limited broadcast stands in. */
export function broadcastOf(address: string, netmask: string): string {
  const mask = netmask.split('.').map(Number);
  if (mask.every((byte) => byte === 255)) return '255.255.255.255';
  return address
    .split('.')
    .map((byte, at) => Number(byte) | (~(mask[at] ?? 255) & 255))
    .join('.');
}
