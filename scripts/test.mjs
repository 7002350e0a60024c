// npm test: everything that says whether this checkout is good, from a fresh machine on.
// Set-up, then format and lint, types (all, and the core without Node's), the build, the tests.
import { fileURLToPath } from 'node:url';
import { ensureBuild, ensurePackages, ensureRedis, run } from './requirements.mjs';
import { runTests } from './run-tests.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

ensurePackages();
const missing = ensureRedis();

const step = (title, work) => {
  const begun = performance.now();
  console.log(`\n── ${title}`);
  try {
    work();
  } catch (error) {
    console.error(`\n✗ ${title} failed${error.status === undefined ? `: ${error.message}` : ''}`);
    process.exit(error.status ?? 1);
  }
  console.log(`   ${((performance.now() - begun) / 1000).toFixed(1)} s`);
};
const bin = (name) => `node_modules/.bin/${name}`;

step('format and lint', () => run(bin('biome'), ['check', '--error-on-warnings', '.']));
step('types', () => {
  run(bin('tsc'), ['-p', 'tsconfig.json']);
  run(bin('tsc'), ['-p', 'tsconfig.core.json']);
});
step('build', () => ensureBuild());
step('tests', () => runTests(process.argv.slice(2)));

if (missing.length > 0) {
  console.log(`\nLeft out, because ${missing.join(', ')} could not be had here: every test that needs them.`);
}
