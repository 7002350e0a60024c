/** Real redis-servers for a test: started on given ports in a folder of their own, ended by their process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '../../src/client/connection.js';
import { RedisProcess } from '../support/redis-process.js';

export class RedisServers {
  /** Where they keep their files; gone after `close`. */
  readonly folder = mkdtempSync(join(tmpdir(), 'hexis-manager-'));
  private readonly processes = new Map<number, RedisProcess>();

  /** Starts a cluster node on the port and waits until it answers. */
  async start(port: number, ...options: string[]): Promise<void> {
    const cluster = ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`];
    const args = [...cluster, '--cluster-node-timeout', '2000', ...options];
    // They share the folder, and a full synchronisation leaves a dump behind.
    const words = ['--dbfilename', `dump-${port}.rdb`, ...args];
    const process = new RedisProcess({ port, folder: this.folder, args: words });
    this.processes.set(port, process);
    await process.ready();
  }

  /** Ends a server at once, as a crash would. */
  async kill(port: number): Promise<void> {
    const process = this.processes.get(port);
    this.processes.delete(port);
    await process?.kill();
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
