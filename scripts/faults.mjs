// npm run faults: the client under faults of real servers. See test/client/faults-program.ts.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ensureBuild, ensurePackages, ensureRedis } from './requirements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
const missing = ensureRedis();
if (missing.length > 0) {
  console.error(`Faults are done to real programs that are not here: ${missing.join(', ')}.`);
  process.exit(1);
}
ensureBuild('--no-types');
await build({
  entryPoints: ['test/client/faults-program.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  outfile: 'dist/test/faults.js',
});
const program = ['--expose-gc', 'dist/test/faults.js', ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, program, { stdio: 'inherit' }).status ?? 1);
