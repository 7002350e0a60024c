// npm run sim:bugs [-- [--quick] [--seeds n] [name …]]: plants each bug of test/sim/planted-bugs.mjs and runs seeds, 1000 at
// most, until the simulator catches it. With --quick only those that are caught within a few seeds are run. Exit code 1 when a bug goes
// unnoticed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PLANTED_BUGS } from '../test/sim/planted-bugs.mjs';
import { ensurePackages } from './requirements.mjs';
import { bundleSimulator } from './sim-bundle.mjs';

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

let missed = 0;
for (const bug of bugs) {
  const begun = performance.now();
  const options = { seeds: most, nodes: bug.nodes ?? 6, ...(bug.focus && { focus: bug.focus }) };
  const { stdout } = spawnSync(
    process.execPath,
    [await bundleSimulator(bug), ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])],
    { encoding: 'utf8' },
  );
  const found = /^seed (\d+) fails[\s\S]*?^ {2}(.*)$/m.exec(stdout.replace(/^ {4}npm run.*\n/m, ''));
  if (!found) missed++;
  const time = `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  console.log(
    `${found ? '✓' : '✗'} ${bug.name}: ${found ? `seed ${found[1]}, ${time}: ${found[2].slice(0, 150)}` : `not caught, ${time}`}`,
  );
}
console.log(`${bugs.length - missed} of ${bugs.length} planted bugs caught`);
process.exitCode = missed > 0 ? 1 : 0;
