import { describe, expect, it } from 'vitest';
import { quote, splitArguments, unquote } from './quoting.js';

describe('splitting a line into arguments', () => {
  it.each([
    ['', []],
    ['  \t ', []],
    ['get key', ['get', 'key']],
    ['  get\tkey \r', ['get', 'key']],
    ['set k "a b"', ['set', 'k', 'a b']],
    ['set k ""', ['set', 'k', '']],
    ["''", ['']],
    ['"\\x41\\x0a\\xff"', ['A\n\xff']],
    ['"\\xzz\\q\\"\\\\"', ['xzzq"\\']],
    ['"\\n\\r\\t\\b\\a"', ['\n\r\t\b\x07']],
    ["'a\\'b\\n'", ["a'b\\n"]],
    ["'\\\\ '", ['\\\\ ']],
    ['a"b c"', ['ab c']],
    ["it's'", ['its']],
    ['caf\xc3\xa9', ['caf\xc3\xa9']],
  ])('%j', (line, expected) => expect(splitArguments(line)).toEqual(expected));

  it.each(['"a', "'a", '"a"b', "'a'b", '"a\\"', '"a\\', "'\\\\'"])('rejects %j', (line) =>
    expect(splitArguments(line)).toBeUndefined());
});

describe('quoting', () => {
  it('shows every byte in printable characters', () => {
    expect(quote('a"b\\c\n\r\t\x07\b\0\x1f \x7f\xe9~')).toBe(
      '"a\\"b\\\\c\\n\\r\\t\\a\\b\\x00\\x1f \\x7f\\xe9~"',
    );
  });

  it('is read back by unquote', () => {
    const all = String.fromCharCode(...Array(256).keys());
    expect(unquote(quote(all))).toBe(all);
  });

  it('takes exactly one quoted argument', () => {
    expect(unquote('a b')).toBeUndefined();
    expect(unquote('')).toBeUndefined();
    expect(unquote('"a')).toBeUndefined();
  });
});
