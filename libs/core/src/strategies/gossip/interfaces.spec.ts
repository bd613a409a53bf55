import type { NetworkInterfaceInfo } from 'node:os';
import { isOnIpv6Alone } from './interfaces.js';

const v4 = (address: string, internal = false) =>
  ({ family: 'IPv4', address, internal }) as NetworkInterfaceInfo;
const v6 = (address: string, internal = false) =>
  ({ family: 'IPv6', address, internal }) as NetworkInterfaceInfo;
const lo = [v4('127.0.0.1', true), v6('::1', true)];

describe('a machine whose network is IPv6 alone', () => {
  it.each([
    ['with a global address', { lo, eth0: [v6('2001:db8::5')] }, true],
    ['with IPv4 beside it', { lo, eth0: [v6('2001:db8::5'), v4('10.0.0.5')] }, false],
    ['without a network', { lo }, false],
    ['with a link-local address only', { lo, eth0: [v6('fe80::1')] }, false],
  ])('%s', (_what, addresses, expected) => {
    expect(isOnIpv6Alone(addresses)).toBe(expected);
  });
});
