import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AbortError,
  AllNodesFailedError,
  type Client,
  ClosedError,
  type CommandTrace,
  type ConnectionEvent,
  connect,
  createClient,
  createCluster,
  ReplyError,
  TimeoutError,
  type TopologyEvent,
  UsageError,
} from '../../src/client/index.js';
import { slotOf } from '../../src/client/keys.js';
import { freePorts } from '../support/ports.js';
import { RedisCluster } from './redis-cluster.js';

const FIRST = await freePorts(50);
const seed = `localhost:${FIRST + 2}`;
let cluster: RedisCluster;
let client: Client;

beforeAll(async () => {
  cluster = await RedisCluster.start(FIRST, 3);
  client = await connect(seed);
});

afterAll(async () => {
  client?.destroy();
  await cluster?.stop();
});

/** Moves a slot from one master to the other, in steps that the test decides about. */
async function openSlot(slot: number): Promise<{ from: number; to: number; finish: () => Promise<void> }> {
  const from = await cluster.masterOf(slot, FIRST);
  const to = [FIRST, FIRST + 1, FIRST + 2].find((port) => port !== from)!;
  const [fromId, toId] = await Promise.all([from, to].map((port) => cluster.ask(port, 'CLUSTER', 'MYID')));
  await cluster.ask(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(fromId));
  await cluster.ask(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(toId));
  const finish = async () => {
    for (const port of [to, from]) await cluster.ask(port, 'CLUSTER', 'SETSLOT', slot, 'NODE', String(toId));
  };
  return { from, to, finish };
}

async function migrate(key: string, from: number, to: number): Promise<void> {
  await cluster.ask(from, 'MIGRATE', '127.0.0.1', to, key, 0, 5000);
}

