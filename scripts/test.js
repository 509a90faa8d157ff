#!/usr/bin/env node
/**
 * Builds, gets the real parts that are missing, runs every runner, and says "N passed, N failed" in the last line.
 * Arguments are passed to jest: npm test -- src/hub/clusters, npm test -- --selectProjects unit
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');
const jest = path.join(path.dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');
const args = process.argv.slice(2);

/** Each answers { passed, failed }; a runner that breaks counts as one failed. */
const runners = [runJest];

function run(...command) {
  const { status, error } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (error) console.error(error.message);
  return status === 0;
}

function prepare() {
  if (!run('scripts/build.js')) return false;
  const selected = args.findIndex((arg) => arg === '--selectProjects');
  if (selected !== -1 && args[selected + 1] === 'unit' && args[selected + 2] !== 'integration') return true;
  const prepared = path.join(root, 'dist', 'test', 'harness', 'parts', 'prepare.js');
  return run(
    '-e',
    `require(${JSON.stringify(prepared)}).prepareAllParts().catch(fail);
    function fail(error) { console.error(error.message); process.exitCode = 1; }`,
  );
}

function runJest() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'flotilla-results-'));
  const file = path.join(folder, 'jest.json');
  try {
    const succeeded = run(jest, '--json', `--outputFile=${file}`, ...args);
    if (!fs.existsSync(file)) return { passed: 0, failed: 1 };
    const results = JSON.parse(fs.readFileSync(file, 'utf8'));
    // A suite that does not even load has no failed test.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    return { passed: results.numPassedTests, failed: succeeded ? failed : Math.max(failed, 1) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const total = { passed: 0, failed: 0 };
if (prepare()) {
  for (const runner of runners) {
    const { passed, failed } = runner();
    total.passed += passed;
    total.failed += failed;
  }
} else total.failed = 1;
if (total.passed + total.failed === 0) console.error('no test ran');
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
console.log(`${total.passed} passed, ${total.failed} failed`);
