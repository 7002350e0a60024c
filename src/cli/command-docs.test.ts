import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-tree.js';
import { completions, helpText, hint, readCommandDocs } from './command-docs.js';

type Plain = string | Plain[] | { [name: string]: Plain };

/** As a server sends it, in RESP2 (maps are flat arrays) or RESP3. */
function encode(value: Plain, resp3: boolean): Reply {
  if (typeof value === 'string') return { type: 'bulk', value: fromLatin1(value) };
  if (Array.isArray(value)) return { type: 'array', items: value.map((item) => encode(item, resp3)) };
  const entries = Object.entries(value).map(
    ([name, field]) => [encode(name, resp3), encode(field, resp3)] as const,
  );
  return resp3 ? { type: 'map', entries } : { type: 'array', items: entries.flat() };
}

const table: Plain = {
  set: {
    summary: 'Set a value',
    since: '1.0.0',
    group: 'string',
    arguments: [
      { name: 'key', type: 'key' },
      { name: 'value', type: 'string' },
      {
        name: 'condition',
        type: 'oneof',
        flags: ['optional'],
        arguments: [
          { name: 'nx', type: 'pure-token', token: 'NX' },
          { name: 'xx', type: 'pure-token', token: 'XX' },
        ],
      },
      { name: 'seconds', type: 'integer', token: 'EX', flags: ['optional'] },
    ],
  },
  del: {
    summary: 'Delete',
    since: '1.0.0',
    group: 'generic',
    arguments: [{ name: 'key', type: 'key', flags: ['multiple'] }],
  },
  sort: {
    summary: 'Sort',
    since: '1.0.0',
    group: 'generic',
    arguments: [
      { name: 'key', type: 'key' },
      { name: 'pattern', type: 'pattern', token: 'GET', flags: ['optional', 'multiple', 'multiple_token'] },
    ],
  },
  object: {
    summary: 'A container',
    since: '2.2.3',
    group: 'generic',
    subcommands: {
      'object|freq': {
        summary: 'Frequency',
        since: '4.0.0',
        group: 'generic',
        arguments: [{ name: 'key', type: 'key' }],
      },
    },
  },
};

const docs = readCommandDocs(encode(table, true));

describe('command docs', () => {
  it('reads both protocols alike, sorted by name', () => {
    expect(readCommandDocs(encode(table, false))).toEqual(docs);
    expect(docs.map((doc) => doc.name)).toEqual(['DEL', 'OBJECT', 'OBJECT FREQ', 'SET', 'SORT']);
  });

  it('writes the syntax of arguments', () => {
    const params = Object.fromEntries(docs.map((doc) => [doc.name, doc.params]));
    expect(params.SET).toBe('key value [NX|XX] [EX seconds]');
    expect(params.DEL).toBe('key [key ...]');
    expect(params.SORT).toBe('key [GET pattern [GET pattern ...]]');
    expect(params['OBJECT FREQ']).toBe('key');
  });

  it('knows nothing when the server does not either', () => {
    expect(readCommandDocs({ type: 'error', value: fromLatin1('ERR'), bulk: false })).toEqual([]);
  });

  it.each([
    ['', undefined],
    ['se', undefined],
    ['set', ' key value [NX|XX] [EX seconds]'],
    ['SET ', 'key value [NX|XX] [EX seconds]'],
    ['set k', ' value [NX|XX] [EX seconds]'],
    ['set k v ', '[NX|XX] [EX seconds]'],
    ['set k v NX ', '[NX|XX] [EX seconds]'],
    ['set "k', undefined],
    ['object', undefined],
    ['object freq ', 'key'],
    ['object freq k', undefined],
  ])('hints behind %j', (line, expected) => expect(hint(line, docs)).toBe(expected));

  it('completes commands in the case that was typed', () => {
    expect(completions('s', docs)).toEqual(['set', 'sort']);
    expect(completions('SO', docs)).toEqual(['SORT']);
    expect(completions('object f', docs)).toEqual(['object freq']);
    expect(completions('help @', docs)).toEqual(['help @generic', 'help @string']);
    expect(completions('help s', docs)).toEqual(['help set', 'help sort']);
    expect(completions('nothing', docs)).toEqual([]);
  });

  it('finds help by command, by container and by group', () => {
    expect(helpText(['set'], docs)).toContain('Set a value');
    expect(helpText(['set'], docs)).toContain('string');
    expect(helpText(['object'], docs).match(/summary/g)).toHaveLength(2);
    expect(helpText(['object', 'FREQ'], docs).match(/summary/g)).toHaveLength(1);
    expect(helpText(['@generic'], docs).match(/summary/g)).toHaveLength(4);
    expect(helpText(['nothing'], docs)).toBe('\r\n');
  });
});
