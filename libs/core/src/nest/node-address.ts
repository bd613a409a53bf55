/**
 * Where a node binds and is reached, and how it is called when nobody says otherwise.
 */
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { hostname, networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '../ports/cluster-strategy.js';

/** Bridges and pairs of containers: addresses that other hosts do not reach. */
const LOCAL_INTERFACES = /^(docker|br-|veth|virbr|cni|flannel|cali)/;

let namesGiven = 0;

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** All addresses of this host, of IPv4 alone where there is any. */
export function everyAddress(): '0.0.0.0' | '::' {
  return externalAddresses().every(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0';
}

/** What to tell others when this is bound, or nothing when it can be told as it is. */
export function addressToAdvertise(bind: string): string | undefined {
  if (bind !== '0.0.0.0' && bind !== '::') return undefined;
  const candidates = externalAddresses();
  const best = candidates.find(({ family }) => family === 'IPv4') ?? candidates[0];
  if (best === undefined) return '127.0.0.1';
  return best.family === 'IPv6' ? `[${best.address}]` : best.address;
}

/**
 * `<basename>-<process id>@<host>`: unlike any other process on this host, and unlike other nodes of this process. In a
 * container, where the process id is 1 and the host is the container's, the name is the same after a restart.
 */
export function defaultNodeName(env: Environment): string {
  const base = env.CLUSTER_NODE_BASENAME?.trim() || packageName(env);
  const process_ = process.pid === 1 ? '' : `-${process.pid}`;
  const which = namesGiven++ === 0 ? '' : `-${namesGiven}`;
  return `${base}${process_}${which}@${hostname()}`;
}

function packageName(env: Environment): string {
  const name = env.npm_package_name ?? nearestPackageName(process.argv[1] ?? process.cwd()) ?? 'node';
  return name.replace(/^@[^/]*\//, '').replace(/\s/g, '-');
}

function nearestPackageName(path: string): string | undefined {
  for (let folder = dirname(path), below = path; folder !== below; below = folder, folder = dirname(folder)) {
    try {
      const found: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (typeof found === 'object' && found !== null && 'name' in found && typeof found.name === 'string') {
        return found.name;
      }
    } catch {
      // Not here: look further up.
    }
  }
  return undefined;
}

function externalAddresses(): NetworkInterfaceInfo[] {
  const all = Object.entries(networkInterfaces()).filter(([name]) => !LOCAL_INTERFACES.test(name));
  return all
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(
      ({ internal, address }) => !internal && !address.startsWith('fe80:') && !address.startsWith('169.254.'),
    );
}
