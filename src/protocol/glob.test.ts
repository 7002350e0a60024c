import { describe, expect, it } from 'vitest';
import { fromLatin1 } from './bytes.js';
import { globMatch } from './glob.js';

function matches(pattern: string, text: string, nocase = false): boolean {
  const p = fromLatin1(`<${pattern}>`);
  const t = fromLatin1(`<${text}>`);
  return globMatch(p, 1, p.length - 1, t, 1, t.length - 1, nocase);
}

describe('globMatch', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', false],
    ['**', 'abc', true],
    ['a*c', 'abbc', true],
    ['a*c', 'abcd', false],
    ['*of', 'a list of', true],
    ['a*b*c', 'a1b2b3c', true],
    ['a*b*c', 'acb', false],
    ['h?llo', 'hello', true],
    ['h?llo', 'hllo', false],
    ['h[ae]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[a-b]llo', 'hbllo', true],
    ['h[b-a]llo', 'hallo', true],
    ['h[a-b]llo', 'hcllo', false],
    ['a\\*c', 'a*c', true],
    ['a\\*c', 'abc', false],
    ['[\\]]', ']', true],
    ['[]', 'a', false],
    ['[^]', 'a', true],
    ['[ab', 'b', true],
    ['\\', '\\', true],
    ['*[0-9]', 'key7', true],
  ])('%s and %s: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it('ignores case when told so', () => {
    expect(matches('MAX*', 'maxmemory')).toBe(false);
    expect(matches('MAX*', 'maxmemory', true)).toBe(true);
    expect(matches('[A-C]', 'b', true)).toBe(true);
  });

  it('takes a hostile pattern in bounded time', () => {
    expect(matches(`${'a*'.repeat(2000)}b`, 'a'.repeat(4000))).toBe(false);
  });
});
