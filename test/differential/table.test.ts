/** The command table beside redis-server's own: COMMAND INFO, DOCS and GETKEYS of everything that is implemented. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../src/commands/command.js';
import { commandTable } from '../../src/commands/index.js';
import { BareNode } from '../support/bare-node.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { parseReply, type Reply } from '../support/resp.js';
import { OWN_COMMANDS } from './own-commands.js';

let server: RedisServer;
let redis: RawConnection;
const node = new BareNode();

async function ask(...words: string[]): Promise<{ expected: Reply; actual: Reply }> {
  const [reply] = await redis.send([words]);
  return { expected: parseReply(reply), actual: parseReply(node.run(words)) };
}

/** Subcommands come in no order, and a container may have more of them than we. */
function withoutSubcommands(info: Reply): unknown {
  return 'elements' in info ? info.elements.slice(0, 9) : info;
}

/** A docs map without what may differ: the summary is in our own words. */
function docsOf(reply: Reply): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  if (!('elements' in reply)) return fields;
  for (let i = 0; i < reply.elements.length; i += 2) {
    const name = reply.elements[i];
    if ('text' in name && !['summary', 'subcommands'].includes(name.text)) {
      fields.set(name.text, reply.elements[i + 1]);
    }
  }
  return fields;
}

/** Sorted. */
function textsOf(reply: Reply): string[] {
  if (!('elements' in reply)) throw new Error('no list');
  return reply.elements.map((element) => ('text' in element ? element.text : '')).sort();
}

const named = commandTable.all
  .map((command) => [command.fullName, command] as const)
  .filter(([name]) => !OWN_COMMANDS.includes(name));

describe.skipIf(!hasRedisServer())('the command table', () => {
  beforeAll(async () => {
    server = await RedisServer.start();
    redis = await RawConnection.open(server.port);
  });

  afterAll(async () => {
    redis.close();
    await server.stop();
  });

  it('has every command and subcommand of redis-server, and beyond them only its own', async () => {
    const { expected, actual } = await ask('COMMAND', 'LIST');
    expect(textsOf(actual)).toEqual([...textsOf(expected), ...OWN_COMMANDS].sort());
  });

  it.each(named)('%s: COMMAND INFO', async (name) => {
    const { expected, actual } = await ask('COMMAND', 'INFO', name);
    if (!('elements' in expected && 'elements' in actual)) throw new Error('no list');
    expect(withoutSubcommands(actual.elements[0])).toEqual(withoutSubcommands(expected.elements[0]));
  });

  it.each(named)('%s: COMMAND DOCS', async (name) => {
    const { expected, actual } = await ask('COMMAND', 'DOCS', name);
    if (!('elements' in expected && 'elements' in actual)) throw new Error('no map');
    expect(docsOf(actual.elements[1])).toEqual(docsOf(expected.elements[1]));
  });

  it.each(named.filter(([, command]) => command.hasKeys))('%s: COMMAND GETKEYS', async (_, command) => {
    for (const words of calls(command)) {
      for (const kind of ['GETKEYS', 'GETKEYSANDFLAGS']) {
        const { expected, actual } = await ask('COMMAND', kind, ...words);
        expect([words, actual]).toEqual([words, expected]);
      }
    }
  });
});

/** Calls of a command with as many words as it may have, and a few more. */
function calls(command: Command): string[][] {
  const words = command.fullName.split('|');
  const least = Math.abs(command.arity) - words.length;
  return [0, 1, 2, 3, 4].map((more) => [
    ...words,
    ...Array.from({ length: least + more }, (_, i) => (i % 3 === 1 ? String(i) : `word${i}`)),
  ]);
}
