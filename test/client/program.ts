/** Programs that use the client, in processes of their own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The client alone, bundled into one file of the folder; answers its path. */
export async function bundleClient(folder: string): Promise<string> {
  const outfile = join(folder, 'client.mjs');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/client/index.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return outfile;
}

/** Runs a TypeScript program that imports from 'hexis' in a process of its own, and gives what it prints. */
export async function runProgram(source: string, folder: string): Promise<string> {
  const outfile = join(folder, 'program.mjs');
  await build({
    stdin: { contents: source, loader: 'ts', resolveDir: ROOT },
    alias: {
      hexis: join(ROOT, 'src/client/index.ts'),
      'hexis/testing': join(ROOT, 'src/local/testing.ts'),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
  });
  return (await promisify(execFile)(process.execPath, [outfile], { timeout: 20_000 })).stdout;
}
