// npm run bench: builds the package and the benchmarks, and runs them from plain JavaScript, as users run the package.
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { demandRedis, ensureBuild, ensurePackages, run } from './requirements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
demandRedis('The benchmarks compare with');
ensureBuild('--no-types');
const program = await bundle('bench/main.ts', 'dist/bench.js', { minifySyntax: true });
run(process.execPath, ['--expose-gc', program, ...process.argv.slice(2)]);
