/**
 * Several hosts on one machine: network namespaces on a bridge in a namespace of its own, so that no real interface is
 * touched. Cables can be pulled, the bridge can be split, and single links can be cut. Needs root, iproute2 and nftables.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linesOf } from './lines.js';
import { until } from './until.js';

const PROGRAM = join(__dirname, 'host-node.mjs');
/** Headers of IP and of TCP are this long, in bytes; TCP's is counted in words of four bytes. */
const IP_HEADER_BYTES = 20;
const TCP_HEADER_WORDS = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const;

export interface Heard {
  readonly at: number;
  readonly type: string;
  readonly node: string | null;
  readonly reason?: string;
  readonly state?: string;
  readonly address?: string;
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

export class HostNode {
  readonly heard: Heard[] = [];
  readonly log: readonly string[];

  constructor(
    readonly name: string,
    readonly process: ChildProcess,
  ) {
    process.on('message', (message) => this.heard.push(message as Heard));
    this.log = linesOf(process);
  }

  /** The first thing heard at or after `since` that `matches`. */
  hears(what: string, since: number, matches: (heard: Heard) => boolean): Promise<Heard> {
    return until(`${this.name} hears ${what}`, () => {
      if (this.process.exitCode !== null) throw new Error(`${this.name} ended:\n${this.log.join('\n')}`);
      return this.heard.find((heard) => heard.at >= since && matches(heard));
    });
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await gone;
  }
}

export class Lan {
  private readonly id = `nc${process.pid.toString(36)}`;
  private readonly nodes: HostNode[] = [];
  private readonly folders: string[] = [];

  private get bridge(): string {
    return `${this.id}-sw`;
  }

  constructor(private readonly size: number) {
    ip('netns', 'add', this.bridge);
    for (const name of ['br0', 'br1']) {
      ip(
        '-n',
        this.bridge,
        'link',
        'add',
        name,
        'type',
        'bridge',
        'mcast_snooping',
        '0',
        'forward_delay',
        '0',
      );
      ip('-n', this.bridge, 'link', 'set', name, 'up');
    }
    for (let host = 1; host <= size; host++) {
      const space = this.space(host);
      ip('netns', 'add', space);
      ip('-n', space, 'link', 'set', 'lo', 'up');
      ip(
        '-n',
        space,
        'link',
        'add',
        'eth0',
        'type',
        'veth',
        'peer',
        'name',
        `p${host}`,
        'netns',
        this.bridge,
      );
      ip('-n', this.bridge, 'link', 'set', `p${host}`, 'master', 'br0', 'up');
      ip('-n', space, 'addr', 'add', `${this.addressOf(host)}/24`, 'broadcast', '10.77.0.255', 'dev', 'eth0');
      ip('-n', space, 'link', 'set', 'eth0', 'up');
    }
  }

  /** Starts a node on a host; the program may be another than the one that only tells what it hears. */
  start(host: number, name: string, env: Readonly<Record<string, string>>, program = PROGRAM): HostNode {
    const child = spawn('ip', ['netns', 'exec', this.space(host), process.execPath, program], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { PATH: process.env['PATH'] ?? '', CLUSTER_NODE_NAME: name, ...env },
    });
    const node = new HostNode(name, child);
    this.nodes.push(node);
    return node;
  }

  /** Pulls the cable of a host: nothing goes in or out, and nobody is told. */
  unplug(host: number): void {
    ip('-n', this.bridge, 'link', 'set', `p${host}`, 'down');
  }

  plug(host: number): void {
    ip('-n', this.bridge, 'link', 'set', `p${host}`, 'up');
  }

  /** These hosts are among themselves from now on, and the others, too. */
  split(hosts: readonly number[]): void {
    for (const host of hosts) ip('-n', this.bridge, 'link', 'set', `p${host}`, 'master', 'br1');
  }

  /** Nothing passes between these two any more; both go on reaching all others. */
  cutLink(a: number, b: number): void {
    this.drop(a, `ip saddr ${this.addressOf(b)}`);
    this.drop(b, `ip saddr ${this.addressOf(a)}`);
  }

  /**
   * One of two directions: of what `from` sends to `to`, only packets without data arrive. They let TCP hold the connection,
   * so that `to` is heard by `from` for as long as this lasts. Paths that swallow packets above some size do nearly this.
   */
  muffle(from: number, to: number): void {
    for (const words of TCP_HEADER_WORDS) {
      const bare = IP_HEADER_BYTES + 4 * words;
      this.drop(to, `ip saddr ${this.addressOf(from)} tcp doff ${words} ip length > ${bare}`);
    }
  }

  /** Every link carries everything again. */
  mendLinks(): void {
    for (let host = 1; host <= this.size; host++) this.nft(host, 'flush', 'ruleset');
  }

  /** A program that runs another one on this host, with whatever arguments it is given. */
  launcher(host: number, program: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'nest-cluster-lan-'));
    this.folders.push(folder);
    const path = join(folder, 'launch');
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${this.space(host)} ${program} "$@"\n`, {
      mode: 0o755,
    });
    return path;
  }

  addressOf(host: number): string {
    return `10.77.0.${host}`;
  }

  heal(): void {
    for (let host = 1; host <= this.size; host++)
      ip('-n', this.bridge, 'link', 'set', `p${host}`, 'master', 'br0');
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end()));
    for (let host = 1; host <= this.size; host++) ip('netns', 'del', this.space(host));
    ip('netns', 'del', this.bridge);
    for (const folder of this.folders) rmSync(folder, { recursive: true });
  }

  /** On arrival: a kernel that is kept from sending knows of it, and a sender knows nothing of what a network loses. */
  private drop(host: number, packets: string): void {
    this.nft(host, 'add table ip cuts');
    this.nft(host, 'add chain ip cuts arriving { type filter hook input priority 0 ; }');
    this.nft(host, `add rule ip cuts arriving ${packets} drop`);
  }

  private nft(host: number, ...command: string[]): void {
    ip('netns', 'exec', this.space(host), 'nft', ...command);
  }

  private space(host: number): string {
    return `${this.id}-${host}`;
  }
}
