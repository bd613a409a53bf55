/**
 * Where the worker's compiled file lies: beside this one, in the ES modules as in the CommonJS copy. A CommonJS file knows
 * that in both, and needs no `import.meta`. Under tools that run the TypeScript sources, what was built last is taken. A
 * bundle has it beside the program when its author put it there.
 */
import fs = require('node:fs');
import path = require('node:path');

const NAME = 'nest-cluster-worker.js';

function workerFile(): string | undefined {
  const { argv } = process;
  const program = argv[1] === undefined ? [] : [path.join(path.dirname(argv[1]), NAME)];
  // A bundle that is an ES module has no `__dirname`.
  const here = typeof __dirname === 'undefined' ? [] : [NAME, `../../dist/engine/${NAME}`];
  const places = [...here.map((place) => path.join(__dirname, place)), ...program];
  return places.find((file) => fs.existsSync(file));
}

export = workerFile;
