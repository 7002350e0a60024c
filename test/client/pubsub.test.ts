import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect, createClient } from '../../src/client/index.js';
import { slotOf } from '../../src/client/keys.js';
import { freePorts } from '../support/ports.js';
import { RedisCluster } from './redis-cluster.js';

const FIRST = await freePorts(50);
let cluster: RedisCluster;
let client: Client;

beforeAll(async () => {
  cluster = await RedisCluster.start(FIRST, 3);
  client = await connect(`127.0.0.1:${FIRST}`);
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

/** Collects messages, and waits for so many of them. */
class Inbox {
  readonly messages: string[] = [];
  readonly gaps: Error[] = [];
  readonly listener = (message: string, channel: string) => void this.messages.push(`${channel}: ${message}`);
  readonly options = { onGap: (reason: Error) => void this.gaps.push(reason) };

  receives(...expected: string[]): Promise<void> {
    return cluster
      .until(`${expected} has come`, async () => this.messages.length >= expected.length)
      .then(() => expect(this.messages.splice(0)).toEqual(expected));
  }
}

describe('pub/sub on a cluster', () => {
  it('delivers channels and patterns, whichever node a message is published on', async () => {
    const inbox = new Inbox();
    const news = await client.subscribe(['news', 'weather'], inbox.listener);
    const all = await client.pSubscribe('n*', inbox.listener);
    for (const port of [FIRST, FIRST + 1, FIRST + 2]) await cluster.ask(port, 'PUBLISH', 'weather', port);
    await inbox.receives(...[0, 1, 2].map((i) => `weather: ${FIRST + i}`));
    await client.publish('news', 'hello');
    await inbox.receives('news: hello', 'news: hello');
    await all.close();
    await client.publish('news', 'once');
    await inbox.receives('news: once');
    await news.close();
    await client.publish('news', 'unheard');
    const last = await client.subscribe('last', inbox.listener);
    await client.publish('last', 'end');
    await inbox.receives('last: end');
    await last.close();
  });

  it('keeps the order of what one client publishes on a channel', async () => {
    const inbox = new Inbox();
    const news = await client.subscribe('ordered', inbox.listener);
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    await Promise.all(numbers.map((i) => client.publish('ordered', i)));
    await inbox.receives(...numbers.map((i) => `ordered: ${i}`));
    await client.multi((t) => [t.set('k', 1), t.publish('ordered', 'from a transaction')]);
    await inbox.receives('ordered: from a transaction');
    await news.close();
  });

  it('goes on after its connection was cut, and says that there was a gap', async () => {
    const inbox = new Inbox();
    const news = await client.subscribe('news', inbox.listener, inbox.options);
    for (const { port } of cluster.nodes) await cluster.ask(port, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
    await cluster.until('the gap is reported', async () => inbox.gaps.length > 0);
    await client.publish('news', 'again');
    await inbox.receives('news: again');
    expect(inbox.gaps[0].message).toContain('messages of news may have been missed');
    await news.close();
  });

  it('follows a sharded channel to the node that its slot moves to', async () => {
    const inbox = new Inbox();
    const shard = await client.sSubscribe('{shard}:1', inbox.listener, inbox.options);
    expect(await client.sPublish('{shard}:1', 'first')).toBe(1);
    await inbox.receives('{shard}:1: first');
    const slot = slotOf('shard');
    const from = await cluster.masterOf(slot, FIRST);
    const to = [FIRST, FIRST + 1].find((port) => port !== from)!;
    const id = String(await cluster.ask(to, 'CLUSTER', 'MYID'));
    for (const port of [to, from]) await cluster.ask(port, 'CLUSTER', 'SETSLOT', slot, 'NODE', id);
    await cluster.until('the gap is reported', async () => inbox.gaps.length > 0);
    expect(inbox.gaps[0].message).toContain('has moved');
    expect(await client.sPublish('{shard}:1', 'second')).toBe(1);
    await inbox.receives('{shard}:1: second');
    await shard.close();
  });

  it('survives the crash of the node it listens on', async () => {
    const inbox = new Inbox();
    const channel = '{crash}';
    const shard = await client.sSubscribe(channel, inbox.listener, inbox.options);
    const victim = await cluster.masterOf(slotOf('crash'), FIRST);
    await cluster.kill(victim);
    await cluster.until('the gap is reported', async () => inbox.gaps.length > 0);
    expect(await client.with({ timeout: 10_000 }).sPublish(channel, 'after')).toBe(1);
    await inbox.receives(`${channel}: after`);
    await shard.close();
  });

  it('delivers messages as bytes to whoever wants them, in RESP3 and RESP2', async () => {
    const bytes = Buffer.of(0, 255, 13, 10);
    for (const resp of [3, 2] as const) {
      const own = await connect(
        cluster.nodes.map(({ port }) => `127.0.0.1:${port}`),
        { resp },
      );
      const heard: Uint8Array[] = [];
      const texts = new Inbox();
      const raw = await own.bytes.subscribe('raw', (message) => void heard.push(message));
      const text = await own.subscribe('raw', texts.listener);
      await own.publish('raw', bytes);
      await own.publish('raw', 'text');
      await cluster.until('both have come', async () => heard.length === 2);
      expect(heard).toEqual([bytes, Buffer.from('text')]);
      await cluster.until('the text has come', async () => texts.messages.length === 2);
      expect(texts.messages[1]).toBe('raw: text');
      await raw.close();
      await text.close();
      await own.close();
    }
  });

  it('works in RESP2', async () => {
    const inbox = new Inbox();
    const own = await connect(
      cluster.nodes.map(({ port }) => `127.0.0.1:${port}`),
      { resp: 2 },
    );
    const news = await own.subscribe('old', inbox.listener);
    await own.publish('old', 'school');
    await inbox.receives('old: school');
    await news.close();
    await own.close();
  });

  it('rejects when nothing can be subscribed', async () => {
    const own = createClient('127.0.0.1:21999', { commandTimeout: 100 });
    await expect(own.subscribe('news', () => {})).rejects.toThrow('ECONNREFUSED');
    await own.close();
  });
});
