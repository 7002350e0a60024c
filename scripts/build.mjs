// Builds dist/: one bundle per entry point with shared chunks (a single file loads several times faster than
// a hundred modules, and `hexis up` has a start-up budget), and declarations. For CommonJS programs the client lies in
// dist/cjs once more, with declarations of its own, since the compiler takes their format from the nearest package.json.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
rmSync('dist', { recursive: true, force: true });

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  packages: 'external',
  minifySyntax: true, // inlines constants across modules, which the hot path relies on
  sourcemap: true,
  logLevel: 'warning',
};

await build({
  ...shared,
  entryPoints: {
    hexis: 'src/cli/main.ts',
    client: 'src/client/index.ts',
    server: 'src/io/index.ts',
    manager: 'src/manager/index.ts',
    testing: 'src/local/testing.ts',
    'node-thread': 'src/local/node-thread.ts',
  },
  format: 'esm',
  splitting: true,
  outdir: 'dist',
});
await build({
  ...shared,
  entryPoints: { client: 'src/client/index.ts' },
  format: 'cjs',
  outdir: 'dist/cjs',
});
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');

if (!process.argv.includes('--no-types')) {
  for (const project of ['tsconfig.build.json', 'tsconfig.cjs.json']) {
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], { stdio: 'inherit' });
  }
}
