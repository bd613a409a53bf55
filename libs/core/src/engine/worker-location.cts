/**
 * Where the worker's compiled file lies: beside this one, in the ES modules as in the CommonJS copy. A CommonJS file knows
 * that in both, and needs no `import.meta`. Under tools that run the TypeScript sources, what was built last is taken; in a
 * bundle there may be none.
 */
import fs = require('node:fs');
import path = require('node:path');

function workerFile(): string | undefined {
  const places = ['worker.js', '../../dist/engine/worker.js'];
  return places.map((place) => path.join(__dirname, place)).find((file) => fs.existsSync(file));
}

export = workerFile;
