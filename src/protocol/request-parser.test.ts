import { describe, expect, it } from 'vitest';
import { concat, fromLatin1 } from './bytes.js';
import { COMPLETE, encodeRequest, INCOMPLETE, INVALID, READ_AHEAD, RequestParser } from './request-parser.js';

const LIMITS = { maxArguments: 1024 * 1024, maxBulkLength: 512 * 1024 * 1024, authenticated: true };

function words(parser: RequestParser): string[] {
  return Array.from({ length: parser.request.argc }, (_, i) => parser.request.latin1(i));
}

/** Feeds the text in pieces of `size` bytes, as a session does, and answers the requests and the error. */
function feed(text: string, size = text.length, limits = LIMITS): { requests: string[][]; error: string } {
  const parser = new RequestParser();
  const requests: string[][] = [];
  const whole = fromLatin1(text);
  let kept = whole.subarray(0, 0);
  let partial: ReturnType<RequestParser['suspend']> | undefined;
  for (let at = 0; at < whole.length; at += size) {
    const buffer = concat([kept, whole.subarray(at, at + size)]);
    parser.position = 0;
    if (partial) parser.resume(partial);
    partial = undefined;
    for (;;) {
      const result = parser.parse(buffer, buffer.length, limits);
      if (result === COMPLETE) requests.push(words(parser));
      else if (result === INVALID) return { requests, error: parser.error };
      else break;
    }
    if (parser.suspended) {
      const begin = parser.request.first;
      partial = parser.suspend();
      kept = buffer.subarray(begin);
    } else kept = buffer.subarray(parser.position);
  }
  return { requests, error: '' };
}

describe('request parser', () => {
  it('reads the same requests however the bytes are cut', () => {
    const text =
      '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n\r\nget "a b"\r\n*-1\r\n*1\r\n$4\r\nPING\r\nECHO x\n';
    for (let size = 1; size <= text.length; size++) {
      expect(feed(text, size)).toEqual({
        requests: [['SET', 'k', ''], ['get', 'a b'], ['PING'], ['ECHO', 'x']],
        error: '',
      });
    }
  });

  it('reads ahead, and goes back to where it is told', () => {
    const parser = new RequestParser();
    const text = `${'*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n'.repeat(READ_AHEAD)}*1\r\n$4\r\nPI`;
    const buffer = fromLatin1(text);
    const names: string[] = [];
    const readSeveral = () => {
      const count = parser.parseSeveral(buffer, buffer.length, LIMITS);
      names.push(...parser.ahead.slice(0, count).map((request) => request.latin1(0)));
      return count;
    };
    expect([readSeveral(), parser.result]).toEqual([READ_AHEAD, COMPLETE]);
    parser.goTo(parser.ahead[READ_AHEAD - 2].next); // as if the last had not been read
    expect([readSeveral(), parser.result]).toEqual([READ_AHEAD, COMPLETE]);
    expect([readSeveral(), parser.result]).toEqual([1, INCOMPLETE]);
    expect(names).toEqual([
      ...Array(READ_AHEAD / 2)
        .fill(['GET', 'PING'])
        .flat(),
      ...Array(READ_AHEAD / 2)
        .fill(['PING', 'GET'])
        .flat(),
      'PING',
    ]);
    parser.goTo(parser.ahead[0].next);
    expect(readSeveral()).toBe(0);
    const partial = parser.suspend();
    parser.resume(partial);
    expect(parser.parseSeveral(fromLatin1('*1\r\n$4\r\nPING\r\n'), 14, LIMITS)).toBe(1);
    expect(parser.ahead[0].latin1(0)).toBe('PING');
  });

  it("says what is wrong in Redis's words", () => {
    const error = (text: string, limits = LIMITS) => feed(text, text.length, limits).error;
    expect(error('*x\r\n')).toBe('Protocol error: invalid multibulk length');
    expect(error('*3000000000\r\n')).toBe('Protocol error: invalid multibulk length');
    expect(error('*1\r\nx3\r\n')).toBe("Protocol error: expected '$', got 'x'");
    expect(error('*1\r\n$-1\r\n')).toBe('Protocol error: invalid bulk length');
    expect(error('*1\r\n$2000000000\r\n')).toBe('Protocol error: invalid bulk length');
    expect(error('set "a\r\n')).toBe('Protocol error: unbalanced quotes in request');
    expect(error('x'.repeat(65537))).toBe('Protocol error: too big inline request');
    expect(error(`*${'1'.repeat(65537)}`)).toBe('Protocol error: too big mbulk count string');
    expect(error(`*1\r\n$${'1'.repeat(65537)}`)).toBe('Protocol error: too big bulk count string');
    const stranger = { maxArguments: 10, maxBulkLength: 16384, authenticated: false };
    expect(error('*11\r\n', stranger)).toBe('Protocol error: unauthenticated multibulk length');
    expect(error('*1\r\n$16385\r\n', stranger)).toBe('Protocol error: unauthenticated bulk length');
  });

  it('waits behind a zero byte in a line, whatever follows', () => {
    const hello = '\x16\x03\x01\x02\x00\x01\x00\n';
    expect(feed(`${hello}FLUSHALL\r\n`)).toEqual({ requests: [], error: '' });
    expect(feed(`PING\r\n${hello}FLUSHALL\r\n`)).toEqual({ requests: [['PING']], error: '' });
    expect(feed(hello + 'x'.repeat(65536)).error).toBe('Protocol error: too big inline request');
  });

  it('answers incomplete, not invalid, for every prefix of a request', () => {
    const bytes = encodeRequest(['SET', 'key', 'value']);
    for (let end = 0; end < bytes.length; end++) {
      const parser = new RequestParser();
      expect(parser.parse(bytes, end, LIMITS), `cut at ${end}`).toBe(INCOMPLETE);
    }
  });

  it('keeps the range of the request itself for propagation', () => {
    const first = encodeRequest(['PING']);
    const second = encodeRequest(['SET', 'k', 'v']);
    const parser = new RequestParser();
    const buffer = concat([first, second]);
    parser.parse(buffer, buffer.length, LIMITS);
    expect(parser.parse(buffer, buffer.length, LIMITS)).toBe(COMPLETE);
    expect(parser.request.first).toBe(first.length);
    expect(parser.request.last).toBe(buffer.length);
  });
});
