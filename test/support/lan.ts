/**
 * Several hosts on one machine: network namespaces on a bridge in a namespace of its own, so that no real interface is
 * touched. Cables can be pulled, and the bridge can be split. Needs root and iproute2.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { until } from './until.js';

const PROGRAM = join(__dirname, 'host-node.mjs');

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
  readonly log: string[] = [];

  constructor(
    readonly name: string,
    readonly process: ChildProcess,
  ) {
    process.on('message', (message) => this.heard.push(message as Heard));
    for (const stream of [process.stdout, process.stderr]) {
      stream
        ?.setEncoding('utf8')
        .on('data', (text: string) => this.log.push(...text.split('\n').filter(Boolean)));
    }
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
      ip('-n', space, 'addr', 'add', `10.77.0.${host}/24`, 'broadcast', '10.77.0.255', 'dev', 'eth0');
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

  heal(): void {
    for (let host = 1; host <= this.size; host++)
      ip('-n', this.bridge, 'link', 'set', `p${host}`, 'master', 'br0');
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end()));
    for (let host = 1; host <= this.size; host++) ip('netns', 'del', this.space(host));
    ip('netns', 'del', this.bridge);
  }

  private space(host: number): string {
    return `${this.id}-${host}`;
  }
}
