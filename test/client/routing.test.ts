/** How a cluster client finds its way: what it asks for, how often, and when it gives up. The nodes are made up. */
import { describe, expect, it } from 'vitest';
import { connect, ReplyError } from '../../src/client/index.js';
import { slotOf } from '../../src/client/keys.js';
import { type Answer, bulk, error, slotsReply } from './fake-cluster.js';
import { at, HALF, kept, keyIn, outcomeOf, twoHalves, until } from './fake-scene.js';

/** Enough keys for every slot of interest. */
const KEYS = Array.from({ length: 500 }, (_, i) => `key:${i}`);

describe('MOVED', () => {
  /** From the time when there is a target it has everything: by the word of the other node, and by the map, if there is one. */
  const elsewhere =
    (target: () => string, map: () => string): Answer =>
    (words, _socket, self) => {
      if (target() === '') return undefined;
      if (words[0] === 'CLUSTER') return map();
      const misplaced = words[0] === 'INCR' && self.address !== target();
      return misplaced ? error(`MOVED ${slotOf(words[1])} ${target()}`) : undefined;
    };

  it('corrects the slot at once: the next command goes straight to the new node', async () => {
    let target = '';
    const noMap = () => error('ERR not now');
    const [lower, upper] = await twoHalves(elsewhere(() => target, noMap));
    const client = kept(await connect(lower.address));
    target = upper.address;
    const asked = lower.count('CLUSTER') + upper.count('CLUSTER');
    expect(await client.incr(keyIn('lower'))).toBe(1);
    expect(await client.incr(keyIn('lower'))).toBe(2);
    expect(lower.count('INCR')).toBe(1);
    expect(upper.count('INCR')).toBe(2);
    // The whole map is looked at behind it.
    await until(() => lower.count('CLUSTER') + upper.count('CLUSTER') > asked);
  });

  it('of many commands causes one look at the map', async () => {
    let target = '';
    const map = () => slotsReply([[0, 16383, at(upper)]]);
    const [lower, upper] = await twoHalves(elsewhere(() => target, map));
    const client = kept(await connect(lower.address));
    target = upper.address;
    const asked = lower.count('CLUSTER');
    await Promise.all(KEYS.map((key) => client.incr(key)));
    expect(lower.count('INCR')).toBeGreaterThan(200);
    await until(() => lower.count('CLUSTER') > asked);
    expect(lower.count('CLUSTER')).toBe(asked + 1);
  });

  it('is followed so many times and no more', async () => {
    let other = (_self: string) => '';
    const [lower, upper] = await twoHalves(([name, key], _socket, self) =>
      name === 'INCR' ? error(`MOVED ${slotOf(key)} ${other(self.address)}`) : undefined,
    );
    other = (self) => (self === lower.address ? upper.address : lower.address);
    const client = kept(
      await connect(lower.address, { maxRedirects: 4, retryPause: { first: 1, longest: 1 } }),
    );
    const failure = await outcomeOf(client.incr(keyIn('lower')));
    expect(failure).toBeInstanceOf(ReplyError);
    expect(failure).toMatchObject({ code: 'MOVED', attempts: 5, slot: slotOf(keyIn('lower')) });
    expect(lower.count('INCR') + upper.count('INCR')).toBe(5);
  });
});

describe('the slot map', () => {
  it('is looked at from time to time, over connections that are there already', async () => {
    const [lower] = await twoHalves();
    const client = kept(await connect(lower.address, { refreshInterval: 20 }));
    await client.set(keyIn('lower'), 'x');
    const greetings = lower.count('HELLO');
    const asked = lower.count('CLUSTER');
    await until(() => lower.count('CLUSTER') >= asked + 3);
    expect(lower.count('HELLO')).toBe(greetings);
  });

  it('is asked for once by however many commands wait for it', async () => {
    const [lower] = await twoHalves();
    const client = kept(await connect(lower.address, { refreshInterval: 0 }));
    await Promise.all(KEYS.map((key) => client.get(key)));
    expect(lower.count('CLUSTER')).toBe(1);
  });
});

describe('many keys', () => {
  it('of MGET leave in one write for each node', async () => {
    const [lower, upper] = await twoHalves(([name, ...keys]) =>
      name === 'MGET' ? `*${keys.length}\r\n${keys.map(bulk).join('')}` : undefined,
    );
    const client = kept(await connect(lower.address));
    await client.mGet([keyIn('lower'), keyIn('upper')]); // both are connected
    const writes = [lower.writes, upper.writes];
    expect(await client.mGet(KEYS)).toEqual(KEYS);
    const slots = new Set(KEYS.map(slotOf));
    expect(slots.size).toBeGreaterThan(400);
    expect(lower.count('MGET')).toBe([...slots].filter((slot) => slot <= HALF).length + 1);
    expect([lower.writes, upper.writes]).toEqual(writes.map((n) => n + 1));
  });
});
