/**
 * The strategies that come with the core, each a folder of its own. None knows of another.
 */
export { dns } from './dns/dns.js';
export type { DnsOptions, DnsType } from './dns/dns.js';
export { epmd } from './epmd/epmd.js';
export type { EpmdOptions } from './epmd/epmd.js';
export { gossip } from './gossip/gossip.js';
export type { GossipOptions } from './gossip/gossip.js';
export { statefulSet } from './stateful-set/stateful-set.js';
export type { StatefulSetOptions } from './stateful-set/stateful-set.js';
export { staticHosts } from './static/static-hosts.js';
export type { StaticHostsOptions } from './static/static-hosts.js';
