/** Real redis-servers for a test: started on given ports in a folder of their own, ended by their process. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '../../src/client/connection.js';
import { poll } from '../../src/manager/poll.js';

/** Whether redis-server is installed; tests that need it are skipped without. */
export const hasRedisServer = (() => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

export class RedisServers {
  /** Where they keep their files; gone after `close`. */
  readonly folder = mkdtempSync(join(tmpdir(), 'hexis-manager-'));
  private readonly processes = new Map<number, ChildProcess>();

  /** Starts a cluster node on the port and waits until it answers. */
  async start(port: number, ...options: string[]): Promise<void> {
    const base = ['--port', String(port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    // A full synchronisation leaves a dump behind, which isn't another server's to load.
    base.push('--dbfilename', `dump-${port}.rdb`);
    const cluster = ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`];
    const process = spawn(
      'redis-server',
      [...base, ...cluster, '--cluster-node-timeout', '2000', ...options],
      {
        stdio: 'ignore',
      },
    );
    this.processes.set(port, process);
    const answered = await poll(() => call(port, 'PING').catch(() => undefined), { limit: 10_000 });
    if (answered !== 'PONG') throw new Error(`redis-server on port ${port} does not answer`);
  }

  /** Ends a server at once, as a crash would. */
  async kill(port: number): Promise<void> {
    const process = this.processes.get(port);
    if (!process) return;
    this.processes.delete(port);
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    await Promise.all([...this.processes.keys()].map((port) => this.kill(port)));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One command to one server. */
export async function call(port: number, ...args: string[]) {
  const connection = await Connection.open({ host: '127.0.0.1', port });
  try {
    return await connection.call(...args);
  } finally {
    await connection.close();
  }
}
