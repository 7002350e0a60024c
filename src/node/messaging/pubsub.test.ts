import { describe, expect, it } from 'vitest';
import { bitmapOf } from '../../cluster/slot-bitmap.js';
import { fromLatin1 } from '../../protocol/bytes.js';
import { keySlot } from '../../protocol/key-slot.js';
import { NO_LINK } from '../no-link.js';
import { Outbox } from '../outbox.js';
import { Session } from '../session.js';
import { Deliveries } from './deliveries.js';
import { PubSub } from './pubsub.js';

/** Listeners without a node: what each is sent, in RESP2. */
function stage() {
  const outbox = new Outbox({ outputBytes: 0, writes: 0 });
  const pubsub = new PubSub(new Deliveries(outbox));
  let ids = 0;
  const join = () => {
    const sent = { text: '' };
    const link = {
      ...NO_LINK,
      write(bytes: Uint8Array, start: number, end: number) {
        sent.text += Buffer.from(bytes.subarray(start, end)).toString('latin1');
        return true;
      },
    };
    const owner = {
      serve() {},
      sessionClosed() {},
      isServing: () => false,
      allowsOutput: () => true,
    };
    return { session: new Session(++ids, link, 0, owner), sent };
  };
  /** What everybody was sent since. */
  const flush = () => {
    outbox.writer.length = 0; // replies to SUBSCRIBE, which go with the caller's replies
    outbox.flush();
  };
  return { pubsub, join, flush };
}

const bytes = (text: string) => fromLatin1(text);

describe('PubSub', () => {
  it('sends a message to the listeners of the channel and of matching patterns', () => {
    const { pubsub, join, flush } = stage();
    const [a, b, c] = [join(), join(), join()];
    pubsub.subscribe(a.session, 'channel', 'news');
    pubsub.subscribe(b.session, 'pattern', 'n*');
    pubsub.subscribe(c.session, 'channel', 'sport');
    expect(pubsub.publish(bytes('news'), bytes('hello'))).toBe(2);
    flush();
    expect(a.sent.text).toBe('*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n');
    expect(b.sent.text).toBe('*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$5\r\nhello\r\n');
    expect(c.sent.text).toBe('');
  });

  it('keeps channels of slots and others apart', () => {
    const { pubsub, join } = stage();
    const { session } = join();
    pubsub.subscribe(session, 'shard', 'x');
    pubsub.subscribe(session, 'pattern', '*');
    expect(pubsub.publish(bytes('x'), bytes('m'), true)).toBe(1);
    expect(pubsub.publish(bytes('x'), bytes('m'))).toBe(1);
    expect(pubsub.countsOf(session)).toEqual({ channels: 0, patterns: 1, shardChannels: 1 });
  });

  it('forgets a session that has gone, and names that nobody listens to', () => {
    const { pubsub, join } = stage();
    const { session } = join();
    pubsub.subscribe(session, 'channel', 'x');
    pubsub.subscribe(session, 'pattern', 'y*');
    pubsub.subscribe(session, 'shard', 'z');
    expect(session.isSubscriber).toBe(true);
    pubsub.forget(session);
    expect(session.isSubscriber).toBe(false);
    expect(['channel', 'pattern', 'shard'].map((kind) => pubsub.count(kind as 'shard'))).toEqual([0, 0, 0]);
    expect(pubsub.publish(bytes('x'), bytes('m'))).toBe(0);
  });

  it('tells the listeners of a slot that has gone to another shard', () => {
    const { pubsub, join, flush } = stage();
    const [a, b] = [join(), join()];
    pubsub.subscribe(a.session, 'shard', 'x');
    pubsub.subscribe(a.session, 'shard', '{x}y');
    pubsub.subscribe(b.session, 'shard', 'other');
    pubsub.slotsReleased(bitmapOf([keySlot(bytes('x'), 0, 1)]));
    flush();
    expect(a.sent.text).toBe(
      '*3\r\n$12\r\nsunsubscribe\r\n$1\r\nx\r\n:1\r\n*3\r\n$12\r\nsunsubscribe\r\n$4\r\n{x}y\r\n:0\r\n',
    );
    expect(a.session.isSubscriber).toBe(false);
    expect(b.sent.text).toBe('');
    expect(pubsub.names('shard')).toEqual(['other']);
  });

  it('finds names by pattern, whatever bytes they have', () => {
    const { pubsub, join } = stage();
    const { session } = join();
    for (const name of ['a\xff', 'b', 'ab']) pubsub.subscribe(session, 'channel', name);
    expect(pubsub.names('channel', bytes('a*')).sort()).toEqual(['ab', 'a\xff']);
    expect(pubsub.names('channel')).toHaveLength(3);
  });
});
