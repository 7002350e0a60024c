/** Processes of a benchmark: real servers on free ports in a temporary folder, ended by their own pid. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const HEXIS = fileURLToPath(new URL('../bin/hexis', import.meta.url));
const START_LIMIT = 10_000;

export const run = promisify(execFile);

/** Which server to start. */
export type Engine = 'hexis' | 'redis-server';

/** The command line that starts a node of this engine. */
export function commandOf(engine: Engine, args: readonly string[]): [command: string, args: string[]] {
  return engine === 'hexis'
    ? [process.execPath, [HEXIS, 'server', ...args]]
    : ['redis-server', ['--save', '', ...args]];
}

/** A folder that goes, and processes that end, with `close`. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'hexis-bench-'));
  private readonly children: ChildProcess[] = [];

  spawn(command: string, args: readonly string[], cwd = this.folder): ChildProcess {
    const child = spawn(command, args, { cwd, stdio: 'ignore' });
    this.children.push(child);
    return child;
  }

  /** Starts a node on this port; fulfils when it accepts connections. */
  async server(
    engine: Engine,
    port: number,
    args: readonly string[] = [],
    cwd = this.folder,
  ): Promise<ChildProcess> {
    const [command, words] = commandOf(engine, ['--port', String(port), ...args]);
    const child = this.spawn(command, words, cwd);
    await listening(port);
    return child;
  }

  async close(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((fulfil) => child.once('exit', fulfil));
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A port on which nobody listens; the one 10,000 above is free as well, for a cluster's bus. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 12_000 + Math.floor(Math.random() * 10_000); // its bus, too, lies below outgoing ports
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
  throw new Error('no free port between 12000 and 22000');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((fulfil) => {
    const server = createServer();
    server.once('error', () => fulfil(false));
    server.listen(port, '127.0.0.1', () => server.close(() => fulfil(true)));
  });
}

/** Fulfils when somebody listens on the port; rejects after ten seconds. */
export async function listening(port: number): Promise<void> {
  const end = performance.now() + START_LIMIT;
  while (performance.now() < end) {
    const up = await new Promise<boolean>((fulfil) => {
      const socket = connect(port, '127.0.0.1', () => fulfil(true));
      socket.once('error', () => fulfil(false));
      socket.once('close', () => fulfil(false));
      setTimeout(() => socket.destroy(), 50);
    });
    if (up) return;
    await new Promise((fulfil) => setTimeout(fulfil, 5));
  }
  throw new Error(`nothing listens on port ${port} after ${START_LIMIT} ms`);
}

/** Rows as aligned text; the first is the header. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
    )
    .join('\n');
}
