import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../protocol/bytes.js';
import { type Reply, ReplyDecoder } from '../protocol/reply-tree.js';
import { type OutputFormat, printsText, renderPush, renderReply } from './render.js';

function reply(resp: string): Reply {
  const decoder = new ReplyDecoder();
  decoder.append(fromLatin1(resp.replaceAll('|', '\r\n')));
  const whole = decoder.next();
  if (!whole || !decoder.idle) throw new Error(`not one reply: ${resp}`);
  return whole;
}

function render(resp: string, format: OutputFormat): string {
  return renderReply(reply(resp), { format, elementDelimiter: '\n', replyDelimiter: '\n' });
}

describe('rendering replies', () => {
  it.each([
    ['+OK|', 'OK\n', 'OK\n', '"OK"\n', '"OK"\n'],
    [
      '-ERR no "x"|',
      '(error) ERR no "x"\n',
      'ERR no "x"\n\n',
      'ERROR,"ERR no \\"x\\""\n',
      'error:"ERR no \\"x\\""\n',
    ],
    [':42|', '(integer) 42\n', '42\n', '42\n', '42\n'],
    [
      ':9007199254740993|',
      '(integer) 9007199254740993\n',
      '9007199254740993\n',
      '9007199254740993\n',
      '9007199254740993\n',
    ],
    [
      '$5|a\0\n\xe9"|',
      '"a\\x00\\n\\xe9\\""\n',
      'a\0\n\xe9"\n',
      '"a\\x00\\n\\xe9\\""\n',
      '"a\\u0000\\n\xe9\\""\n',
    ],
    ['$-1|', '(nil)\n', '\n', 'NULL\n', 'null\n'],
    ['_|', '(nil)\n', '\n', 'NULL\n', 'null\n'],
    [',3.10|', '(double) 3.10\n', '3.10\n', '3.10\n', '3.10\n'],
    ['#t|', '(true)\n', '(true)\n', 'true\n', 'true\n'],
    [
      '(123456789012345678901|',
      '(big number) 123456789012345678901\n',
      '123456789012345678901\n',
      '123456789012345678901\n',
      '123456789012345678901\n',
    ],
    ['=7|txt:a\tb|', 'a\tb\n', 'a\tb\n', '"a\\tb"\n', '"a\\tb"\n'],
    ['*0|', '(empty array)\n', '\n', '\n', '[]\n'],
    ['%0|', '(empty hash)\n', '\n', '\n', '{}\n'],
    ['~0|', '(empty set)\n', '\n', '\n', '[]\n'],
    ['*2|:1|$1|a|', '1) (integer) 1\n2) "a"\n', '1\na\n', '1,"a"\n', '[1,"a"]\n'],
    ['~1|:1|', '1~ (integer) 1\n', '1\n', '1\n', '[1]\n'],
    ['%1|$1|a|$1|b|', '1# "a" => "b"\n', 'a b\n', '"a","b"\n', '{"a":"b"}\n'],
    ['%1|:1|#f|', '1# (integer) 1 => (false)\n', '1 (false)\n', '1,false\n', '{"1":false}\n'],
  ])('%j in every format', (resp, standard, raw, csv, json) => {
    expect(render(resp, 'standard')).toBe(standard);
    expect(render(resp, 'raw')).toBe(raw);
    expect(render(resp, 'csv')).toBe(csv);
    expect(render(resp, 'json')).toBe(json);
  });

  it('numbers nested arrays in columns', () => {
    expect(render('*2|*2|$1|a|*1|$1|b|:1|', 'standard')).toBe(
      ['1) 1) "a"', '   2) 1) "b"', '2) (integer) 1', ''].join('\n'),
    );
  });

  it('widens the columns from ten elements on', () => {
    const lines = render(`*10|${':1|'.repeat(9)}*2|:1|:2|`, 'standard').split('\n');
    expect(lines[0]).toBe(' 1) (integer) 1');
    expect(lines[9]).toBe('10) 1) (integer) 1');
    expect(lines[10]).toBe('    2) (integer) 2');
  });

  it("starts a map's multi-line value on a line of its own", () => {
    expect(render('%2|$1|a|*2|:1|:2|$1|b|*1|:1|', 'standard')).toBe(
      ['1# "a" => ', '   1) (integer) 1', '   2) (integer) 2', '2# "b" => 1) (integer) 1', ''].join('\n'),
    );
  });

  it('doubles backslashes in quoted JSON', () => {
    expect(render('$2|\xe9\n|', 'quoted-json')).toBe('"\\\\xe9\\\\n"\n');
  });

  it('uses the delimiters in raw output', () => {
    const style = { format: 'raw', elementDelimiter: ';', replyDelimiter: '.' } as const;
    expect(renderReply(reply('*2|:1|*2|:2|:3|'), style)).toBe('1;2;3.');
  });

  it('says which keys a push invalidates', () => {
    const push = reply('>2|$10|invalidate|*2|$1|a|$1|b|');
    const style = { elementDelimiter: '\n', replyDelimiter: '\n' };
    expect(renderPush(push, { ...style, format: 'standard' })).toBe("-> invalidate: 'a', 'b'\n");
    expect(renderPush(push, { ...style, format: 'csv' })).toBe('"invalidate","a","b"\n');
    const flushed = reply('>2|$10|invalidate|_|');
    expect(renderPush(flushed, { ...style, format: 'standard' })).toBe('1) "invalidate"\n2) (nil)\n');
  });

  it.each([
    [['INFO', 'server'], true],
    [['cluster', 'nodes'], true],
    [['cluster', 'nodes', 'x'], false],
    [['cluster', 'slots'], false],
    [['client', 'list', 'id', '1'], true],
    [['latency', 'graph', 'command'], true],
    [['get', 'info'], false],
  ])('knows whether %j answers text', (args, expected) => expect(printsText(args)).toBe(expected));
});
