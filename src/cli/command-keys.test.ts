import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-tree.js';
import { CommandKeys } from './command-keys.js';

type Plain = string | number | Plain[];

/** RESP2's form of a reply; fields of maps are flat pairs. */
function encode(value: Plain): Reply {
  if (typeof value === 'number') return { type: 'integer', value: BigInt(value) };
  if (typeof value === 'string') return { type: 'bulk', value: fromLatin1(value) };
  return { type: 'array', items: value.map(encode) };
}

const range = ['type', 'range', 'spec', ['lastkey', 0, 'keystep', 1, 'limit', 0]];
const keynum = ['type', 'keynum', 'spec', ['keynumidx', 0, 'firstkey', 1, 'keystep', 1]];
const atIndex = (index: number): Plain => ['type', 'index', 'spec', ['index', index]];
const behind = (keyword: string, from: number): Plain => [
  'type',
  'keyword',
  'spec',
  ['keyword', keyword, 'startfrom', from],
];

function command(name: string, begin?: Plain, find: Plain = range, subcommands: Plain[] = []): Plain {
  const specs: Plain[] = begin ? [['flags', ['RO'], 'begin_search', begin, 'find_keys', find]] : [];
  return [name, -2, [], 0, 0, 0, [], [], specs, subcommands];
}

const keys = new CommandKeys(
  encode([
    command('get', atIndex(1)),
    command('ping'),
    command('eval', atIndex(2), keynum),
    command('xread', behind('STREAMS', 1)),
    command('migrate', behind('KEYS', -2)),
    command('object', undefined, range, [command('object|freq', atIndex(2)), command('object|help')]),
    ['old', 2, [], 1, 1, 1],
  ]),
);

describe('the first key of a command', () => {
  it.each([
    ['GET k', 'k'],
    ['get', undefined],
    ['ping', undefined],
    ['unknown k', undefined],
    ['eval script 2 a b', 'a'],
    ['eval script 0 a', undefined],
    ['xread count 1 streams s 0', 's'],
    ['xread count 1', undefined],
    ['migrate h p empty 0 1 KEYS a b', 'a'],
    ['object freq k', 'k'],
    ['object help', undefined],
    ['old k', 'k'],
  ])('%s', (line, expected) => expect(keys.firstKey(line.split(' '))).toBe(expected));

  it('is unknown when the server tells nothing', () => {
    expect(new CommandKeys({ type: 'null', form: 'bulk' }).firstKey(['get', 'k'])).toBeUndefined();
  });
});
