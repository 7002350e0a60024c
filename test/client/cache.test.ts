import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../src/client/index.js';
import { slotOf } from '../../src/client/keys.js';
import { freePorts } from '../support/ports.js';
import { RedisCluster } from './redis-cluster.js';

const FIRST = await freePorts(50);
let cluster: RedisCluster;
let client: Client;
let other: Client;

beforeAll(async () => {
  cluster = await RedisCluster.start(FIRST, 3);
  client = await connect(`127.0.0.1:${FIRST}`, { cache: { keys: 100 } });
  other = await connect(`127.0.0.1:${FIRST}`);
  // Nothing is kept before there is a connection.
  await client.dbSize();
});

afterAll(async () => {
  await client?.close();
  await other?.close();
  await cluster?.stop();
});

/** Whether the client answers this without asking the server. */
async function isKept(key: string): Promise<boolean> {
  const before = client.cacheStatistics!.hits;
  await client.get(key);
  return client.cacheStatistics!.hits > before;
}

describe('the cache', () => {
  it('keeps what was read, also that there is nothing', async () => {
    await client.set('a', '1');
    for (const key of ['a', 'none']) {
      expect(await isKept(key)).toBe(false);
      expect(await isKept(key)).toBe(true);
    }
    expect(await client.get('a')).toBe('1');
    expect(await client.get('none')).toBeNull();
    expect(await client.getRange('a', 0, 0)).toBe('1');
    expect(await client.bytes.get('a')).toEqual(Buffer.from('1'));
  });

  it('sees at once what it writes itself', async () => {
    await client.set('own', '1');
    for (let i = 0; i < 200; i++) {
      await client.get('own');
      await client.set('own', i);
      expect(await client.get('own')).toBe(String(i));
    }
    await client.del(['own', 'a']);
    expect(await client.get('own')).toBeNull();
  });

  it('forgets what somebody else changes', async () => {
    await other.set('shared', '1');
    expect(await client.get('shared')).toBe('1');
    await other.set('shared', '2');
    await cluster.until('the change is seen', async () => (await client.get('shared')) === '2');
    expect(await isKept('shared')).toBe(true);
    await other.flushAll();
    await cluster.until('the change is seen', async () => (await client.get('shared')) === null);
  });

  it('trusts nothing that another master or connection delivered', async () => {
    await client.set('{moving}', '1');
    await client.get('{moving}');
    expect(await isKept('{moving}')).toBe(true);
    const master = await cluster.masterOf(slotOf('moving'), FIRST);
    await cluster.ask(master, 'CLIENT', 'KILL', 'TYPE', 'normal');
    await cluster.ask(master, 'SET', '{moving}', '2');
    await cluster.until('the change is seen', async () => (await client.get('{moving}')) === '2');
    await client.get('{moving}');
    expect(await isKept('{moving}')).toBe(true);
    const replica = await cluster.replicaOf(master);
    await cluster.ask(replica, 'CLUSTER', 'FAILOVER');
    await cluster.until('the replica has taken over', async () => {
      return (await cluster.masterOf(slotOf('moving'), FIRST)) === replica;
    });
    await other.set('{moving}', '3');
    await cluster.until('the change is seen', async () => (await client.get('{moving}')) === '3');
  });

  it('takes no reply for a push, whatever it says', async () => {
    await client.call('RPUSH', 'tricky', 'message', 'subscribe', 'invalidate');
    expect(await client.call('LRANGE', 'tricky', 0, -1)).toEqual(['message', 'subscribe', 'invalidate']);
    expect(await client.ping()).toBe('PONG');
  });

  it('stays within its limit', async () => {
    for (let i = 0; i < 300; i++) await client.get(`limit:${i}`);
    expect(client.cacheStatistics!.keys).toBeLessThanOrEqual(100);
    expect(await isKept('limit:299')).toBe(true);
    expect(await isKept('limit:0')).toBe(false);
  });

  it('is refused where it cannot work', async () => {
    const seed = `127.0.0.1:${FIRST}`;
    await expect(connect(seed, { cache: true, resp: 2 })).rejects.toThrow('the cache needs RESP3');
    await expect(connect(seed, { cache: true, readFrom: 'any' })).rejects.toThrow('reads from masters');
  });
});
