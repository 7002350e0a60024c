/** Every example of docs/local-clusters.md, run as it stands. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ROOT, runProgram } from '../client/program.js';

const document = readFileSync(join(ROOT, 'docs/local-clusters.md'), 'utf8');
const examples = [...document.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
const folder = mkdtempSync(join(tmpdir(), 'hexis-docs-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('shows both kinds of clusters', () => expect(examples).toHaveLength(2));

it.each(examples.map((code, i) => [i, code] as const))('example %i runs to its end', async (_, code) => {
  expect(await runProgram(`${code}\nconsole.log('done'); process.exit(0);`, folder)).toBe('done\n');
});
