/**
 * Hosts on one machine: network namespaces on a bridge in a namespace of its own. Each host has a second line, to the
 * namespace in which the clients run, that no fault touches and that leads to no other host. No real interface is touched.
 */
import { execFileSync } from 'node:child_process';
import { linkRules, type LinkState } from './links.js';

const NANOS_PER_MS = 1e6;

export class Network {
  private constructor(
    private readonly id: string,
    readonly hosts: number,
  ) {}

  /** The namespace of the clients. */
  get control(): string {
    return `${this.id}-ctl`;
  }

  static create(id: string, hosts: number): Network {
    const network = new Network(id, hosts);
    network.build();
    return network;
  }

  /** One that another process has created and removes. */
  static attach(id: string, hosts: number): Network {
    return new Network(id, hosts);
  }

  space(host: number): string {
    return `${this.id}-${host}`;
  }

  /** Where hosts reach each other. */
  addressOf(host: number): string {
    return `10.77.0.${host}`;
  }

  /** Where clients reach a host. */
  controlOf(host: number): string {
    return `10.78.${host}.2`;
  }

  /** Replaces all that was cut or lossy; in one step, and to the kernel's word. */
  apply(links: LinkState): void {
    execFileSync('ip', ['netns', 'exec', this.bridge, 'nft', '-f', '-'], {
      input: linkRules(links),
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  }

  /** Ends what still runs there, and takes everything away. */
  remove(): void {
    const spaces = [...this.all().map((host) => this.space(host)), this.control, this.bridge];
    const there = new Set(output('netns', 'list').match(/^\S+/gm));
    for (const space of spaces.filter((name) => there.has(name))) {
      for (const pid of output('netns', 'pids', space).match(/\d+/g) ?? []) killQuietly(Number(pid));
      output('netns', 'del', space);
    }
  }

  private get bridge(): string {
    return `${this.id}-sw`;
  }

  private all(): number[] {
    return Array.from({ length: this.hosts }, (_, index) => index + 1);
  }

  private build(): void {
    const { bridge, control } = this;
    for (const space of [bridge, control]) output('netns', 'add', space);
    output('-n', control, 'link', 'set', 'lo', 'up');
    output('-n', bridge, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0', 'forward_delay', '0');
    output('-n', bridge, 'link', 'set', 'br0', 'up');
    for (const host of this.all()) {
      const space = this.space(host);
      output('netns', 'add', space);
      output('-n', space, 'link', 'set', 'lo', 'up');
      output('-n', space, ...veth('eth0', `p${host}`, bridge));
      output('-n', bridge, 'link', 'set', `p${host}`, 'master', 'br0', 'up');
      const address = `${this.addressOf(host)}/24`;
      output('-n', space, 'addr', 'add', address, 'broadcast', '10.77.0.255', 'dev', 'eth0');
      output('-n', space, 'link', 'set', 'eth0', 'up');
      output('-n', space, ...veth('mgmt', `c${host}`, control));
      output('-n', space, 'addr', 'add', `${this.controlOf(host)}/30`, 'dev', 'mgmt');
      output('-n', space, 'link', 'set', 'mgmt', 'up');
      output('-n', control, 'addr', 'add', `10.78.${host}.1/30`, 'dev', `c${host}`);
      output('-n', control, 'link', 'set', `c${host}`, 'up');
    }
  }
}

/** Whether this machine lets namespaces be made, and has what cuts them; otherwise what is missing. */
export function missingForNamespaces(): string | undefined {
  const probe = `ncx${process.pid.toString(36)}${(Number(process.hrtime.bigint()) / NANOS_PER_MS).toFixed(0).slice(-3)}`;
  try {
    output('netns', 'add', probe);
    output('netns', 'exec', probe, 'nft', 'list', 'ruleset');
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'ip') : String(error);
  } finally {
    try {
      output('netns', 'del', probe);
    } catch {
      // It was never there.
    }
  }
}

function veth(name: string, peer: string, space: string): string[] {
  return ['link', 'add', name, 'type', 'veth', 'peer', 'name', peer, 'netns', space];
}

function output(...args: string[]): string {
  return execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
