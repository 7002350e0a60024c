/** The front of the `hexis` binary. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleHexis } from '../support/hexis-process.js';
import { type RunResult, runProgram } from './processes.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('the hexis binary', () => {
  let binary: Awaited<ReturnType<typeof bundleHexis>>;

  beforeAll(async () => {
    binary = await bundleHexis();
  });
  afterAll(() => binary.remove());

  const hexis = (...args: string[]): Promise<RunResult> =>
    runProgram([process.execPath, binary.program, ...args]);

  it('tells its version', async () => {
    expect(await hexis('--version')).toEqual({ stdout: `hexis ${version}\n`, stderr: '', code: 0 });
    expect(await hexis('cli', '--version')).toEqual({
      stdout: `hexis cli ${version}\n`,
      stderr: '',
      code: 0,
    });
  });

  it('explains itself', async () => {
    const help = await hexis('--help');
    expect(help).toMatchObject({ stderr: '', code: 0 });
    for (const word of ['up', 'down', 'status', 'server', 'cli', 'cluster', 'check-aof', 'check-rdb'])
      expect(help.stdout).toContain(`  ${word} `);
    expect(await hexis('help')).toEqual(help);
    expect(await hexis('help', 'cli')).toEqual(await hexis('cli', '--help'));
  });

  it('rejects what it does not know, with the exit code for wrong usage', async () => {
    const unknown = await hexis('flyway');
    expect(unknown).toMatchObject({ stdout: '', code: 2 });
    expect(unknown.stderr).toContain("'flyway' is not a hexis command");
    expect(await hexis('help', 'flyway')).toEqual(unknown);
    expect(await hexis()).toMatchObject({ stdout: '', code: 2 });
    expect(await hexis('constructor')).toMatchObject({ code: 2 });
  });
});
