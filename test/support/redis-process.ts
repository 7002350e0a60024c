/** A real redis-server as a process of a test: how every test starts one, waits for it and ends it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_LIMIT = 10_000;

/** Whether redis-server is installed; tests that need it are skipped without. */
export function hasRedisServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface RedisProcessOptions {
  readonly port: number;
  /** Where it keeps its files; one of its own, which goes when it is stopped, unless given. */
  readonly folder?: string;
  /** Further words of its command line. */
  readonly args?: readonly string[];
}

export class RedisProcess {
  readonly port: number;
  readonly folder: string;
  /** What it has printed. */
  output = '';
  private readonly ownsFolder: boolean;
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;

  /** Starts it on loopback, without a dump unless the words say otherwise. */
  constructor({ port, folder, args = [] }: RedisProcessOptions) {
    this.port = port;
    this.ownsFolder = folder === undefined;
    this.folder = folder ?? mkdtempSync(join(tmpdir(), 'hexis-redis-'));
    const files = ['--dir', this.folder, '--save', ''];
    const words = ['--port', `${port}`, '--bind', '127.0.0.1', ...files, ...args];
    this.child = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (bytes: Buffer) => {
      this.output += bytes.toString('latin1');
    };
    this.child.stdout!.on('data', keep);
    this.child.stderr!.on('data', keep);
    this.ended = new Promise((fulfil) => {
      this.child.once('error', (error) => keep(Buffer.from(error.message)));
      this.child.once('close', () => fulfil());
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits until it accepts connections; throws, with what it printed, when it ends or doesn't in time. */
  async ready(limit = START_LIMIT): Promise<void> {
    const deadline = performance.now() + limit;
    while (!this.output.includes('Ready to accept connections')) {
      if (!this.running || performance.now() > deadline) {
        throw new Error(`redis-server on port ${this.port} is not ready:\n${this.output}`);
      }
      await new Promise((fulfil) => setTimeout(fulfil, 10));
    }
  }

  /** Ends it: at once as a crash would, or with SIGTERM as SHUTDOWN does. Its files stay. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (this.running) this.child.kill(signal);
    await this.ended;
  }

  /** Ends it, and removes the folder if it is its own. */
  async stop(): Promise<void> {
    await this.kill();
    if (this.ownsFolder) rmSync(this.folder, { recursive: true, force: true });
  }
}
