import { describe, expect, it } from 'vitest';
import { type Bytes, fromLatin1, fromUtf8, latin1 } from './bytes.js';
import { type Reply, ReplyDecoder, ReplyFormatError, type ReplyLimits } from './reply-tree.js';

/** All replies in the text, given in pieces of `step` bytes. */
function decode(text: string, step = text.length, limits?: Partial<ReplyLimits>): Reply[] {
  const decoder = new ReplyDecoder(limits);
  const replies: Reply[] = [];
  for (let at = 0; at < text.length; at += step) {
    decoder.append(fromLatin1(text.slice(at, at + step)));
    for (let reply = decoder.next(); reply; reply = decoder.next()) replies.push(reply);
  }
  return replies;
}

function bytes(text: string): Bytes {
  return fromLatin1(text);
}

const one: Reply = { type: 'integer', value: 1n };
const bulk = (text: string): Reply => ({ type: 'bulk', value: bytes(text) });

const valid: [text: string, reply: Reply][] = [
  ['+OK\r\n', { type: 'simple', value: bytes('OK') }],
  ['+\r\n', { type: 'simple', value: bytes('') }],
  ['-ERR no\r\n', { type: 'error', value: bytes('ERR no'), bulk: false }],
  ['!5\r\nE a\r\n\r\n', { type: 'error', value: bytes('E a\r\n'), bulk: true }],
  [':1\r\n', one],
  [':0\r\n', { type: 'integer', value: 0n }],
  [':-9223372036854775808\r\n', { type: 'integer', value: -(2n ** 63n) }],
  [':9223372036854775807\r\n', { type: 'integer', value: 2n ** 63n - 1n }],
  ['$5\r\na\r\n\0\xff\r\n', bulk('a\r\n\0\xff')],
  ['$0\r\n\r\n', bulk('')],
  ['$-1\r\n', { type: 'null', form: 'bulk' }],
  ['*-1\r\n', { type: 'null', form: 'array' }],
  ['_\r\n', { type: 'null', form: 'resp3' }],
  ['#t\r\n', { type: 'boolean', value: true }],
  ['#f\r\n', { type: 'boolean', value: false }],
  [',3.10\r\n', { type: 'double', value: 3.1, text: '3.10' }],
  [',-1e-7\r\n', { type: 'double', value: -1e-7, text: '-1e-7' }],
  [',inf\r\n', { type: 'double', value: Number.POSITIVE_INFINITY, text: 'inf' }],
  [',-inf\r\n', { type: 'double', value: Number.NEGATIVE_INFINITY, text: '-inf' }],
  [',nan\r\n', { type: 'double', value: Number.NaN, text: 'nan' }],
  ['(-123456789012345678901234567890\r\n', { type: 'big-number', value: -123456789012345678901234567890n }],
  ['=8\r\ntxt:a\r\nb\r\n', { type: 'verbatim', format: 'txt', value: bytes('a\r\nb') }],
  ['*0\r\n', { type: 'array', items: [] }],
  ['%0\r\n', { type: 'map', entries: [] }],
  ['*2\r\n*1\r\n:1\r\n$1\r\na\r\n', { type: 'array', items: [{ type: 'array', items: [one] }, bulk('a')] }],
  ['~1\r\n:1\r\n', { type: 'set', items: [one] }],
  ['>2\r\n$1\r\na\r\n~0\r\n', { type: 'push', items: [bulk('a'), { type: 'set', items: [] }] }],
  ['%1\r\n$1\r\na\r\n*1\r\n:1\r\n', { type: 'map', entries: [[bulk('a'), { type: 'array', items: [one] }]] }],
  ['|1\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n', { ...bulk('b'), attributes: [[bulk('a'), one]] }],
  ['|0\r\n:1\r\n', { ...one, attributes: [] }],
  [
    '*2\r\n:1\r\n|1\r\n$1\r\na\r\n*1\r\n:1\r\n*1\r\n:1\r\n',
    {
      type: 'array',
      items: [
        one,
        { type: 'array', items: [one], attributes: [[bulk('a'), { type: 'array', items: [one] }]] },
      ],
    },
  ],
  [
    '|1\r\n$1\r\na\r\n:1\r\n|1\r\n$1\r\nb\r\n:1\r\n:1\r\n',
    {
      ...one,
      attributes: [
        [bulk('a'), one],
        [bulk('b'), one],
      ],
    },
  ],
];

