// npm run fuzz: builds the fuzzers and runs them from plain JavaScript. See test/fuzz/main.ts for the arguments.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ensurePackages, run } from './requirements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
await build({
  entryPoints: ['test/fuzz/main.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  outfile: 'dist/fuzz.js',
});
run(process.execPath, ['--enable-source-maps', 'dist/fuzz.js', ...process.argv.slice(2)]);
