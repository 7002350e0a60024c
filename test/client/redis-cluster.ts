/** A real cluster of server processes for the client's tests, on ports of its own and in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection } from '../../src/client/connection.js';
import { SLOT_COUNT } from '../../src/protocol/key-slot.js';

const LIMIT = 20_000;
/** The command line, which needs a build. */
export const HEXIS = fileURLToPath(new URL('../../bin/hexis', import.meta.url));

/** Which server to start. */
export type Engine = 'redis-server' | 'hexis';

export interface TestNode {
  readonly port: number;
  /** The port after which its files are named. */
  readonly files: number;
  readonly process: ChildProcess;
}

export class RedisCluster {
  readonly folder: string;
  readonly nodes: TestNode[] = [];

  private constructor(
    folder: string,
    private readonly engine: Engine,
  ) {
    this.folder = folder;
  }

  /** Starts masters on the first half of the ports and a replica for each on the second half. */
  static async start(
    firstPort: number,
    masters: number,
    engine: Engine = 'redis-server',
  ): Promise<RedisCluster> {
    const cluster = new RedisCluster(await mkdtemp(join(tmpdir(), 'hexis-client-')), engine);
    const ports = Array.from({ length: masters * 2 }, (_, i) => firstPort + i);
    for (const port of ports) cluster.launch(port);
    const ids: string[] = [];
    for (const port of ports) ids.push(String(await cluster.ask(port, 'CLUSTER', 'MYID')));
    for (let i = 0; i < masters; i++) {
      const first = Math.floor((SLOT_COUNT * i) / masters);
      const last = Math.floor((SLOT_COUNT * (i + 1)) / masters) - 1;
      await cluster.ask(ports[i], 'CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
      await cluster.ask(ports[i], 'CLUSTER', 'ADDSLOTSRANGE', first, last);
    }
    for (const port of ports.slice(1)) await cluster.ask(ports[0], 'CLUSTER', 'MEET', '127.0.0.1', port);
    await cluster.until('all nodes know each other', async () => {
      for (const port of ports) {
        if (!(await cluster.info(port)).includes(`cluster_known_nodes:${ports.length}`)) return false;
      }
      return true;
    });
    for (let i = 0; i < masters; i++) await cluster.ask(ports[masters + i], 'CLUSTER', 'REPLICATE', ids[i]);
    await cluster.settled();
    return cluster;
  }

  /**
   * Starts the server of this port, or starts it again, with the files of the one that had the port `files`. When a shard
   * has failed, the others go on.
   */
  launch(port: number, files = port): TestNode {
    const options =
      `--port ${port} --bind 127.0.0.1 --cluster-enabled yes --cluster-config-file nodes-${files}.conf
       --cluster-node-timeout 1500 --cluster-require-full-coverage no --repl-diskless-sync-delay 0 --appendonly no --enable-debug-command yes
       --dbfilename dump-${files}.rdb`
        .split(/\s+/)
        .concat('--save', '');
    const [command, ...start] =
      this.engine === 'hexis' ? [process.execPath, HEXIS, 'server'] : ['redis-server'];
    const child = spawn(command, [...start, ...options], { cwd: this.folder, stdio: 'ignore' });
    const node = { port, files, process: child };
    const index = this.nodes.findIndex((other) => other.port === port);
    if (index < 0) this.nodes.push(node);
    else this.nodes[index] = node;
    return node;
  }

  /** Ends the server of this port as a crash does. */
  async kill(port: number): Promise<void> {
    const { process: child } = this.nodes.find((node) => node.port === port)!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /**
   * Shuts all nodes down, and starts them again on these ports with the data and the knowledge they had. The masters go
   * first, since each waits until its replica has everything: whichever of the two is master afterwards, nothing is missing.
   */
  async moveTo(ports: readonly number[]): Promise<void> {
    const before = this.nodes.splice(0);
    const roles = await Promise.all(before.map(({ port }) => this.ask(port, 'ROLE')));
    const masters = before.filter((_, i) => (roles[i] as unknown[])[0] === 'master');
    await Promise.all(masters.map((node) => this.shutDown(node)));
    await Promise.all(before.map((node) => this.shutDown(node)));
    before.forEach((node, i) => {
      this.launch(ports[i], node.files);
    });
    for (const port of ports) await this.ask(port, 'PING');
    // They know each other only by addresses where nobody is any more.
    for (const port of ports) {
      for (const other of ports)
        if (other !== port) await this.ask(port, 'CLUSTER', 'MEET', '127.0.0.1', other);
    }
    await this.settled();
  }

  private async shutDown({ port, process: child }: TestNode): Promise<void> {
    if (child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await this.ask(port, 'SHUTDOWN', 'SAVE').catch(() => {});
    await gone;
  }

  /** One command to one node, past the client under test; retried while the node starts. */
  async ask(port: number, ...args: (string | number)[]): Promise<unknown> {
    const give = performance.now() + LIMIT;
    for (;;) {
      try {
        const connection = await Connection.open({ host: '127.0.0.1', port });
        try {
          return await connection.call(...args);
        } finally {
          connection.destroy();
        }
      } catch (error) {
        const starting = error instanceof Error && /ECONNREFUSED|LOADING/.test(error.message);
        if (!starting || performance.now() > give) throw error;
        await sleep(20);
      }
    }
  }

  async info(port: number): Promise<string> {
    return String(await this.ask(port, 'CLUSTER', 'INFO'));
  }

  /** The port of the master that serves the slot, as the node of `asked` sees it. */
  async masterOf(slot: number, asked: number): Promise<number> {
    const ranges = (await this.ask(asked, 'CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
    return ranges.find(([first, last]) => first <= slot && slot <= last)![2][1];
  }

  /** The port of a replica of the master on this port. */
  async replicaOf(master: number): Promise<number> {
    const nodes = String(await this.ask(master, 'CLUSTER', 'NODES')).split('\n');
    const id = nodes.find((line) => line.includes('myself'))!.split(' ')[0];
    const replica = nodes.find((line) => line.includes(`slave ${id}`))!;
    return Number(/:(\d+)@/.exec(replica)![1]);
  }

  /** Waits until every living node sees a whole cluster and every replica is linked. */
  async settled(): Promise<void> {
    const living = this.nodes.filter(
      ({ process: child }) => child.exitCode === null && child.signalCode === null,
    );
    await this.until('the cluster is whole', async () => {
      for (const { port } of living) {
        if (!(await this.info(port)).includes('cluster_state:ok')) return false;
        const replication = String(await this.ask(port, 'INFO', 'replication'));
        if (replication.includes('role:slave') && !replication.includes('master_link_status:up'))
          return false;
        const nodes = String(await this.ask(port, 'CLUSTER', 'NODES'))
          .trim()
          .split('\n');
        const replicas = nodes.filter((line) => /slave(?!.*fail)/.test(line));
        if (living.length === this.nodes.length && replicas.length !== this.nodes.length / 2) return false;
      }
      return true;
    });
  }

  async until(what: string, condition: () => Promise<boolean>, limit = LIMIT): Promise<void> {
    const give = performance.now() + limit;
    while (!(await condition())) {
      if (performance.now() > give) throw new Error(`waited ${limit} ms in vain until ${what}`);
      await sleep(30);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(({ port }) => this.kill(port)));
    await rm(this.folder, { recursive: true, force: true });
  }
}
