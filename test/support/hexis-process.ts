/** `hexis server` as a process of its own, from a bundle made for the tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT = 15_000;

/** Bundles the binary below the package, where it finds its package.json; answers the file and how to remove it. */
export async function bundleHexis(): Promise<{ program: string; remove: () => void }> {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'dist', 'test-hexis-'));
  await build({
    absWorkingDir: ROOT,
    entryPoints: { hexis: 'src/cli/main.ts' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minifySyntax: true,
    packages: 'external',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  return {
    program: join(folder, 'hexis.mjs'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A process with what it printed so far. */
export class ServerProcess {
  output = '';
  errors = '';
  readonly ended: Promise<number | null>;
  readonly pid: number;
  private readonly child: ChildProcess;
  private look: () => void = () => {};

  constructor(command: string, args: readonly string[], options: { cwd: string; input?: string }) {
    this.child = spawn(command, args, { cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    this.pid = this.child.pid!;
    this.child.stdin!.end(options.input ?? '');
    this.child.stdout!.on('data', (text) => {
      this.output += text;
      this.look();
    });
    this.child.stderr!.on('data', (text) => {
      this.errors += text;
      this.look();
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => {
        resolve(code);
        this.look();
      });
    });
  }

  /** Waits until the pattern has been printed; throws when the process ends or time passes without. */
  async printed(pattern: RegExp): Promise<void> {
    const deadline = performance.now() + LIMIT;
    while (!pattern.test(this.output)) {
      const state = `${this.output}${this.errors}`;
      if (this.child.exitCode !== null) throw new Error(`ended without ${pattern}:\n${state}`);
      if (performance.now() > deadline) throw new Error(`no ${pattern} in time:\n${state}`);
      await new Promise<void>((resolve) => {
        this.look = resolve;
        setTimeout(resolve, 1000);
      });
    }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
