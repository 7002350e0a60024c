// npm run bench: builds the package and the benchmarks, and runs them from plain JavaScript, as users run the package.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ensureBuild, ensurePackages, ensureRedis, run } from './requirements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
const missing = ensureRedis();
if (missing.length > 0) {
  console.error(`The benchmarks compare with real programs that are not here: ${missing.join(', ')}.`);
  process.exit(1);
}
ensureBuild('--no-types');
await build({
  entryPoints: ['bench/main.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  minifySyntax: true,
  outfile: 'dist/bench.js',
});
run(process.execPath, ['--expose-gc', 'dist/bench.js', ...process.argv.slice(2)]);
