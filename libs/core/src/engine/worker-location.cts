/**
 * Where the worker's compiled file lies: beside this one, in the ES modules as in the CommonJS copy. A CommonJS file knows
 * that in both, and needs no `import.meta`. Under tools that run the TypeScript sources, what was built last is taken.
 */
import fs = require('node:fs');
import path = require('node:path');

function workerFile(): string {
  const beside = path.join(__dirname, 'worker.js');
  return fs.existsSync(beside) ? beside : path.join(__dirname, '../../dist/engine/worker.js');
}

export = workerFile;
