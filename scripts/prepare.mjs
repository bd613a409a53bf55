// Brings a checkout to a runnable state, whatever state it is in: installs the locked dependencies
// when they are missing or differ from package-lock.json, then compiles what changed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19) || (major === 22 && minor < 12) || major === 21) {
  console.error(`Node ${process.versions.node} is too old: Node 20.19, 22.12 or newer is needed.`);
  process.exit(1);
}

const root = fileURLToPath(new URL('..', import.meta.url));

function packages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** npm keeps what it really installed in node_modules/.package-lock.json. */
function installed() {
  const have = packages('node_modules/.package-lock.json');
  if (!have) return false;
  return Object.entries(packages('package-lock.json')).every(
    ([path, want]) =>
      !path.includes('node_modules/') ||
      (have[path] ? have[path].version === want.version : want.optional === true),
  );
}

function run(what, args, env = process.env) {
  const { status, signal } = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${what} failed (${signal ?? `exit ${status}`})`);
    process.exit(status ?? 1);
  }
}

if (!installed()) {
  const npm = process.env.npm_execpath;
  if (!npm) {
    console.error('Dependencies are missing: run npm ci first, or start this through npm.');
    process.exit(1);
  }
  console.log('Installing dependencies (first run, or package-lock.json changed)...');
  // A nested npm inherits npm_config_*: drop the ones that would narrow the install.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_config_(workspaces?|omit|production|prefix|local_prefix|global)$/i.test(name),
    ),
  );
  run('npm ci', [npm, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], env);
}
run('build', [join(root, 'node_modules/typescript-7/bin/tsc'), '-b']);
