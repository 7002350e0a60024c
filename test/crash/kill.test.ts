/**
 * kill -9 under load: R8 of the guarantees. Whatever was acknowledged is there after the next start, under every fsync
 * policy, also when a rewrite was under way.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Connection } from '../../src/client/connection.js';
import { bundleHexis, ServerProcess } from '../support/hexis-process.js';
import { freePorts } from '../support/ports.js';
import { TestRandom } from '../support/random.js';

const PORT = await freePorts(1);
const ROUNDS = 10;
const CLIENTS = 8;
const IN_FLIGHT = 20;
const POLICIES = ['always', 'everysec', 'no'];

let bundle: Awaited<ReturnType<typeof bundleHexis>>;
let folder: string;
let server: ServerProcess | undefined;

beforeAll(async () => {
  bundle = await bundleHexis();
  folder = mkdtempSync(join(tmpdir(), 'hexis-kill-'));
});
afterAll(async () => {
  await server?.kill();
  bundle.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function start(policy: string): Promise<void> {
  const options = { port: PORT, appendonly: 'yes', appendfsync: policy, 'auto-aof-rewrite-percentage': 0 };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  server = new ServerProcess(process.execPath, [bundle.program, 'server', ...args], { cwd: folder });
  await server.printed(/Ready to accept connections/);
}

/** Appends numbers to a key, in order, until the connection breaks. */
class Writer {
  sent = 0;
  acknowledged = 0;

  constructor(readonly key: string) {}

  async run(): Promise<void> {
    const connection = await Connection.open({ host: '127.0.0.1', port: PORT });
    const write = async () => {
      for (;;) {
        const number = ++this.sent;
        await connection.call('APPEND', this.key, `${number},`);
        this.acknowledged = Math.max(this.acknowledged, number);
      }
    };
    await Promise.allSettled(Array.from({ length: IN_FLIGHT }, write));
    connection.close();
  }

  /** What the key holds when the first `count` appends have been done. */
  text(count: number): string {
    return Array.from({ length: count }, (_, i) => `${i + 1},`).join('');
  }
}

describe('kill -9', () => {
  it(`${ROUNDS} times under load loses nothing that was acknowledged`, async () => {
    const random = new TestRandom(1);
    const writers = Array.from({ length: CLIENTS }, (_, i) => new Writer(`key:${i}`));
    await start(POLICIES[0]);
    for (let round = 1; round <= ROUNDS; round++) {
      const load = writers.map((writer) => writer.run());
      const control = await Connection.open({ host: '127.0.0.1', port: PORT });
      await new Promise((resolve) => setTimeout(resolve, 100 + random.below(300)));
      if (round % 2 === 0) await control.call('BGREWRITEAOF');
      control.close();
      await new Promise((resolve) => setTimeout(resolve, random.below(30)));
      await server!.kill();
      await Promise.all(load);

      await start(POLICIES[round % POLICIES.length]);
      const reader = await Connection.open({ host: '127.0.0.1', port: PORT });
      for (const writer of writers) {
        const found = String(await reader.call('GET', writer.key));
        const count = found.split(',').length - 1;
        expect(found === writer.text(count), `round ${round}, ${writer.key}: ${found.slice(-80)}`).toBe(true);
        expect(count).toBeGreaterThanOrEqual(writer.acknowledged);
        expect(count).toBeLessThanOrEqual(writer.sent);
        writer.sent = writer.acknowledged = count;
      }
      reader.close();
    }
    expect(writers.every(({ acknowledged }) => acknowledged > 100)).toBe(true);
  });
});
