// Runs in a library's folder before npm pack and npm publish: a clean ESM build, plus the CommonJS
// copy for tools that cannot require() an ES module (Jest before Node 24.9). Without source maps, since no sources are packed.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const tsc = fileURLToPath(new URL('../node_modules/typescript-7/bin/tsc', import.meta.url));

rmSync('dist', { recursive: true, force: true });
const WITHOUT_MAPS = ['--sourceMap', 'false', '--declarationMap', 'false'];
execFileSync(process.execPath, [tsc, '-b', 'tsconfig.json', 'tsconfig.cjs.json', ...WITHOUT_MAPS], {
  stdio: 'inherit',
});
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
