'use strict';
// Jest transform: our TypeScript, and the ES modules found in node_modules, become CommonJS.
// Jest cannot require() an ES module before Node 24.9, and CommonJS packages such as
// @willsoto/nestjs-prometheus require the ESM-only @nestjs/common.
const { createHash } = require('node:crypto');
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { createTransformer } = require('@swc/jest');

const common = { swcrc: false, module: { type: 'commonjs' } };
const typescript = createTransformer({
  ...common,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
});
const esm = createTransformer({
  ...common,
  sourceMaps: false,
  jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } },
});

const types = new Map();

/** The "type" of the nearest package.json that says so, as Node reads it. */
function packageType(dir) {
  let type = types.get(dir);
  if (type === undefined) {
    const file = join(dir, 'package.json');
    const up = dirname(dir);
    if (existsSync(file)) type = JSON.parse(readFileSync(file, 'utf8')).type ?? 'commonjs';
    else type = up === dir ? 'commonjs' : packageType(up);
    types.set(dir, type);
  }
  return type;
}

function pick(file) {
  if (file.endsWith('.ts') || file.endsWith('.cts')) return typescript;
  if (file.endsWith('.mjs')) return esm;
  return file.endsWith('.js') && packageType(dirname(file)) === 'module' ? esm : undefined;
}

module.exports = {
  canInstrument: typescript.canInstrument,
  getCacheKey: (source, file, options) =>
    pick(file)?.getCacheKey(source, file, options) ?? createHash('sha1').update(source).digest('hex'),
  process: (source, file, options) => pick(file)?.process(source, file, options) ?? { code: source },
};
