/** A single redis-server process (no cluster mode) in a folder of the test's choice, spoken to with redis-cli. */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.js';
import { RedisProcess } from './redis-process.js';

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'hexis-test-'));
}

export class PlainRedis {
  private readonly process: RedisProcess;

  constructor(
    readonly port: number,
    readonly folder: string,
    options: readonly string[] = [],
  ) {
    this.process = new RedisProcess({ port, folder, args: options });
  }

  get output(): string {
    return this.process.output;
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
  ready(limit?: number): Promise<void> {
    return this.process.ready(limit);
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

  /** Ends it as SHUTDOWN does. */
  stop(): Promise<void> {
    return this.process.kill('SIGTERM');
  }
}
