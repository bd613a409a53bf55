/**
 * Where the page's compiled scripts lie: beside this file in the ES modules, and found from the CommonJS copy, which has none
 * of its own. A CommonJS file knows that in both, and needs no `import.meta`. Under tools that run the TypeScript sources,
 * what was built last is taken.
 */
import fs = require('node:fs');
import path = require('node:path');

function clientFolder(): string {
  const places = ['client', '../../page/client', '../../dist/page/client'];
  const found = places
    .map((place) => path.join(__dirname, place))
    .find((folder) => fs.existsSync(path.join(folder, 'main.js')));
  if (found === undefined) throw new Error('the scripts of the management page were not built');
  return found;
}

export = clientFolder;