describe('a cluster client', () => {
  it("does what the article's program does, given one node", async () => {
    const own = createCluster(seed);
    expect(await own.set('key', 'value')).toBe('OK');
    expect(await own.get('key')).toBe('value');
    expect(await own.get('key2')).toBeNull();
    await own.close();
  });

  it('finds every slot, and many commands at once', async () => {
    const keys = Array.from({ length: 2000 }, (_, i) => `many:${i}`);
    await Promise.all(keys.map((key, i) => client.set(key, i)));
    const values = await Promise.all(keys.map((key) => client.get(key)));
    expect(values).toEqual(keys.map((_, i) => String(i)));
  });

  it('spreads MGET, MSET, DEL, EXISTS, TOUCH and UNLINK over slots, values in key order', async () => {
    expect(await client.mSet({ s1: 1, s2: 2, s3: 3, s4: 'vier' })).toBe('OK');
    expect(await client.mGet(['s4', 'none', 's1', 's2', 's1'])).toEqual(['vier', null, '1', '2', '1']);
    expect(await client.exists(['s1', 's2', 'none', 's1'])).toBe(3);
    expect(await client.touch(['s1', 's2', 'none'])).toBe(2);
    expect(await client.unlink(['s1', 'none'])).toBe(1);
    expect(await client.del(['s1', 's2', 's3', 's4'])).toBe(3);
    expect(await client.call('MSET', 'x1', '1', 'x2', '2')).toBe('OK');
    expect(await client.call('MGET', 'x2', 'x1')).toEqual(['2', '1']);
  });

  it('asks all masters where a command concerns them all', async () => {
    await client.flushAll();
    await client.mSet({ a: 1, b: 2, c: 3, d: 4 });
    expect(await client.dbSize()).toBe(4);
    expect((await client.keys('*')).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(await client.flushAll()).toBe('OK');
    expect(await client.dbSize()).toBe(0);
  });

  it('gives shards the same shape in RESP2 and RESP3', async () => {
    for (const resp of [2, 3] as const) {
      const own = createCluster(seed, { resp });
      const shards = await own.clusterShards();
      expect(shards.map(({ slots }) => slots).sort(([a], [b]) => a - b)[0]).toEqual([0, 5460]);
      const roles = shards.map(({ nodes }) => nodes.map(({ role }) => role).sort());
      expect(roles, `RESP${resp}`).toEqual(Array(3).fill(['master', 'replica']));
      await own.close();
    }
  });

  it('carries text beyond ASCII and bytes, in keys and values', async () => {
    const bytes = Buffer.from([0, 13, 10, 255, 128]);
    await client.set('schlüssel', 'größe 😀');
    expect(await client.get('schlüssel')).toBe('größe 😀');
    expect(await client.get(Buffer.from('schlüssel'))).toBe('größe 😀');
    await client.set(bytes, bytes);
    expect(await client.bytes.get(bytes)).toEqual(bytes);
    expect(await client.bytes.mGet([bytes, 'none'])).toEqual([bytes, null]);
  });

  it('rejects with the words of the server', async () => {
    await client.call('RPUSH', 'list', 'a');
    const error = await client.get('list').catch((reason) => reason);
    expect(error).toBeInstanceOf(ReplyError);
    expect(error.code).toBe('WRONGTYPE');
    await expect(client.call('RENAME', 'a', 'b')).rejects.toThrow(/^CROSSSLOT/);
  });

  it('follows ASK while a slot moves, waits out TRYAGAIN, and follows MOVED afterwards', async () => {
    const [here, there] = ['{move}here', '{move}there'];
    const slot = slotOf('move');
    await client.mSet([
      [here, '1'],
      [there, '2'],
    ]);
    const { from, to, finish } = await openSlot(slot);
    await migrate(there, from, to);
    expect(await client.get(here)).toBe('1');
    expect(await client.get(there)).toBe('2');
    // One key on each side: only when both are on one side can the server answer.
    const both = client.mGet([here, there]);
    await sleep(50);
    await migrate(here, from, to);
    expect(await both).toEqual(['1', '2']);
    await finish();
    expect(await client.get(there)).toBe('2');
    expect(await client.incr(there)).toBe(3);
  });

  it('times out a command in flight and stays usable', async () => {
    const port = await cluster.masterOf(slotOf('slow'), FIRST);
    const sleeping = cluster.ask(port, 'DEBUG', 'SLEEP', '0.4');
    await sleep(50);
    const error = await client
      .with({ timeout: 60 })
      .incr('slow')
      .catch((reason) => reason);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ outcome: 'unknown', command: 'INCR', slot: slotOf('slow') });
    const aborted = client.with({ signal: AbortSignal.timeout(20) }).incr('slow');
    await expect(aborted).rejects.toThrow(AbortError);
    await sleeping;
    expect(await client.incr('slow')).toBe(3);
  });

  it('says what to do when the wrong kind of client is used', async () => {
    const single = createClient(seed);
    const moved = ['a', 'b', 'c'].map((key) => single.get(key));
    const errors = (await Promise.allSettled(moved)).flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason] : [],
    );
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(error).toBeInstanceOf(UsageError);
      expect(error.message).toContain(`use createCluster('${seed}')`);
    }
    await single.close();
    await expect(client.call('subscribe', 'news')).rejects.toThrow('use client.subscribe()');
    await expect(client.call('MULTI')).rejects.toThrow('use client.multi()');
    await expect(client.call('scan', 0)).rejects.toThrow('use client.scanIterator()');
    expect(() => createCluster(seed, { db: 3 })).toThrow('a cluster has only database 0');
    expect(() => createCluster([])).toThrow('no address was given');
    expect(() => createCluster('localhost:seven')).toThrow('is not an address');
  });

  it("lists every address's reason when none answers, and finds the one that does", async () => {
    const error = await connect(['127.0.0.1:21998', '127.0.0.1:21999']).catch((reason) => reason);
    expect(error).toBeInstanceOf(AllNodesFailedError);
    expect([...error.reasons.keys()]).toEqual(['127.0.0.1:21998', '127.0.0.1:21999']);
    expect(error.message.match(/ECONNREFUSED/g)).toHaveLength(2);
    const own = await connect(['127.0.0.1:21998', seed]);
    expect(own.isCluster).toBe(true);
    await own.close();
  });

  it('is not held up by an address that accepts and never answers', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(21997, '127.0.0.1', resolve));
    const start = performance.now();
    const own = await connect(['127.0.0.1:21997', seed]);
    expect(performance.now() - start).toBeLessThan(3000);
    own.destroy();
    silent.close();
  });

  it('reaches nodes through an address map', async () => {
    const asked: string[] = [];
    const own = await connect(seed, {
      addressMap: (announced) => {
        asked.push(announced);
        return announced.replace('127.0.0.1', 'localhost');
      },
    });
    await own.set('mapped', '1');
    expect(asked).toContain(`127.0.0.1:${FIRST}`);
    await own.close();
  });

  it('reads from replicas when told to, and from the master when they are gone', async () => {
    await client.set('replicated', 'yes');
    await client.call('WAIT', 1, 1000);
    const master = await cluster.masterOf(slotOf('replicated'), FIRST);
    const replica = await cluster.replicaOf(master);
    const reads = async () => {
      const stats = String(await cluster.ask(replica, 'INFO', 'commandstats'));
      return Number(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    for (const readFrom of ['replica', 'nearest', () => 0] as const) {
      const before = await reads();
      const own = await connect(seed, { readFrom });
      for (let i = 0; i < 5; i++) expect(await own.get('replicated')).toBe('yes');
      if (readFrom !== 'nearest') expect(await reads()).toBe(before + 5);
      await own.set('replicated', 'yes');
      await own.close();
    }
    const own = await connect(seed, { readFrom: 'replica' });
    await own.get('replicated');
    await cluster.kill(replica);
    for (let i = 0; i < 5; i++) expect(await own.get('replicated')).toBe('yes');
    await own.close();
    cluster.launch(replica);
    await cluster.settled();
  });

  it('runs a transaction as one, also while its slot moves', async () => {
    const [set, count, missing] = await client.multi((t) => [
      t.set('{tx}a', 'x'),
      t.incrBy('{tx}n', 5),
      t.get('{tx}none'),
    ]);
    expect([set, count, missing]).toEqual(['OK', 5, null]);
    const { from, to, finish } = await openSlot(slotOf('tx'));
    for (const key of ['{tx}a', '{tx}n']) await migrate(key, from, to);
    expect(await client.multi((t) => [t.get('{tx}a'), t.incr('{tx}n')])).toEqual(['x', 6]);
    await finish();
    expect(await client.multi((t) => [t.incr('{tx}n')])).toEqual([7]);
    await expect(client.multi((t) => [t.incr('{tx}a')])).rejects.toThrow('not an integer');
    await expect(client.multi((t) => [t.get('one'), t.get('two')])).rejects.toThrow(/common hash tag/);
    await expect(client.multi((t) => [t.call('NONSENSE'), t.get('{tx}a')])).rejects.toThrow(
      /unknown command/,
    );
  });

  it('tries a watched change again when somebody else was faster', async () => {
    await client.set('stock', 10);
    let disturbed = 0;
    const result = await client.watch('stock', async (session) => {
      const stock = Number(await session.get('stock'));
      if (disturbed++ < 2) await client.set('stock', stock + 100);
      return session.multi((t) => [t.set('stock', stock - 1), t.get('stock')]);
    });
    expect(result).toEqual(['OK', '209']);
    expect(disturbed).toBe(3);
    await Promise.all(
      Array.from({ length: 10 }, () =>
        client.watch('stock', async (session) => {
          const stock = Number(await session.get('stock'));
          await session.multi((t) => [t.set('stock', stock - 1)]);
        }),
      ),
    );
    expect(await client.get('stock')).toBe('199');
  });

  it('lets blocking commands wait without holding up others', async () => {
    const popped = client.call('BLPOP', 'queue', 0);
    expect(await client.set('{queue}other', 1)).toBe('OK');
    await client.call('RPUSH', 'queue', 'job');
    expect(await popped).toEqual(['queue', 'job']);
    // What waited in vain takes nothing away afterwards.
    const given = client.with({ timeout: 40 }).call('BLPOP', 'queue', 0);
    await expect(given).rejects.toThrow(TimeoutError);
    await cluster.until('the server has noticed', async () => {
      const info = await cluster.ask(await cluster.masterOf(slotOf('queue'), FIRST), 'INFO', 'clients');
      return String(info).includes('blocked_clients:0');
    });
    await client.call('RPUSH', 'queue', 'kept');
    expect(await client.call('LRANGE', 'queue', 0, -1)).toEqual(['kept']);
  });

  it('runs a script by its digest, and sends it whole where it is unknown', async () => {
    const script = `return redis.call('INCRBY', KEYS[1], ARGV[1]) -- ${performance.now()}`;
    for (const key of ['script:1', 'script:2', 'script:3']) {
      expect(await client.eval(script, { keys: [key], arguments: [5] })).toBe(5);
      expect(await client.eval(script, { keys: [key], arguments: [5] })).toBe(10);
    }
    await expect(client.eval('nonsense')).rejects.toThrow(/Error compiling script/);
  });

  it('reports commands, connections and the slot map to diagnostics channels', async () => {
    const seen: string[] = [];
    const onStart = (message: unknown) => void seen.push(`start ${(message as CommandTrace).command}`);
    const onEnd = (message: unknown) => void seen.push(`end ${(message as CommandTrace).result}`);
    const onConnection = (message: unknown) => void seen.push((message as ConnectionEvent).event);
    const onTopology = (message: unknown) =>
      void seen.push(`${(message as TopologyEvent).map.length} shards`);
    const channels = [
      ['tracing:hexis:command:start', onStart],
      ['tracing:hexis:command:asyncEnd', onEnd],
      ['hexis:connection', onConnection],
      ['hexis:topology', onTopology],
    ] as const;
    for (const [name, listener] of channels) subscribe(name, listener);
    const own = createCluster(seed);
    await own.set('traced', 'yes');
    await own.close();
    for (const [name, listener] of channels) unsubscribe(name, listener);
    expect(seen).toEqual(expect.arrayContaining(['start SET', 'open', '3 shards', 'end OK']));
    expect(seen.indexOf('end OK')).toBeGreaterThan(seen.indexOf('start SET'));
  });

  it('scans the whole cluster', async () => {
    await client.flushAll();
    await client.mSet(Array.from({ length: 500 }, (_, i) => [`scan:${i}`, i] as const));
    const found = new Set<string>();
    for await (const keys of client.scanIterator({ match: 'scan:*', count: 100 })) {
      for (const key of keys) found.add(key);
    }
    expect(found.size).toBe(500);
  });

  it('finishes what is under way when it closes, and takes nothing more', async () => {
    const own = await connect(seed);
    const calls = Array.from({ length: 100 }, (_, i) => own.set(`closing:${i}`, i));
    await own.close();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['OK']));
    await expect(own.get('closing:1')).rejects.toThrow(ClosedError);
    await own.close();
  });

  it('refuses more commands than may wait', async () => {
    const own = createCluster(seed, { queueLimit: 10 });
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => own.get('same')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    const refused = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toMatchObject({ name: 'QueueFullError', outcome: 'not executed' });
    own.destroy();
  });
});
