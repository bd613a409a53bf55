import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from './engine-messages.js';
import { WorkerHost } from './worker-host.js';
import type { ToWorker } from './worker-messages.js';

const configuration = { type: 'configure', config: { secret: 'x' } } as unknown as ToWorker;
const hello = `const { parentPort, workerData } = require('node:worker_threads');
parentPort.postMessage({ type: 'hello', from: '@nest-cluster/core' });`;

describe('the host of the worker thread', () => {
  let folder: string;
  let host: WorkerHost | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'worker-host-'));
  });

  afterEach(async () => {
    await host?.end();
    rmSync(folder, { recursive: true });
  });

  const start = (code: string, helloMs?: number): { reports: Report[]; died: Promise<Error> } => {
    const file = join(folder, 'nest-cluster-worker.js');
    writeFileSync(file, code);
    const reports: Report[] = [];
    const died = new Promise<Error>((resolve) => {
      const owner = { report: (report: Report) => void reports.push(report), died: resolve };
      host = new WorkerHost(file, configuration, owner, helloMs);
    });
    return { reports, died };
  };

  it('tells a file of somebody else nothing, and says after a time that it is not ours', async () => {
    const code = `const { parentPort, workerData } = require('node:worker_threads');
      const told = (what) => { throw new Error('told ' + JSON.stringify(what)); };
      if (workerData != null) told(workerData);
      parentPort.on('message', told);`;
    const { died } = start(code, 300);
    host?.post({ type: 'start' });
    expect((await died).message).toMatch(
      /nest-cluster-worker\.js did not start as the cluster's worker thread in 300 ms; .*thread: 'main'/u,
    );
  });

  it('hands over the configuration after the hello, and then what was posted meanwhile', async () => {
    const code = `${hello}
      const got = [];
      parentPort.on('message', ({ type }) => {
        got.push(type);
        if (got.length === 3) throw new Error(got.join());
      });`;
    const { died } = start(code);
    host?.post({ type: 'start' });
    host?.post({ type: 'stepDown' });
    expect((await died).message).toBe("the cluster's worker thread failed: configure,start,stepDown");
  });

  it('says that it was the worker thread that failed to load', async () => {
    const { died } = start(`throw new Error('no such module');`);
    expect((await died).message).toBe("the cluster's worker thread failed: no such module");
  });

  describe('in a process with preloads', () => {
    const before = process.env['NODE_OPTIONS'];

    afterEach(() => {
      if (before === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = before;
    });

    it.each(['', ' --use-openssl-ca'])('loads none of them in its thread, with%s', async (more) => {
      const preload = join(folder, 'preload.cjs');
      writeFileSync(preload, `globalThis.isPreloaded = true;`);
      process.env['NODE_OPTIONS'] = `--require ${preload}${more}`;
      const { died } = start(`throw new Error(String(globalThis.isPreloaded));`);
      expect((await died).message).toBe("the cluster's worker thread failed: undefined");
    });
  });
});
