// npm run sim: the simulator as one bundle, which starts and runs faster than through the tests. See test/sim/main.ts.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './requirements.mjs';
import { bundleSimulator } from './sim-bundle.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
const bundle = await bundleSimulator();
const { status } = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
