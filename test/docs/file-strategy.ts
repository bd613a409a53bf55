import { readFile } from 'node:fs/promises';
import type { ClusterStrategy, ContactPoint } from '@nest-cluster/core';

/** The nodes stand in a file, one `host:port` a line, which whatever deploys them keeps up to date. */
export class FileStrategy implements ClusterStrategy {
  readonly name = 'file';

  constructor(private readonly path = '/etc/shop/nodes') {}

  async discover(signal: AbortSignal): Promise<readonly ContactPoint[]> {
    const text = await readFile(this.path, { encoding: 'utf8', signal });
    return text.split('\n').filter((line) => line !== '');
  }
}
