// npm run faults: the client under faults of real servers. See test/client/faults-program.ts.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { demandRedis, ensureBuild, ensurePackages } from './requirements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
demandRedis('Faults are done to');
ensureBuild('--no-types');
const program = await bundle('test/client/faults-program.ts', 'dist/test/faults.js');
const words = ['--expose-gc', program, ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, words, { stdio: 'inherit' }).status ?? 1);
