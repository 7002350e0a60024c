import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts } from '../support/ports.js';
import { ROOT, runProgram } from './program.js';
import { RedisCluster } from './redis-cluster.js';

const FIRST = await freePorts(50);
let cluster: RedisCluster;
let folder: string;

beforeAll(async () => {
  cluster = await RedisCluster.start(FIRST, 3);
  folder = await mkdtemp(join(tmpdir(), 'hexis-examples-'));
});

afterAll(async () => {
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs an example as it is, but for the address of its cluster, and gives what it prints. */
async function run(example: string): Promise<string> {
  const source = await readFile(join(ROOT, 'examples', example), 'utf8');
  return runProgram(source.replaceAll('localhost:7002', `localhost:${FIRST + 2}`), folder);
}

it("prints what the article's program prints", async () => {
  expect(await run('article.ts')).toBe('key value\nkey2 does not exists\n');
});

it('sells no more than there is', async () => {
  expect(await run('stock.ts')).toBe('7 sold, 0 left\n');
});

it('hears what is published', async () => {
  expect(await run('news.ts')).toBe('news: hello\nnews: goodbye\n');
});
