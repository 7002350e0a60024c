import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('needs nothing but Node.js and three modules of the protocol', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/client/index.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
  });
  const inputs = Object.keys(metafile.inputs).filter((file) => !file.startsWith('src/client/'));
  expect(inputs.sort()).toEqual([
    'src/protocol/bytes.ts',
    'src/protocol/key-slot.ts',
    'src/protocol/reply-decoder.ts',
  ]);
  const [output] = Object.values(metafile.outputs);
  expect(output.imports.every(({ path }) => path.startsWith('node:'))).toBe(true);
});

it('works for CommonJS programs', async () => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/client/index.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  });
  const folder = await mkdtemp(join(tmpdir(), 'hexis-client-'));
  try {
    const file = join(folder, 'client.cjs');
    await writeFile(file, outputFiles[0].contents);
    const { createClient, ConnectError, HexisError } = createRequire(import.meta.url)(file);
    const client = createClient('127.0.0.1:21997');
    const error = await client.ready().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toBeInstanceOf(HexisError);
    client.destroy();
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('keeps a program alive that waits for a server which is not there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hexis-client-'));
  try {
    const outfile = join(folder, 'client.mjs');
    await build({
      absWorkingDir: root,
      entryPoints: ['src/client/index.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
    });
    const program = `
      import { createClient } from ${JSON.stringify(outfile)};
      const client = createClient('127.0.0.1:21997', { commandTimeout: 300 });
      console.log(await client.get('k').catch((error) => error.name + ' ' + error.outcome));
      await client.close();`;
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    expect(result).toMatchObject({ status: 0, stderr: '', stdout: 'TimeoutError not executed\n' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
