import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { violations } from '../../scripts/boundaries.mjs';

const declared = () => new Set(['@nestjs/common', '@nestjs/core', 'msgpackr', 'rxjs']);

const broken = (path: string, text: string) =>
  violations([{ path, text }], declared).map(({ what, rule }) => `${what}: ${rule}`);

const IMPURE = 'protocol has no clock, no chance and no environment';

describe('boundaries', () => {
  it.each([
    [
      'protocol is pure',
      'libs/protocol/src/random.ts',
      "import os from 'node:os';",
      'protocol depends on nothing',
    ],
    ['protocol is alone', 'libs/protocol/src/a.ts', "import 'rxjs';", 'protocol depends on nothing'],
    [
      'machines stay apart',
      'libs/protocol/src/membership/a.ts',
      "import '../store/b.js';",
      'do not import each',
    ],
    [
      'words are below machines',
      'libs/protocol/src/event.ts',
      "import './store/b.js';",
      'put the machines together',
    ],
    ['ports: no Node', 'libs/core/src/ports/a.ts', "import 'node:net';", 'core/ports does not use Node'],
    ['ports: no room', 'libs/core/src/ports/a.ts', "import '../wire/b.js';", 'no other folder'],
    ['ports: types', 'libs/core/src/ports/a.ts', "import { x } from '@nest-cluster/protocol';", 'only types'],
    [
      'wire: no engine',
      'libs/core/src/wire/a.ts',
      "import '../engine/b.js';",
      'core/wire may import core/ports',
    ],
    ['wire: no nest', 'libs/core/src/wire/a.ts', "import '@nestjs/common';", 'core/wire may import msgpackr'],
    ['engine: no nest', 'libs/core/src/engine/a.ts', "import '../nest/b.js';", 'core/ports, core/wire'],
    [
      'engine: no package',
      'libs/core/src/engine/a.ts',
      "import 'rxjs';",
      'core/engine may import no package',
    ],
    [
      'strategies apart',
      'libs/core/src/strategies/dns/a.ts',
      "import '../epmd/b.js';",
      'do not import each other',
    ],
    ['strategies: ports', 'libs/core/src/strategies/dns/a.ts', "import '../../engine/b.js';", 'core/ports'],
    [
      'nest: no wire',
      'libs/core/src/nest/a.ts',
      "import '../wire/b.js';",
      'core/nest may import core/engine',
    ],
    ['no stray room', 'libs/core/src/util/a.ts', '', 'core has no folder util'],
    ['core: no other lib', 'libs/core/src/nest/a.ts', "import '@nest-cluster/testing';", 'protocol alone'],
    [
      'core without the kit',
      'libs/core/src/wire/a.spec.ts',
      "import '@nest-cluster/testing';",
      'protocol alone',
    ],
    [
      'libs without the kit',
      'libs/kubernetes/src/a.ts',
      "import '@nest-cluster/testing';",
      '@nest-cluster/core',
    ],
    ['libs apart', 'libs/management/src/a.ts', "import '@nest-cluster/terminus';", '@nest-cluster/core'],
    ['libs by core', 'libs/terminus/src/a.ts', "import '@nest-cluster/protocol';", '@nest-cluster/core'],
    ['no path inside', 'libs/terminus/src/a.ts', "import '@nest-cluster/core/dist/x.js';", 'without a path'],
    ['no path inside, in a test', 'test/hosts/a.ts', "import '@nest-cluster/core/x';", 'without a path'],
    [
      'declared only',
      'libs/terminus/src/a.ts',
      "import 'lodash';",
      'not among the dependencies of libs/terminus',
    ],
    ['no way around', 'libs/terminus/src/a.ts', "import '../../core/src/index.js';", 'by package name'],
    ['no way out', 'libs/terminus/src/a.ts', "import '../../../test/x.js';", 'does not reach out'],
    ['apps by name', 'apps/demo/src/a.ts', "import '../../../libs/core/src/index.js';", 'by package name'],
    ['tests by name', 'test/cluster/a.spec.ts', "import '../../libs/core/src/index.js';", 'by package name'],
    ['bench by name', 'bench/main.mjs', "import '../libs/core/dist/index.js';", 'by package name'],
  ])('%s', (_, path, text, rule) => {
    expect(broken(path, text)).toEqual([expect.stringContaining(rule)]);
  });

  it.each([
    "export * from 'rxjs';",
    "const x = await import('rxjs');",
    "const x = require('rxjs');",
    "import x = require('rxjs');",
    "type X = import('rxjs').Observable<1>;",
    "jest.mock('rxjs');",
  ])('sees every way to import: %s', (text) => {
    expect(broken('libs/protocol/src/a.ts', text)).toEqual(['imports rxjs: protocol depends on nothing']);
  });

  it.each([
    ['Date', 'Date.now();'],
    ['Date', 'let at: Date;'],
    ['Math.random', 'Math.random();'],
    ['Math.random', 'const { random } = Math;'],
    ['Math.random', "Math['random']();"],
    ['setTimeout', 'setTimeout(f, 1);'],
    ['setInterval', 'setInterval(f, 1);'],
    ['performance', 'performance.now();'],
    ['process', 'process.hrtime();'],
    ['globalThis', "globalThis['Date'];"],
  ])('sees %s in protocol: %s', (name, text) => {
    expect(broken('libs/protocol/src/a.ts', text)).toEqual([`uses ${name}: ${IMPURE}`]);
    expect(broken('libs/core/src/engine/a.ts', text)).toEqual([]);
  });

  it.each([
    [
      'libs/protocol/src/node-machine.ts',
      "import './membership/a.js'; import './leadership/b.js'; import './store/c.js';",
    ],
    ['libs/protocol/src/index.ts', "export * from './store/replica.js';"],
    [
      'libs/protocol/src/store/a.ts',
      "import '../event.js'; import './b.js'; Math.max(1, 2); input.process();",
    ],
    ['libs/protocol/src/store/a.spec.ts', "import 'node:fs'; import 'fast-check'; Date.now();"],
    ['libs/core/src/index.ts', "export * from './nest/module.js'; export * from './wire/codec.js';"],
    [
      'libs/core/src/ports/a.ts',
      "import type { A } from '@nest-cluster/protocol'; import { type B } from '@nest-cluster/protocol';",
    ],
    [
      'libs/core/src/wire/a.ts',
      "import { ClusterError, type B } from '@nest-cluster/protocol'; import 'msgpackr'; import 'node:tls';",
    ],
    [
      'libs/core/src/engine/a.ts',
      "import { step } from '@nest-cluster/protocol'; import '../wire/b.js'; import '../ports/c.js';",
    ],
    ['libs/core/src/strategies/dns/a.ts', "import '../../ports/b.js'; import 'node:dns'; import './c.js';"],
    [
      'libs/core/src/nest/a.ts',
      "import '@nestjs/common'; import '../strategies/dns/b.js'; import '../engine/c.js';",
    ],
    ['libs/core/src/nest/a.spec.ts', "import '@nestjs/testing';"],
    ['libs/kubernetes/src/lease/a.fixture.ts', "import '@nest-cluster/testing';"],
    ['libs/testing/src/a.ts', "import '@nest-cluster/core'; import '@nest-cluster/protocol';"],
    ['test/cluster/a.spec.ts', "import '@nest-cluster/testing'; import '../support/b.js'; import 'lodash';"],
  ])('lets %s do what it may', (path, text) => {
    expect(broken(path, text)).toEqual([]);
  });

  it('names the place', () => {
    const text = "\n\nimport 'rxjs';";
    expect(violations([{ path: 'libs/protocol/src/a.ts', text }], declared)).toEqual([
      { path: 'libs/protocol/src/a.ts', line: 3, what: 'imports rxjs', rule: 'protocol depends on nothing' },
    ]);
  });

  it('prints what it finds in a folder, and fails', () => {
    const root = mkdtempSync(join(tmpdir(), 'boundaries-'));
    const check = () =>
      spawnSync(process.execPath, [join(__dirname, '../../scripts/boundaries.mjs'), root], {
        encoding: 'utf8',
      });
    try {
      mkdirSync(join(root, 'bench/node_modules/x'), { recursive: true });
      writeFileSync(join(root, 'bench/node_modules/x/a.js'), "import '@nest-cluster/core/y';");
      writeFileSync(join(root, 'bench/main.mjs'), "import '@nest-cluster/core';");
      expect(check()).toMatchObject({ status: 0, stdout: '' });
      writeFileSync(join(root, 'bench/main.mjs'), "\nimport '@nest-cluster/core/x';");
      const rule = 'packages are imported by name, without a path into them';
      expect(check()).toMatchObject({
        status: 1,
        stdout: `bench/main.mjs:2 imports @nest-cluster/core/x: ${rule}\n`,
      });
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
