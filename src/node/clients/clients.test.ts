import { describe, expect, it } from 'vitest';
import { connect, LoneNode } from '../../../test/support/lone-node.js';

describe('clients', () => {
  it('are refused beyond maxclients', () => {
    const lone = new LoneNode({ maxclients: '2' });
    const second = connect(lone);
    const third = connect(lone);
    expect(third.output).toBe('-ERR max number of clients reached\r\n');
    expect(third.closed).toBe(true);
    expect(second.send('PING')).toBe('+PONG\r\n');
    expect(lone.send('INFO', 'stats')).toContain('rejected_connections:1\r\n');
  });

  it('are disconnected when they have been silent for longer than timeout', () => {
    const lone = new LoneNode({ timeout: '10' });
    const [silent, listening] = [connect(lone), connect(lone)];
    listening.send('SUBSCRIBE', 'x');
    lone.time.advance(9000);
    lone.send('PING');
    expect(silent.closed).toBe(false);
    lone.time.advance(3000);
    expect([silent.closed, listening.closed]).toEqual([true, false]);
    expect(lone.send('PING')).toBe('+PONG\r\n');
  });

  it('are disconnected at once when more waits for them than the hard limit', () => {
    const lone = new LoneNode();
    lone.send('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1000 0 0');
    const listener = connect(lone, true);
    listener.send('SUBSCRIBE', 'x');
    for (let i = 0; i < 9; i++) lone.send('PUBLISH', 'x', 'm'.repeat(60));
    expect(listener.closed).toBe(false);
    for (let i = 0; i < 2; i++) lone.send('PUBLISH', 'x', 'm'.repeat(60));
    expect(listener.closed).toBe(true);
    expect(lone.send('PUBLISH', 'x', 'm')).toBe(':0\r\n');
    expect(lone.lines.join('\n')).toContain('closed for overcoming of output buffer limits.');
  });

  it('are disconnected in the middle of a reply that would never end', () => {
    const lone = new LoneNode();
    lone.send('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 1000000 0 0');
    for (const [make, draw] of [
      ['HSET k a 1', 'HRANDFIELD k -999999999 WITHVALUES'],
      ['SADD k a', 'SRANDMEMBER k -999999999'],
      ['ZADD k 1 a', 'ZRANDMEMBER k -999999999'],
    ]) {
      lone.send('DEL', 'k');
      lone.send(...make.split(' '));
      const client = connect(lone);
      expect(client.send(...draw.split(' '))).toBe('');
      expect(client.closed).toBe(true);
      expect(lone.send('EXISTS', 'k')).toBe(':1\r\n');
    }
  });

  it('get nothing of a reply that is beyond the hard limit', () => {
    const lone = new LoneNode();
    lone.send('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 1000 0 0');
    const client = connect(lone);
    lone.send('SET', 'k', 'v'.repeat(2000));
    expect(client.send('GET', 'k')).toBe('');
    expect(client.closed).toBe(true);
  });

  it('are disconnected when more than the soft limit has waited for too long', () => {
    const lone = new LoneNode();
    lone.send('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 0 1000 5');
    const listener = connect(lone, true);
    listener.send('SUBSCRIBE', 'x');
    lone.send('PUBLISH', 'x', 'm'.repeat(2000));
    lone.time.advance(4000);
    expect(listener.closed).toBe(false);
    lone.time.advance(3000);
    expect(listener.closed).toBe(true);
  });

  it('wait as long as writes are paused, and keys do not expire', () => {
    const lone = new LoneNode();
    const writer = connect(lone);
    lone.send('SET', 'k', 'v', 'PX', '100');
    lone.send('CLIENT', 'PAUSE', '1000', 'WRITE');
    expect(writer.send('SET', 'a', '1')).toBe('');
    expect(lone.send('INFO', 'clients')).toContain('blocked_clients:1\r\n');
    lone.time.advance(500);
    expect(lone.send('GET', 'k')).toBe('$-1\r\n');
    expect(lone.send('DBSIZE')).toBe(':1\r\n');
    lone.time.advance(600);
    lone.node.endOfTurn();
    expect(writer.output).toBe('+OK\r\n');
    lone.time.advance(200);
    expect(lone.send('DBSIZE')).toBe(':1\r\n');
  });
});
