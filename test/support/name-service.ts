/**
 * A name service of one's own: whatever runs through it finds hosts in a file of the test's, and nowhere else. A pod's DNS
 * names lead to loopback that way. Takes a mount namespace, for which Linux wants root or a user namespace.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const UNSHARE = ['unshare', process.getuid?.() === 0 ? '-m' : '-rm'];
const SCRIPT =
  'mount --bind "$0/hosts" /etc/hosts && mount --bind "$0/nsswitch" /etc/nsswitch.conf && exec "$@"';

export const hasNameService = spawnSync(UNSHARE[0] ?? '', [...UNSHARE.slice(1), 'true']).status === 0;

export class NameService {
  private constructor(private readonly folder: string) {}

  /** Knows no host yet. */
  static async start(): Promise<NameService> {
    const service = new NameService(await mkdtemp(join(tmpdir(), 'names-')));
    await service.publish({});
    await writeFile(join(service.folder, 'nsswitch'), 'hosts: files\n');
    return service;
  }

  /** What is put before a command. */
  get via(): readonly string[] {
    return [...UNSHARE, 'sh', '-c', SCRIPT, this.folder];
  }

  async publish(addresses: Readonly<Record<string, string>>): Promise<void> {
    const lines = Object.entries(addresses).map(([host, address]) => `${address} ${host}\n`);
    await writeFile(join(this.folder, 'hosts'), lines.join(''));
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
