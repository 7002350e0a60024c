import { describe, expect, it } from 'vitest';
import { connect, LoneNode } from '../../test/support/lone-node.js';

/** What comes back for commands that arrive together. */
function pipeline(lone: LoneNode, ...commands: string[]): string {
  lone.takeOutput();
  lone.sendTogether(...commands.map((command) => command.split(' ')));
  return lone.takeOutput();
}

// Several requests of a pipeline are read before the first of them runs (lookahead.ts); nobody may be able to tell.
describe('a pipeline', () => {
  it('is answered in order, however long it is', () => {
    const lone = new LoneNode();
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    expect(pipeline(lone, ...numbers.map((n) => `SET k${n} v${n}`))).toBe('+OK\r\n'.repeat(100));
    expect(pipeline(lone, ...numbers.map((n) => `GETRANGE k${n} 1 -1`))).toBe(
      numbers.map((n) => `$${`${n}`.length}\r\n${n}\r\n`).join(''),
    );
  });

  it('works on large collections, which may go meanwhile', () => {
    const lone = new LoneNode();
    const numbers = Array.from({ length: 1000 }, (_, i) => i);
    expect(pipeline(lone, ...numbers.map((n) => `HSET hash f${n} v${n}`))).toBe(':1\r\n'.repeat(1000));
    expect(pipeline(lone, ...numbers.map((n) => `SADD set m${n}`))).toBe(':1\r\n'.repeat(1000));
    expect(pipeline(lone, ...numbers.map((n) => `ZADD zset ${n} m${n}`))).toBe(':1\r\n'.repeat(1000));
    expect(pipeline(lone, 'HGET hash f7', 'HLEN hash', 'HDEL hash f7', 'HGET hash f7')).toBe(
      '$2\r\nv7\r\n:1000\r\n:1\r\n$-1\r\n',
    );
    expect(pipeline(lone, 'SISMEMBER set m7', 'SREM set m7', 'DEL set', 'SADD set m7')).toBe(
      ':1\r\n:1\r\n:1\r\n:1\r\n',
    );
    expect(pipeline(lone, 'ZSCORE zset m7', 'ZINCRBY zset 2 m7', 'ZRANK zset m9', 'ZCARD zset')).toBe(
      '$1\r\n7\r\n$1\r\n9\r\n:9\r\n:1000\r\n',
    );
  });

  it('ends where a client says goodbye', () => {
    const lone = new LoneNode();
    expect(pipeline(lone, 'SET k 1', 'QUIT', 'SET k 2')).toBe('+OK\r\n+OK\r\n');
    expect(connect(lone).send('GET', 'k')).toBe('$1\r\n1\r\n');
  });

  it('waits where a command blocks, and goes on from there', () => {
    const lone = new LoneNode();
    expect(pipeline(lone, 'SET k 1', 'BLPOP list 0', 'INCR k', 'INCR k')).toBe('+OK\r\n');
    const other = connect(lone);
    expect(other.send('GET', 'k')).toBe('$1\r\n1\r\n');
    other.send('RPUSH', 'list', 'a');
    expect(lone.takeOutput()).toBe('*2\r\n$4\r\nlist\r\n$1\r\na\r\n:2\r\n:3\r\n');
  });

  it('waits where writes are paused, and goes on with the command that had to wait', () => {
    const lone = new LoneNode();
    expect(pipeline(lone, 'SET k 1', 'CLIENT PAUSE 1000 WRITE', 'GET k', 'INCR k', 'GET k')).toBe(
      '+OK\r\n+OK\r\n$1\r\n1\r\n',
    );
    lone.advance(1001);
    expect(lone.takeOutput()).toBe(':2\r\n$1\r\n2\r\n');
  });

  it('has the limits of a stranger until it has authenticated, and then no more', () => {
    const stranger = () => new LoneNode({ requirepass: 'secret' });
    const long = 'MSET a 1 b 2 c 3 d 4 e 5 f 6';
    expect(pipeline(stranger(), 'PING', 'AUTH secret', long)).toBe(
      '-NOAUTH Authentication required.\r\n+OK\r\n+OK\r\n',
    );
    expect(pipeline(stranger(), 'PING', long, 'PING')).toBe(
      '-NOAUTH Authentication required.\r\n-ERR Protocol error: unauthenticated multibulk length\r\n',
    );
  });

  it('may select another database, open a transaction, turn replies off', () => {
    const lone = new LoneNode();
    expect(pipeline(lone, 'SET k 1', 'SELECT 1', 'SET k 2', 'SELECT 0', 'GET k')).toBe(
      '+OK\r\n+OK\r\n+OK\r\n+OK\r\n$1\r\n1\r\n',
    );
    expect(pipeline(lone, 'MULTI', 'INCR k', 'INCR k', 'EXEC', 'GET k')).toBe(
      '+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:2\r\n:3\r\n$1\r\n3\r\n',
    );
    expect(
      pipeline(
        lone,
        'CLIENT REPLY SKIP',
        'PING',
        'GET k',
        'CLIENT REPLY OFF',
        'GET k',
        'CLIENT REPLY ON',
        'PING',
      ),
    ).toBe('$1\r\n3\r\n+OK\r\n+PONG\r\n');
  });
});
