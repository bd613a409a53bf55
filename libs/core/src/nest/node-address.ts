/**
 * Where a node binds and is reached, and how it is called when nobody says otherwise.
 */
import { isIPv4 } from 'node:net';
import { hostname, networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import type { Environment } from '../ports/cluster-strategy.js';
import { applicationName, isTestRunner, type ProcessPlace } from './application-name.js';
import { DEFAULTS } from './cluster-options.js';

/** Bridges and pairs of containers: addresses that other hosts do not reach. */
const LOCAL_INTERFACES = /^(docker|br-|veth|virbr|cni|flannel|cali)/;

const NAME_BYTES_MAX = 200;
export const NAME_RULE = `text of at most ${NAME_BYTES_MAX} bytes without blanks and control characters`;

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

/** The application in a name that `defaultNodeName` made; undefined for other names. */
export function baseOf(name: string): string | undefined {
  return /^(.+?)(?:-\d+){0,2}@./.exec(name)?.[1];
}

/**
 * The name of the application, so that unlike applications of one machine or network do not mix. A test runner has a cluster of
 * its own, so that a test does not join the development server.
 */
export function defaultClusterName(env: Environment, place?: ProcessPlace): string {
  const name = applicationName(place);
  if (name === undefined || !isName(name)) return DEFAULTS.cluster;
  return isTestRunner(env, place) ? `${name}-test-${process.pid}` : name;
}

function packageName(env: Environment): string {
  const name = env.npm_package_name ?? applicationName() ?? 'node';
  return name.replace(/^@[^/]*\//, '').replace(/\s/g, '-');
}

function externalAddresses(): NetworkInterfaceInfo[] {
  const all = Object.entries(networkInterfaces()).filter(([name]) => !LOCAL_INTERFACES.test(name));
  return all
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(
      ({ internal, address }) => !internal && !address.startsWith('fe80:') && !address.startsWith('169.254.'),
    );
}

export function isName(text: unknown): text is string {
  return (
    typeof text === 'string' && Buffer.byteLength(text) <= NAME_BYTES_MAX && /^[^\s\p{Cc}]+$/u.test(text)
  );
}
