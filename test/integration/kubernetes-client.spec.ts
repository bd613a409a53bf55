/**
 * A client library that cannot be loaded: the node says so, and the process goes on.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

describe('a client library that fails while it is loaded', () => {
  const folder = mkdtempSync(join(tmpdir(), 'client-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return pathToFileURL(join(folder, name)).href;
  };

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is told at each attempt to use it, and ends nothing', () => {
    file('undici.cjs', `throw new TypeError("Cannot read properties of undefined (reading 'bind')");`);
    file('log.mjs', `import undici from './undici.cjs'; export default undici;`);
    const index = file('index.mjs', `export { default } from './log.mjs'; import './undici.cjs';`);
    const script = join(__dirname, 'kubernetes/without-client.mjs');
    const { stdout, stderr, status } = spawnSync(process.execPath, [script, index], { encoding: 'utf8' });
    expect(stderr).not.toContain('TypeError');
    expect(status).toBe(0);
    const advice = expect.stringContaining('npm install @kubernetes/client-node@1') as string;
    expect(stdout.trim().split('\n')).toEqual([advice, advice, advice, 'alive']);
  });
});
