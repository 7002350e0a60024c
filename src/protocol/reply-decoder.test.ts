import { describe, expect, it } from 'vitest';
import { fromLatin1, fromUtf8 } from './bytes.js';
import { type Reply, ReplyDecoder, ReplyError, ReplyFormatError } from './reply-decoder.js';

function decoded(
  text: string,
  pieceSize = text.length,
  binary = false,
): { replies: Reply[]; pushes: Reply[] } {
  const replies: Reply[] = [];
  const pushes: Reply[] = [];
  const decoder = new ReplyDecoder({
    reply: (value) => void replies.push(value),
    push: (items) => void pushes.push(items),
  });
  decoder.binary = binary;
  const bytes = fromUtf8(text);
  // One buffer is reused for every piece, as a socket may do.
  const piece = new Uint8Array(pieceSize);
  for (let at = 0; at < bytes.length; at += pieceSize) {
    const part = bytes.subarray(at, at + pieceSize);
    piece.set(part);
    const view = Buffer.from(piece.buffer, 0, part.length);
    decoder.decode(view);
    view.fill(0x21);
  }
  return { replies, pushes };
}

const one = (text: string) => decoded(text).replies[0];

describe('replies', () => {
  it('decodes every RESP2 type', () => {
    expect(one('+OK\r\n')).toBe('OK');
    expect(one('+PONG\r\n')).toBe('PONG');
    expect(one(':-12\r\n')).toBe(-12);
    expect(one('$5\r\nhe\r\no\r\n')).toBe('he\r\no');
    expect(one('$0\r\n\r\n')).toBe('');
    expect(one('$-1\r\n')).toBeNull();
    expect(one('*-1\r\n')).toBeNull();
    expect(one('*0\r\n')).toEqual([]);
    expect(one('*2\r\n*1\r\n:1\r\n$1\r\na\r\n')).toEqual([[1], 'a']);
  });

  it('decodes every RESP3 type', () => {
    expect(one('_\r\n')).toBeNull();
    expect(one('#t\r\n')).toBe(true);
    expect(one('#f\r\n')).toBe(false);
    expect(one(',1.5\r\n')).toBe(1.5);
    expect(one(',-inf\r\n')).toBe(Number.NEGATIVE_INFINITY);
    expect(one(',nan\r\n')).toBeNaN();
    expect(one('(3492890328409238509324850943850943825024385\r\n')).toBe(
      3492890328409238509324850943850943825024385n,
    );
    expect(one('=15\r\ntxt:Some string\r\n')).toBe('Some string');
    expect(one('%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n')).toEqual(
      new Map<Reply, Reply>([
        ['a', 1],
        ['b', [2]],
      ]),
    );
    expect(one('~2\r\n+a\r\n+b\r\n')).toEqual(new Set(['a', 'b']));
  });

  it('keeps integers beyond 2^53 exact', () => {
    expect(one(':9007199254740991\r\n')).toBe(9007199254740991);
    expect(one(':9223372036854775807\r\n')).toBe(9223372036854775807n);
    expect(one(':-9223372036854775808\r\n')).toBe(-9223372036854775808n);
  });

  it('gives errors as values that know their code', () => {
    const moved = one('-MOVED 1525 127.0.0.1:7000\r\n') as ReplyError;
    expect(moved).toBeInstanceOf(ReplyError);
    expect(moved.code).toBe('MOVED');
    expect(moved.message).toBe('MOVED 1525 127.0.0.1:7000');
    expect((one('!9\r\nERR wrong\r\n') as ReplyError).code).toBe('ERR');
    const inside = one('*2\r\n+OK\r\n-WRONGTYPE no\r\n') as Reply[];
    expect((inside[1] as ReplyError).code).toBe('WRONGTYPE');
  });

  it('separates pushes from replies and drops attributes', () => {
    const { replies, pushes } = decoded(
      '*2\r\n:1\r\n:2\r\n>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n|1\r\n+ttl\r\n:3\r\n*2\r\n|1\r\n+x\r\n:1\r\n:8\r\n:9\r\n',
    );
    expect(replies).toEqual([
      [1, 2],
      [8, 9],
    ]);
    expect(pushes).toEqual([['invalidate', ['k']]]);
  });

  it('gives the same values whatever the pieces are', () => {
    const text =
      '$6\r\nzürich\r\n*2\r\n%1\r\n+a\r\n$3\r\nb\r\n\r\n:7\r\n-ERR x\r\n_\r\n+OK\r\n=7\r\ntxt:abc\r\n';
    const fixed = text.replace('$6', '$7');
    const whole = decoded(fixed);
    expect(whole.replies).toHaveLength(6);
    for (let size = 1; size < 20; size++) expect(decoded(fixed, size)).toEqual(whole);
  });

  it('joins a large value once', () => {
    const large = 'x'.repeat(1_000_000);
    expect(decoded(`$1000000\r\n${large}\r\n`, 4096).replies).toEqual([large]);
  });

  it('refuses a header line that never ends, in whatever pieces', () => {
    for (const size of [1000, 100_000]) {
      expect(() => decoded(`+${'x'.repeat(100_000)}`, size), `${size}`).toThrow('endless');
    }
  });

  it('gives bulk strings as bytes on request', () => {
    const { replies } = decoded('*2\r\n$2\r\nab\r\n+OK\r\n', 3, true);
    expect(replies).toEqual([[fromLatin1('ab'), 'OK']]);
    expect(decoded('>1\r\n$2\r\nab\r\n', 3, true).pushes).toEqual([['ab']]);
  });

  it('refuses what is not RESP', () => {
    for (const text of ['HTTP/1.1 400\r\n', '$x\r\n', '$\r\n', ':1\rx', '$99999999999999999\r\n']) {
      expect(() => decoded(text), text).toThrow(ReplyFormatError);
    }
  });
});
