// npm run fuzz: builds the fuzzers and runs them from plain JavaScript. See test/fuzz/main.ts for the arguments.
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { ensurePackages, run } from './requirements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
const program = await bundle('test/fuzz/main.ts', 'dist/fuzz.js', { sourcemap: true });
run(process.execPath, ['--enable-source-maps', program, ...process.argv.slice(2)]);
