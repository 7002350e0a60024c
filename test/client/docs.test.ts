/** Every example of docs/client.md, run as it stands, but for the addresses; and what its tables say to write instead. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts } from '../support/ports.js';
import { ROOT, runProgram } from './program.js';
import { RedisCluster } from './redis-cluster.js';

const FIRST = await freePorts(50);
const document = await readFile(join(ROOT, 'docs/client.md'), 'utf8');
const examples = [...document.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
let cluster: RedisCluster;
let folder: string;

beforeAll(async () => {
  cluster = await RedisCluster.start(FIRST, 3);
  folder = await mkdtemp(join(tmpdir(), 'hexis-docs-'));
  for (const { port } of cluster.nodes)
    await cluster.ask(port, 'CONFIG', 'SET', 'notify-keyspace-events', 'KA');
});

afterAll(async () => {
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs statements that may use what the document takes for granted, and gives what they print. */
async function run(code: string): Promise<string> {
  const contents = `
    import { connect, createCluster } from 'hexis';
    const shared = await connect('localhost:7002');
    const keys = ['a', 'b'];
    const [k, v, a, b, ms] = ['k', 'v', 'a', '1', 5000];
    const fn = () => {};
    const { signal } = new AbortController();
    const request = { signal };
    const write = () => shared.set('user:1', 1).catch(() => {});
    const writing = ${code.includes('keyspaceEvents')} && setInterval(write, 20);
    await (async (client) => {
      {
        ${code.replaceAll(/^import .*$/gm, '')}
      }
    })(shared);
    clearInterval(writing);
    process.exit(0);`;
  return runProgram(contents.replaceAll(/localhost:700\d/g, `localhost:${FIRST}`), folder);
}

it.each(examples.map((code, i) => [i, code] as const))('example %i prints what it says', async (_, code) => {
  const promised = [...code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, comment]) => comment);
  const printed = (await run(code)).split('\n');
  promised.forEach((comment, i) => {
    expect(comment.startsWith(printed[i]) && printed[i] !== '', `${comment}, not ${printed[i]}`).toBe(true);
  });
});

it('its table of options has all there are', async () => {
  const source = await readFile(join(ROOT, 'src/client/options.ts'), 'utf8');
  const [, declared] = /interface ClientOptions \{(.*?)^\}/ms.exec(source)!;
  const [, table] = /^## Options$(.*?)^## /ms.exec(document)!;
  const names = [...declared.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name);
  const documented = [...table.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(([, cell]) => cell.match(/\w+/g));
  expect(documented.sort()).toEqual(names.sort());
});

it('what its tables put in the place of other clients is what there is', async () => {
  const cells = [...document.matchAll(/^\|.*\|.*\|$/gm)].map(([row]) =>
    row.slice(0, -1).split('|').at(-1)!.trim(),
  );
  const calls = cells.flatMap((cell) =>
    [...cell.matchAll(/`((?:await )?client\.[^`]*\))`/g)].map(([, call]) => call),
  );
  expect(calls.length).toBeGreaterThan(12);
  const runnable = calls.filter((call) => !/watch\(keys, fn|close|destroy/.test(call));
  const statements = runnable.map((call) => `await client.flushAll(); await (${call});`);
  await run(statements.join('\n'));
});
