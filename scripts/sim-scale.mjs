// npm run sim:scale: gossip and failure detection in clusters of many sizes; the table of docs/scale.md. See test/sim/scale.ts.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './requirements.mjs';
import { bundleWorld } from './sim-bundle.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
const program = await bundleWorld('test/sim/scale.ts', 'scale');
// A thousand nodes know a thousand nodes each.
const options = ['--max-old-space-size=12000', program, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, options, { stdio: 'inherit' });
process.exitCode = status ?? 1;