const invalid: [why: string, text: string][] = [
  ['unknown type', '@1\r\n'],
  ['inline text', 'HTTP/1.1 200\r\n'],
  ['no type', '\r\n'],
  ['lone CR', '+a\rb\r\n'],
  ['lone LF', '+a\nb\r\n'],
  ['integer with spaces', ': 1\r\n'],
  ['integer with plus', ':+1\r\n'],
  ['integer with leading zero', ':01\r\n'],
  ['minus zero', ':-0\r\n'],
  ['empty integer', ':\r\n'],
  ['integer beyond 64 bits', ':9223372036854775808\r\n'],
  ['bulk of length -2', '$-2\r\n'],
  ['bulk of length -1 in words', '$-01\r\n'],
  ['bulk of hexadecimal length', '$0x1\r\na\r\n'],
  ['bulk without its CRLF', '$1\r\nabc\r\n'],
  ['streamed bulk', '$?\r\n'],
  ['streamed array', '*?\r\n'],
  ['null set', '~-1\r\n'],
  ['null map', '%-1\r\n'],
  ['null bulk error', '!-1\r\n'],
  ['boolean', '#true\r\n'],
  ['null with value', '_a\r\n'],
  ['double in words', ',one\r\n'],
  ['empty double', ',\r\n'],
  ['hexadecimal double', ',0x10\r\n'],
  ['big number', '(1.5\r\n'],
  ['empty big number', '(\r\n'],
  ['verbatim too short', '=3\r\ntxt\r\n'],
  ['verbatim without colon', '=5\r\ntext:\r\n'],
  ['error inside an array', '*2\r\n:1\r\n:x\r\n'],
];

describe('reply trees', () => {
  it.each(valid)('decodes %j whole, in any pieces, and twice in a row', (text, reply) => {
    expect(decode(text)).toEqual([reply]);
    for (let step = 1; step <= 3; step++) expect(decode(text + text, step)).toEqual([reply, reply]);
  });

  it.each(valid)('asks for more at every cut of %j', (text) => {
    for (let cut = 0; cut < text.length; cut++) expect(decode(text.slice(0, cut))).toEqual([]);
  });

  it.each(invalid)('rejects %s', (_why, text) => {
    expect(() => decode(text)).toThrow(ReplyFormatError);
    expect(() => decode(text, 1)).toThrow(ReplyFormatError);
  });

  it('keeps failing once the stream is broken', () => {
    const decoder = new ReplyDecoder();
    decoder.append(fromUtf8('@\r\n'));
    expect(() => decoder.next()).toThrow(ReplyFormatError);
    decoder.append(fromUtf8('+OK\r\n'));
    expect(() => decoder.next()).toThrow(ReplyFormatError);
  });

  it('believes no declared length: a huge header alone is incomplete and costs nothing', () => {
    expect(decode('*4294967295\r\n')).toEqual([]);
    expect(decode('$1073741824\r\n')).toEqual([]);
    expect(() => decode('$1073741825\r\n')).toThrow(ReplyFormatError);
    expect(() => decode('*4294967296\r\n')).toThrow(ReplyFormatError);
    expect(() => decode('$99999999999999999999\r\n')).toThrow(ReplyFormatError);
  });

  it('holds the limits it is given', () => {
    expect(() => decode('$4\r\n', 9, { bulkLength: 3 })).toThrow(ReplyFormatError);
    expect(() => decode('+abcd', 9, { lineLength: 3 })).toThrow(ReplyFormatError);
    expect(decode('+abc\r\n', 1, { lineLength: 3 })).toHaveLength(1);
    expect(() => decode('*3\r\n', 9, { elements: 2 })).toThrow(ReplyFormatError);
    expect(decode('*1\r\n*1\r\n:1\r\n', 9, { depth: 2 })).toHaveLength(1);
    expect(() => decode('*1\r\n*1\r\n*1\r\n:1\r\n', 9, { depth: 2 })).toThrow(ReplyFormatError);
    expect(() => decode('*1\r\n'.repeat(2000))).toThrow(ReplyFormatError);
  });

  it('keeps replies intact when its buffer is reused', () => {
    const decoder = new ReplyDecoder();
    decoder.append(fromUtf8('$3\r\nabc\r\n'));
    const first = decoder.next();
    decoder.append(fromUtf8(`$5000\r\n${'x'.repeat(5000)}\r\n`));
    decoder.next();
    expect(first).toEqual(bulk('abc'));
    expect(decoder.idle).toBe(true);
  });

  it('hands over the bytes behind a reply when the stream changes its protocol', () => {
    const decoder = new ReplyDecoder();
    decoder.append(fromUtf8('+FULLRESYNC\r\n$EOF:'));
    decoder.next();
    expect(latin1(decoder.takeRest())).toBe('$EOF:');
    expect(decoder.idle).toBe(true);
  });
});
