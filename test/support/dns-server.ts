/**
 * A real DNS server on loopback, NSD of Debian's package `nsd`, with one zone whose records a test may change, and one that it
 * cannot load and so answers SERVFAIL for. Whoever starts one closes it.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** Where only root's path looks. */
const PROGRAM = '/usr/sbin/nsd';

export const ZONE = 'lan.test';
/** A name for which the server fails. */
export const BROKEN = 'shop.broken.test';

export const hasDnsServer = spawnSync(PROGRAM, ['-v']).error === undefined;

export class DnsServer {
  private process: ChildProcess | undefined;
  private silence: Socket | undefined;
  private serial = 0;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  /** Runs, and has no records yet. */
  static async start(): Promise<DnsServer> {
    const folder = await mkdtemp(join(tmpdir(), 'dns-'));
    const server = new DnsServer(folder, await freePort());
    await writeFile(join(folder, 'nsd.conf'), configuration(folder, server.port));
    await server.write([]);
    await server.run();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** These are the records from now on, each as in `shop A 10.0.0.7`, all valid for one second. */
  async publish(...records: readonly string[]): Promise<void> {
    await this.write(records);
    this.process?.kill('SIGHUP');
    if (this.process) await this.answers();
  }

  /** Nobody listens there any more; questions are refused. */
  async stop(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    if (!process) return;
    const ended = once(process, 'exit');
    process.kill('SIGTERM');
    await ended;
  }

  /** In place of the server: somebody who takes every question and answers none. */
  async fallSilent(): Promise<void> {
    await this.stop();
    const silence = createSocket('udp4').bind(this.port, '127.0.0.1');
    await once(silence, 'listening');
    this.silence = silence;
  }

  async run(): Promise<void> {
    this.hush();
    const args = ['-d', '-c', join(this.folder, 'nsd.conf')];
    const process = spawn(PROGRAM, args, { stdio: 'ignore' });
    this.process = process;
    const ended = once(process, 'exit').then(async () => {
      throw new Error(`the DNS server ended: ${await readFile(join(this.folder, 'log'), 'utf8')}`);
    });
    // It ends later, too, when it is told to.
    ended.catch(() => undefined);
    await Promise.race([this.answers(), ended]);
  }

  /** Silent no more, but refusing. */
  hush(): void {
    this.silence?.close();
    this.silence = undefined;
  }

  async close(): Promise<void> {
    this.hush();
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const resolver = new Resolver({ timeout: 250, tries: 1 });
    resolver.setServers([this.address]);
    await until(
      'the DNS server answers from its newest zone',
      async () => (await resolver.resolveSoa(ZONE)).serial === this.serial,
    );
  }

  private async write(records: readonly string[]): Promise<void> {
    const head = [`$ORIGIN ${ZONE}.`, '$TTL 1', `@ SOA ns host ${++this.serial} 3600 600 86400 1`, '@ NS ns'];
    await writeFile(join(this.folder, 'zone'), [...head, 'ns A 127.0.0.1', ...records, ''].join('\n'));
  }
}

function configuration(folder: string, port: number): string {
  return `
    server:
      ip-address: 127.0.0.1@${port}
      server-count: 1
      username: ""
      zonesdir: "${folder}"
      xfrdir: "${folder}"
      zonelistfile: "${folder}/zones"
      database: ""
      pidfile: ""
      xfrdfile: ""
      logfile: "${folder}/log"
    remote-control:
      control-enable: no
    zone:
      name: ${ZONE}
      zonefile: zone
    zone:
      name: broken.test
      zonefile: missing
  `;
}
