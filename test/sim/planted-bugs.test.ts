/** R15: the simulator is awake. `npm run sim:bugs` plants all bugs; here some that are caught within a few seeds. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

it('planted bugs are caught', () => {
  const text = execFileSync(process.execPath, ['scripts/sim-bugs.mjs', '--quick', '--seeds', '100'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(text).toMatch(/^4 of 4 planted bugs caught$/m);
}, 120_000);
