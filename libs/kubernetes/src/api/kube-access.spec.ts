import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { kubeConfigFrom } from './kube-access.js';

describe('the files of KUBECONFIG', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  const missing = join(folder, 'missing');
  const read = (...files: readonly string[]) => kubeConfigFrom({ KUBECONFIG: files.join(delimiter) })();

  /** A file with one context, cluster and user. */
  function file(name: string, cluster: string, more: object = {}): string {
    const path = join(folder, name);
    const text = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: cluster, cluster: { server: `https://${name}.example`, 'certificate-authority': 'ca.pem' } },
      ],
      users: [{ name: `${cluster}-user`, user: { token: name } }],
      contexts: [{ name, context: { cluster, user: `${cluster}-user`, namespace: name } }],
      'current-context': name,
      ...more,
    };
    writeFileSync(path, JSON.stringify(text));
    return path;
  }

  afterAll(() => rmSync(folder, { recursive: true }));

  it('are merged: the first current context counts', async () => {
    const config = await read(file('staging', 'staging'), file('production', 'production'));
    expect(config.getCurrentContext()).toBe('staging');
    expect(config.getCurrentCluster()?.server).toBe('https://staging.example');
    expect(config.getCurrentCluster()?.caFile).toBe(join(folder, 'ca.pem'));
    expect(config.getContexts().map(({ name }) => name)).toEqual(['staging', 'production']);
  });

  it('may leave the current context to a later one', async () => {
    const config = await read(file('a', 'a', { 'current-context': '' }), file('b', 'b'));
    expect(config.getCurrentContext()).toBe('b');
  });

  it('are merged: the first entry of a name counts', async () => {
    const config = await read(file('first', 'shared'), file('second', 'shared'));
    expect(config.getCurrentCluster()?.server).toBe('https://first.example');
    expect(config.getCurrentUser()?.token).toBe('first');
    config.setCurrentContext('second');
    expect(config.getCurrentUser()?.token).toBe('first');
  });

  it('are left out where they are missing or empty', async () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    const config = await read(missing, empty, file('staging', 'staging'));
    expect(config.getCurrentContext()).toBe('staging');
  });

  it('are named when all are missing', async () => {
    await expect(read(missing, `${missing}-too`)).rejects.toMatchObject({
      code: 'CLUSTER_OPTIONS_INVALID',
      message: expect.stringContaining(`${missing}, ${missing}-too`) as string,
    });
  });
});
