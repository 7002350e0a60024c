// npm run sim:bugs [-- [--quick] [--seeds n] [name …]]: plants each bug of test/sim/planted-bugs.mjs and runs seeds, 1000 at
// most, until the simulator catches it; then the same seed without the bug, which must pass. With --quick only those that are
// caught within a few seeds. Prints a table: bug, scenario, seed, what was broken. Exit code 1 when a bug goes unnoticed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PLANTED_BUGS } from '../test/sim/planted-bugs.mjs';
import { ensurePackages } from './requirements.mjs';
import { bundleSimulator, demandOnePlace } from './sim-bundle.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
const {
  values: { quick, seeds: most },
  positionals: wanted,
} = parseArgs({
  options: { quick: { type: 'boolean', default: false }, seeds: { type: 'string', default: '1000' } },
  allowPositionals: true,
});
const bugs = PLANTED_BUGS.filter(
  ({ name, quick: isQuick }) => (wanted.length === 0 || wanted.includes(name)) && (!quick || isQuick),
);

/** Runs seeds until one fails: that seed, and the first rule that it breaks. */
function hunt(bundle, scenario, ...range) {
  const { stdout, stderr } = spawnSync(process.execPath, [bundle, ...scenario, ...range], {
    encoding: 'utf8',
  });
  if (!/ failing; /.test(stdout)) throw new Error(`the simulator did not end: ${stderr}`);
  const seed = /^seed (\d+) fails/m.exec(stdout)?.[1];
  return seed && { seed, broken: /^ {2}([\w-]+: .*)$/m.exec(stdout)[1] };
}

for (const bug of PLANTED_BUGS) demandOnePlace(bug);
const sound = await bundleSimulator();
let caught = 0;
for (const bug of bugs) {
  const begun = performance.now();
  const scenario = ['--nodes', String(bug.nodes ?? 6), ...(bug.focus ? ['--focus', bug.focus] : [])];
  const found = hunt(await bundleSimulator(bug), scenario, '--seeds', most);
  const chance = found && hunt(sound, scenario, '--seed', found.seed);
  if (found && !chance) caught++;
  const verdict = found
    ? `seed ${found.seed.padStart(4)}  ${found.broken.slice(0, 100)}${chance ? ' (and without the bug!)' : ''}`
    : `not within ${most} seeds`;
  const time = `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  console.log(`${bug.name.padEnd(60)}  ${scenario.join(' ').padEnd(27)}  ${time.padStart(5)}  ${verdict}`);
}
console.log(`${caught} of ${bugs.length} planted bugs caught`);
process.exitCode = caught < bugs.length ? 1 : 0;
