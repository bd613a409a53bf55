import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseOf, defaultClusterName, defaultNodeName } from './node-address.js';
import { OtherApplications } from './other-applications.js';
import { resolveOptions } from './resolve-options.js';

describe('the default name of a cluster', () => {
  let root: string;
  const put = (folder: string, content: object) => {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, 'package.json'), JSON.stringify(content));
  };
  const at = (script: string | undefined, folder: string) => ({
    script: script === undefined ? undefined : join(root, script),
    folder: join(root, folder),
  });

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'application-'));
    put('orders', { name: 'orders' });
    put('orders/dist', { type: 'commonjs' });
    put('orders/node_modules/jest', { name: 'jest' });
    put('billing', { name: '@acme/billing' });
    put('blank', { name: 'has blanks' });
    mkdirSync(join(root, 'bare/dist'), { recursive: true });
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('is that of the package which the script belongs to, wherever it was started', () => {
    expect(defaultClusterName({}, at('orders/dist/main.js', 'billing'))).toBe('orders');
    expect(defaultClusterName({}, at('billing/main.js', 'orders'))).toBe('@acme/billing');
  });

  it('is that of the folder where the script has none, and `default` where neither has', () => {
    expect(defaultClusterName({}, at('bare/dist/main.js', 'orders'))).toBe('orders');
    expect(defaultClusterName({}, at(undefined, 'orders'))).toBe('orders');
    expect(defaultClusterName({}, at('bare/dist/main.js', 'bare'))).toBe('default');
    expect(defaultClusterName({}, at('blank/main.js', 'blank'))).toBe('default');
  });

  it('is that of the folder where an installed script runs the application', () => {
    expect(defaultClusterName({}, at('orders/node_modules/jest/bin/jest.js', 'orders'))).toBe('orders');
    expect(defaultClusterName({}, at('orders/node_modules/pm2/lib/container.js', 'billing'))).toBe(
      '@acme/billing',
    );
  });

  it('is one of its own in a test runner, and the usual one in a process that a test has started', () => {
    const env = { JEST_WORKER_ID: '1' };
    const runner = 'orders/node_modules/jest/bin/jest.js';
    expect(defaultClusterName(env, at(runner, 'orders'))).toBe(`orders-test-${process.pid}`);
    expect(defaultClusterName({ VITEST: 'true' }, at(runner, 'orders'))).toBe(`orders-test-${process.pid}`);
    expect(defaultClusterName(env, at('orders/dist/main.js', 'orders'))).toBe('orders');
  });

  it('gives way to an option and to CLUSTER_NAME', () => {
    expect(resolveOptions({}, { CLUSTER_NAME: 'shop' }).cluster).toBe('shop');
    expect(resolveOptions({ cluster: 'own' }, { CLUSTER_NAME: 'shop' }).cluster).toBe('own');
  });
});

describe('a node of another application in the cluster', () => {
  const warn = jest.fn();
  beforeEach(() => warn.mockReset());

  it('is warned of once, with what to do', () => {
    const others = new OtherApplications({ warn }, 'default', 'orders-41@host');
    for (const name of ['orders-42@host', 'billing-43@host', 'billing-44@host']) others.met(name);
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^billing-43@host .* application billing.* orders.*CLUSTER_NAME/)],
    ]);
  });

  it('is no matter for a node whose name somebody chose, nor where the other name has no application in it', () => {
    new OtherApplications({ warn }, 'default', undefined).met('billing-43@host');
    new OtherApplications({ warn }, 'default', 'orders-41@host').met('billing');
    expect(warn).not.toHaveBeenCalled();
  });

  it('is known by the name that nodes get by default', () => {
    const env = { CLUSTER_NODE_BASENAME: 'orders-2' };
    expect([defaultNodeName(env), defaultNodeName(env)].map(baseOf)).toEqual(['orders-2', 'orders-2']);
  });
});
