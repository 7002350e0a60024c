/** A single redis-server process (no cluster mode) in a folder of the test's choice, spoken to with redis-cli. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export function hasRedisServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'hexis-test-'));
}

export class PlainRedis {
  output = '';
  private readonly process: ChildProcess;

  constructor(
    readonly port: number,
    readonly folder: string,
    options: readonly string[] = [],
  ) {
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    this.process = spawn('redis-server', [...args, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.process.stdout?.on('data', (bytes) => {
      this.output += bytes;
    });
  }

  /** One command; answers what redis-cli prints. Throws an error reply. */
  async cli(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('redis-cli', ['-p', `${this.port}`, ...args], {
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (/^[A-Z]+ /.test(stdout) && !stdout.startsWith('OK')) throw new Error(stdout);
    return stdout.trimEnd();
  }

  /** @param limit milliseconds that loading the data may take */
  async ready(limit?: number): Promise<void> {
    await eventually(async () => (await this.cli('PING')) === 'PONG', limit);
  }

  /** Waits until what this field of INFO tells of isn't going on any more. */
  async finished(field: string): Promise<void> {
    await eventually(async () => (await this.cli('INFO', 'persistence')).includes(`${field}:0`), 60_000);
  }

  /** All string keys of a database with value and expiry, in the form of `SmallNode.dump`. */
  async dump(database = 0): Promise<Record<string, string>> {
    const script =
      "local r = {} for _, k in ipairs(redis.call('KEYS', '*')) do r[#r + 1] = k r[#r + 1] = redis.call('GET', k) .. '@' .. string.format('%.0f', redis.call('PEXPIRETIME', k)) end return cjson.encode(r)";
    const flat = JSON.parse(await this.cli('-n', `${database}`, 'EVAL', script, '0')) as string[];
    const all: Record<string, string> = {};
    for (let i = 0; i < flat.length; i += 2) all[`${database}/${flat[i]}`] = flat[i + 1];
    return all;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
  }
}

/** Waits until the condition holds; fails after `limit` milliseconds. */
export async function eventually(condition: () => Promise<boolean> | boolean, limit = 15_000): Promise<void> {
  const end = Date.now() + limit;
  let last: unknown;
  for (;;) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= end) throw new Error(`not reached within ${limit} ms: ${condition}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
