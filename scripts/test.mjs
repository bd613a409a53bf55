// Runs the whole suite and ends with one line for machines: "N passed, N failed".
// With arguments it is a single Jest run with them: npm test -- libs/core
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The second pass measures time in real processes, which neighbours on the same cores would disturb.
const passes = [
  ['--selectProjects', 'unit', 'boundaries', 'docs', 'simulation', 'integration'],
  ['--selectProjects', 'cluster', 'hosts', 'chaos', 'browser', 'package', '--runInBand'],
];

const root = fileURLToPath(new URL('..', import.meta.url));
const jest = join(root, 'node_modules/jest/bin/jest.js');
const own = process.argv.slice(2);
const reports = mkdtempSync(join(tmpdir(), 'nest-cluster-test-'));

function run(args, index) {
  const file = join(reports, `${index}.json`);
  const { status } = spawnSync(process.execPath, [jest, ...args, '--json', `--outputFile=${file}`], {
    cwd: root,
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
  // A suite that does not load has no tests to fail, and a skipped test shows nothing.
  const skipped = own.length === 0 ? report.numPendingTests + report.numTodoTests : 0;
  if (skipped > 0)
    console.error(
      `${skipped} tests were skipped: a program that they need is not installed (scripts/ci-packages.sh names them). In CI that counts as failed`,
    );
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites + (process.env.CI ? skipped : 0);
  return { passed: report.numPassedTests, failed: failed || (status === 0 ? 0 : 1) };
}

const results = (own.length > 0 ? [own] : passes.map((pass) => [...pass, '--passWithNoTests'])).map(run);
rmSync(reports, { recursive: true, force: true });

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
