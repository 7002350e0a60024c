import { describe, expect, it } from 'vitest';
import { connect, LoneNode } from '../../../test/support/lone-node.js';

/** A field of the client's line in CLIENT LIST. */
function field(lone: LoneNode, name: string, of: string): number {
  const line = lone
    .send('CLIENT', 'LIST')
    .split('\n')
    .find((each) => each.includes(` name=${name} `));
  return Number(new RegExp(` ${of}=(\\d+)`).exec(line ?? '')?.[1]);
}

describe('the memory of clients', () => {
  it('is what has arrived of a request, what is queued, watched and subscribed to', () => {
    const lone = new LoneNode();
    const client = connect(lone);
    client.send('CLIENT', 'SETNAME', 'c');
    const idle = field(lone, 'c', 'tot-mem');
    client.raw(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$50000\r\n${'v'.repeat(20_000)}`);
    expect(field(lone, 'c', 'qbuf')).toBe(20_000);
    expect(field(lone, 'c', 'argv-mem')).toBe('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$50000\r\n'.length);
    expect(field(lone, 'c', 'tot-mem')).toBeGreaterThanOrEqual(idle + 20_000);
    client.raw(`${'v'.repeat(30_000)}\r\n`);
    expect(field(lone, 'c', 'tot-mem')).toBe(idle);
    client.send('WATCH', 'a', 'b');
    expect(field(lone, 'c', 'tot-mem')).toBeGreaterThan(idle);
    client.send('MULTI');
    client.send('SET', 'k', 'v'.repeat(1000));
    expect(field(lone, 'c', 'multi-mem')).toBeGreaterThan(1000);
    client.send('EXEC');
    expect(field(lone, 'c', 'multi-mem')).toBe(0);
  });

  it('ends the largest when all together are beyond maxmemory-clients, but nobody who is protected', () => {
    const lone = new LoneNode();
    const clients = ['small', 'large', 'protected'].map((name) => {
      const client = connect(lone);
      client.send('CLIENT', 'SETNAME', name);
      if (name === 'protected') client.send('CLIENT', 'NO-EVICT', 'ON');
      const size = name === 'small' ? 10_000 : 200_000;
      client.raw(`*1\r\n$${size}\r\n${'v'.repeat(size - 1)}`);
      return client;
    });
    lone.send('CONFIG', 'SET', 'maxmemory-clients', '300000');
    expect(clients.map(({ closed }) => closed)).toEqual([false, true, false]);
    expect(lone.send('INFO', 'stats')).toContain('evicted_clients:1\r\n');
    expect(lone.lines.join('\n')).toMatch(/Evicting client: .* name=large /);
    lone.send('CONFIG', 'SET', 'maxmemory-clients', '1');
    expect(clients.map(({ closed }) => closed)).toEqual([true, true, false]);
  });

  it('can be a share of maxmemory', () => {
    const lone = new LoneNode();
    lone.send('CONFIG', 'SET', 'maxmemory', '10mb', 'maxmemory-clients', '1%');
    const client = connect(lone);
    client.raw(`*1\r\n$500000\r\n${'v'.repeat(50_000)}`);
    expect(client.closed).toBe(false);
    client.raw('v'.repeat(60_000));
    expect(client.closed).toBe(true);
  });

  it('ends who sends more than client-query-buffer-limit without a request', () => {
    const lone = new LoneNode();
    lone.send('CONFIG', 'SET', 'client-query-buffer-limit', '1mb');
    const client = connect(lone);
    client.raw(`*1\r\n$5000000\r\n${'v'.repeat(1_000_000)}`);
    expect(client.closed).toBe(false);
    client.raw('v'.repeat(100_000));
    expect(client.closed).toBe(true);
    expect(lone.lines.join('\n')).toContain('Closing client that reached max query buffer length');
  });
});
