/** R15: the simulator is awake. `npm run sim:bugs` plants all bugs; here some that are caught within a few seeds. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { PLANTED_BUGS } from './planted-bugs.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

it.each(PLANTED_BUGS)('$name: there is one place to plant it', ({ file, find }) => {
  expect(readFileSync(resolve(ROOT, file), 'utf8').split(find)).toHaveLength(2);
});

it('planted bugs are caught', () => {
  const text = execFileSync(process.execPath, ['scripts/sim-bugs.mjs', '--quick', '--seeds', '100'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(text).toMatch(/^3 of 3 planted bugs caught$/m);
}, 120_000);
