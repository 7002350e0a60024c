/** What the design promises against strangers: who is let in, what they may send, what it may cost. */
import { describe, expect, it } from 'vitest';
import { protectedModeRefusal } from '../../src/node/protected-mode.js';
import { allocateZeroed, fromLatin1 } from '../../src/protocol/bytes.js';
import { globMatch } from '../../src/protocol/glob.js';
import { COMPLETE, INCOMPLETE, RequestParser } from '../../src/protocol/request-parser.js';
import { connect, LoneNode } from '../support/lone-node.js';

const UNLIMITED = { maxArguments: 2 ** 31, maxBulkLength: 512 * 1024 * 1024, authenticated: true };

describe('protected mode', () => {
  const refuses = (on: boolean, hasPassword: boolean, address: string) =>
    protectedModeRefusal({ 'protected-mode': on }, hasPassword, address)?.slice(0, 7) === '-DENIED';

  it('turns away who comes from elsewhere while there is no password', () => {
    expect(refuses(true, false, '10.0.0.7')).toBe(true);
    expect(refuses(true, false, '2001:db8::1')).toBe(true);
  });

  it('lets in the own machine, who knows a password, and everybody when it is off', () => {
    for (const address of ['127.0.0.1', '127.3.4.5', '::1', ''])
      expect(refuses(true, false, address)).toBe(false);
    expect(refuses(true, true, '10.0.0.7')).toBe(false);
    expect(refuses(false, false, '10.0.0.7')).toBe(false);
  });
});

describe('a web page that speaks HTTP', () => {
  it.each([
    'POST / HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET\r\nHost: x\r\nSET k v\r\n',
    'host: x\r\nSET k v\r\n',
  ])('is cut off before it can do anything: %j', (text) => {
    const lone = new LoneNode();
    const page = connect(lone);
    page.raw(text);
    expect(page.closed).toBe(true);
    expect(lone.send('DBSIZE')).toBe(':0\r\n');
    expect(lone.lines.join('\n')).toContain('Possible SECURITY ATTACK detected');
  });
});

describe('who has not authenticated', () => {
  const lone = new LoneNode({ requirepass: 'secret' });
  const stranger = (text: string) => {
    const client = connect(lone);
    return { reply: client.raw(text), closed: client.closed };
  };

  it('may run nothing but what it needs for that', () => {
    for (const command of ['GET k', 'CONFIG GET *', 'MULTI', 'SUBSCRIBE x', 'COMMAND', 'EVAL x 0']) {
      expect(stranger(`${command}\r\n`).reply).toBe('-NOAUTH Authentication required.\r\n');
    }
    expect(stranger('AUTH wrong\r\n').reply).toMatch(/^-WRONGPASS/);
    expect(stranger('AUTH secret\r\nPING\r\n').reply).toBe('+OK\r\n+PONG\r\n');
  });

  it('may send ten arguments', () => {
    expect(stranger('*11\r\n')).toEqual({
      reply: '-ERR Protocol error: unauthenticated multibulk length\r\n',
      closed: true,
    });
    expect(stranger('*10\r\n').closed).toBe(false);
  });

  it('may send 16 KB in one', () => {
    expect(stranger('*2\r\n$4\r\nAUTH\r\n$16385\r\n')).toEqual({
      reply: '-ERR Protocol error: unauthenticated bulk length\r\n',
      closed: true,
    });
    expect(stranger('*2\r\n$4\r\nAUTH\r\n$16384\r\n').closed).toBe(false);
  });

  it('may send 64 KB of a line', () => {
    expect(stranger('x'.repeat(60_000)).closed).toBe(false);
    expect(stranger('x'.repeat(70_000)).reply).toBe('-ERR Protocol error: too big inline request\r\n');
  });
});

describe('a declared length', () => {
  it('costs nothing before the bytes are there', () => {
    const lone = new LoneNode();
    const client = connect(lone);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 50; i++) connect(lone).raw('*2147483647\r\n$536870912\r\nx');
    client.raw('*2147483647\r\n$536870912\r\n');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  });

  it('is not believed by the parser either', () => {
    const parser = new RequestParser();
    const bytes = fromLatin1('*2147483647\r\n$3\r\nGET\r\n');
    expect(parser.parse(bytes, bytes.length, UNLIMITED)).toBe(INCOMPLETE);
    expect(parser.request.starts.length).toBeLessThan(100);
    parser.reset();
    parser.position = 0;
    const whole = fromLatin1('*1\r\n$4\r\nPING\r\n');
    expect(parser.parse(whole, whole.length, UNLIMITED)).toBe(COMPLETE);
  });
});

describe('a hostile glob pattern', () => {
  it('costs at most pattern times text', () => {
    const text = allocateZeroed(20_000).fill(0x61);
    const pattern = fromLatin1(`${'a*'.repeat(200)}b`);
    // Exponential for a matcher that recurses at every asterisk: it would not end in anybody's lifetime.
    expect(globMatch(pattern, 0, pattern.length, text, 0, text.length)).toBe(false);
  });
});

describe('a client that does not read', () => {
  it('is ended by its output buffer limit', () => {
    const lone = new LoneNode();
    lone.send('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 10000 0 0');
    lone.send('SET', 'k', 'v'.repeat(3000));
    const client = connect(lone, true);
    for (let i = 0; i < 3; i++) client.send('GET', 'k');
    expect(client.closed).toBe(false);
    client.send('GET', 'k');
    expect(client.closed).toBe(true);
  });
});
