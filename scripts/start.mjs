// npm start: from nothing to a working cluster with the article's program run against it. Installs the packages, builds,
// brings up three masters and three replicas on ports 7000 to 7005 in the background, runs examples/article.ts.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { ensureBuild, ensurePackages, run } from './requirements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

ensurePackages();
console.log('Building…');
ensureBuild();

const hexis = (...args) => spawnSync(process.execPath, ['bin/hexis', ...args], { stdio: 'inherit' }).status;

// A cluster that an earlier `npm start` left running serves as well.
if (spawnSync(process.execPath, ['bin/hexis', 'status'], { stdio: 'ignore' }).status === 0) {
  console.log('The cluster is running already.');
} else {
  const status = hexis('up', '--detach');
  if (status !== 0) process.exit(status ?? 1);
}

console.log('\nThe program of the article, examples/article.ts:\n');
const program = await bundle('examples/article.ts', 'dist/examples/article.js');
run(process.execPath, [program]);
console.log('\nThe cluster goes on running; `npm stop` (or `npx hexis down`) stops it.');
