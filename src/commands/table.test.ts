import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../protocol/bytes.js';
import { Request } from '../protocol/request.js';
import { fillRequest } from '../protocol/request-parser.js';
import { Command, type CommandDefinition } from './command.js';
import { commandTable } from './index.js';
import { keyCount, keyRange, keysAfter } from './key-specs.js';
import { CommandTable } from './table.js';
import { usageOf } from './usage.js';

function request(...words: string[]): Request {
  const filled = new Request();
  fillRequest(filled, words.map(fromLatin1));
  return filled;
}

function definition(part: Partial<CommandDefinition>): CommandDefinition {
  return { name: 'test', summary: 'Tests.', since: '7.0.0', group: 'generic', arity: -1, ...part };
}

function keysOf(part: Partial<CommandDefinition>, ...words: string[]): number[] {
  let id = 0;
  const command = new Command(definition(part), undefined, () => id++);
  const found: number[] = [];
  command.eachKey(request('test', ...words), (argument) => found.push(argument));
  return found;
}

describe('the command table', () => {
  it('finds commands by their bytes in any case', () => {
    expect(commandTable.find(request('gEt'))?.fullName).toBe('get');
    expect(commandTable.find(request('getx'))).toBeUndefined();
    expect(commandTable.find(request(''))).toBeUndefined();
    const config = commandTable.find(request('config'))!;
    expect(commandTable.findSubcommand(config, request('config', 'GET'))?.fullName).toBe('config|get');
  });

  it('finds commands by full name', () => {
    expect(commandTable.byName('CONFIG|Get')?.fullName).toBe('config|get');
    expect(commandTable.byName('config|get|x')).toBeUndefined();
    expect(commandTable.byName('get|x')).toBeUndefined();
  });

  it('refuses two entries of one name', () => {
    const twice = [definition({ name: 'a' }), definition({ name: 'a' })];
    expect(() => CommandTable.of([twice])).toThrow('declared twice');
  });

  it('numbers all entries, subcommands included', () => {
    expect(commandTable.all.map((command) => command.id)).toEqual(commandTable.all.map((_, i) => i));
  });

  it('has texts that a status can carry, for HELP', () => {
    for (const command of commandTable.all) {
      expect(`${command.definition.summary} ${usageOf(command)}`).toMatch(/^[ -~]*$/);
    }
  });
});

describe('keys', () => {
  it('are found in a range', () => {
    expect(keysOf({ keys: [keyRange(1, -1, 2, 'OW')] }, 'a', '1', 'b', '2')).toEqual([1, 3]);
    expect(keysOf({ keys: [keyRange(1, 1, 1, 'RO')] }, 'a', 'b', 'c')).toEqual([1, 2]);
  });

  it('are found by their number', () => {
    const keys = [keyCount(1, 'RO')];
    expect(keysOf({ keys }, '2', 'a', 'b', 'more')).toEqual([2, 3]);
    expect(keysOf({ keys }, '3', 'a', 'b')).toEqual([]);
    expect(keysOf({ keys }, '-1', 'a', 'b')).toEqual([]);
    expect(keysOf({ keys }, 'x', 'a', 'b')).toEqual([]);
  });

  it('are found behind a word', () => {
    const half = [keysAfter('STREAMS', 1, { lastKey: -1, step: 1, limit: 2 }, 'RO')];
    expect(keysOf({ keys: half }, 'count', '1', 'streams', 'a', 'b', '0', '0')).toEqual([4, 5]);
    const backwards = [keysAfter('KEYS', -2, { lastKey: -1, step: 1, limit: 0 }, 'RO')];
    expect(keysOf({ keys: backwards }, 'x', 'KEYS', 'a', 'b')).toEqual([3, 4]);
    expect(keysOf({ keys: backwards }, 'x', 'y')).toEqual([]);
  });

  it('are found by the entry itself where specifications do not tell', () => {
    const found = keysOf(
      {
        keys: [{ flags: ['RO', 'incomplete'], begin: { unknown: true }, find: { unknown: true } }],
        findKeys: (_, add) => add(2, ['RW']),
      },
      'a',
      'b',
    );
    expect(found).toEqual([2]);
  });
});

describe('usage', () => {
  it.each([
    ['get', 'GET key'],
    ['mset', 'MSET key value [key value ...]'],
    ['del', 'DEL key [key ...]'],
    ['config|get', 'CONFIG GET parameter [parameter ...]'],
    [
      'set',
      'SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | ' +
        'PXAT unix-time-milliseconds | KEEPTTL]',
    ],
    ['replicaof', 'REPLICAOF <host port | NO ONE>'],
    ['scan', 'SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]'],
  ])('%s', (name, usage) => expect(usageOf(commandTable.byName(name)!)).toBe(usage));
});
