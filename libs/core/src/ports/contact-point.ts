/**
 * How a contact point is written and read: `host:port`, IPv6 hosts in brackets.
 */
import type { ContactPoint } from './cluster-strategy.js';

/** Longest host name that DNS allows. */
const HOST_LENGTH_MAX = 253;
const HOST = /^[A-Za-z0-9_.-]+$/;
const IPV6 = /^[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?$/;
const WRITTEN = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/;

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Control port of a node whose discovery does not carry one. */
export const CONTROL_PORT = 45_893;

export function isPort(port: unknown): port is number {
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** A host name, an IPv4 or an IPv6 address, without brackets. */
export function isHost(host: unknown): host is string {
  return (
    typeof host === 'string' &&
    host.length <= HOST_LENGTH_MAX &&
    (HOST.test(host) || (host.includes(':') && IPV6.test(host)))
  );
}

export function contactPoint(host: string, port: number): ContactPoint {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Undefined for anything that is not a host with a port; without a port, `defaultPort` is taken if there is one. */
export function parseContactPoint(text: string, defaultPort?: number): HostPort | undefined {
  const [, bracketed, plain, digits] = WRITTEN.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? defaultPort : Number(digits);
  return isHost(host) && isPort(port) ? { host, port } : undefined;
}
