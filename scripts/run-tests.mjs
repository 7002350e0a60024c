// Runs vitest; files that fail get a second, calmer run, and what only passed then is named. So are tests that were left out.
//
// Most tests are deterministic and fail twice. Those that drive real servers and clients as separate processes share the
// machine with whatever else runs on it: a wait with a generous limit can still end too early there. Once is a note to
// look at, twice is a failure; and more than a few files at once is a failure at once.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { run } from './requirements.mjs';

const RESULTS = 'node_modules/.cache/hexis-test/results.json';
const MOST_RERUN = 5;

function vitest(...args) {
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${RESULTS}`];
  run('node_modules/.bin/vitest', ['run', ...report, ...args]);
}

function results() {
  return JSON.parse(readFileSync(RESULTS, 'utf8')).testResults;
}

function failedFiles() {
  return results()
    .filter((file) => file.status === 'failed')
    .map((file) => relative(process.cwd(), file.name));
}

/** Tests that need what isn't here: a program, a system, a user who isn't root. */
function nameSkipped() {
  const tests = results().flatMap((file) => file.assertionResults);
  for (const { status, fullName } of tests)
    if (status === 'skipped') console.log(`⚠ Left out on this machine: ${fullName}`);
}

/** Runs the tests that `args` select, as for `vitest run`; throws when they fail. */
export function runTests(args) {
  mkdirSync(dirname(RESULTS), { recursive: true });
  rmSync(RESULTS, { force: true });
  try {
    vitest(...args);
    nameSkipped();
  } catch (error) {
    const failed = failedFiles();
    if (failed.length === 0 || failed.length > MOST_RERUN) throw error;
    nameSkipped();
    console.log(`\n── once more, one at a time: ${failed.join(', ')}`);
    vitest('--no-file-parallelism', ...failed);
    console.log(`\n⚠ Passed only the second time: ${failed.join(', ')}`);
  }
}
