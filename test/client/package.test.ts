import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { bundleClient, ROOT } from './program.js';

const compiler = join(ROOT, 'node_modules/.bin/tsc');

it('needs nothing but Node.js and three modules of the protocol', async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
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

describe.each([
  ['CommonJS', 'cts'],
  ['ES module', 'mts'],
])('for %s programs', (_, extension) => {
  const program = `
    import { type Client, ConnectError, createClient, HexisError } from 'hexis';
    const client: Client = createClient('127.0.0.1:21997');
    client.ready().catch((error: unknown) => {
      console.log(error instanceof ConnectError, error instanceof HexisError);
      client.destroy();
    });`;

  it.each(['node16', 'nodenext'])('the package, as it is built, compiles as %s and runs', async (module) => {
    const folder = await mkdtemp(join(tmpdir(), 'hexis-client-'));
    try {
      await mkdir(join(folder, 'node_modules'));
      for (const [name, path] of Object.entries({
        hexis: ROOT,
        '@types': join(ROOT, 'node_modules/@types'),
      })) {
        await symlink(path, join(folder, 'node_modules', name));
      }
      const file = join(folder, `program.${extension}`);
      await writeFile(file, program);
      const options = [
        '--ignoreConfig',
        '--strict',
        '--target',
        'es2022',
        '--types',
        'node',
        '--module',
        module,
      ];
      const compiled = spawnSync(compiler, [...options, file], { cwd: folder, encoding: 'utf8' });
      expect(compiled).toMatchObject({ status: 0, stdout: '' });
      const ran = spawnSync(process.execPath, [file.replace(/ts$/, 'js')], {
        encoding: 'utf8',
        timeout: 10_000,
      });
      expect(ran).toMatchObject({ status: 0, stderr: '', stdout: 'true true\n' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

it.skipIf(!('require_module' in process.features))('gives CommonJS programs its other parts as well', () => {
  const parts = ['server', 'manager', 'testing'];
  const program = `console.log(${JSON.stringify(parts)}.map((part) => typeof require('hexis/' + part)).join())`;
  const ran = spawnSync(process.execPath, ['-e', program], { cwd: ROOT, encoding: 'utf8' });
  expect(ran).toMatchObject({ status: 0, stdout: 'object,object,object\n' });
});

it('keeps a program alive that waits for a server which is not there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hexis-client-'));
  try {
    const outfile = await bundleClient(folder);
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
