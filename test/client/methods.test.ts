/** Typed methods against a real server: the same results in RESP3 and RESP2. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../../src/client/index.js';
import { RedisServer } from '../support/redis-server.js';

let server: RedisServer;

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(() => server?.stop());

describe.each([3, 2] as const)('typed methods in RESP%i', (resp) => {
  let c: Client;

  beforeAll(() => {
    c = createClient(`127.0.0.1:${server.port}`, { resp });
  });
  beforeEach(() => c.flushAll());
  afterAll(() => c?.close());

  it('strings and keys', async () => {
    expect(await c.set('k', '10')).toBe('OK');
    expect(await c.set('k', 'x', { nx: true })).toBeNull();
    expect(await c.set('k', 'x', { get: true, ex: 100 })).toBe('10');
    expect(await c.expire('k', 10, 'GT')).toBe(false);
    expect(await c.persist('k')).toBe(true);
    expect(await c.incrByFloat('f', 1.5)).toBe(1.5);
    expect(await c.mSet({ a: 1, b: 2 })).toBe('OK');
    expect(await c.mSetNX('a', 1)).toBe(false);
    expect(await c.mGet(['a', 'none'])).toEqual(['1', null]);
    expect(await c.copy('a', 'c', { replace: true })).toBe(true);
    expect(await c.objectEncoding('a')).toBe('int');
    expect(await c.setBit('bits', 7, 1)).toBe(0);
    expect(await c.bitField('bits', { get: { encoding: 'u8', offset: 0 } })).toEqual([1]);
    expect(await c.lcs('a', 'c', { idx: true })).toEqual({
      matches: [
        [
          [0, 0],
          [0, 0],
        ],
      ],
      len: 1,
    });
    expect(await c.lcs('a', 'c', { len: true })).toBe(1);
    expect(await c.pfAdd('hll', ['a', 'b'])).toBe(true);
  });

  it('hashes', async () => {
    expect(await c.hSet('h', { a: 1, b: 'two' })).toBe(2);
    expect(await c.hSet('h', 'a', 3)).toBe(0);
    expect(await c.hGetAll('h')).toEqual({ a: '3', b: 'two' });
    expect(await c.hGetAll('none')).toEqual({});
    expect(await c.hmGet('h', ['a', 'x'])).toEqual(['3', null]);
    expect(await c.hIncrByFloat('h', 'a', 0.5)).toBe(3.5);
    expect(await c.hExists('h', 'a')).toBe(true);
    expect((await c.hRandField('h', { count: 5, withvalues: true })).sort()).toEqual([
      ['a', '3.5'],
      ['b', 'two'],
    ]);
    expect(await c.hScan('h', 0, { count: 100 })).toEqual(['0', Object.entries({ a: '3.5', b: 'two' })]);
    const [cursor] = await c.hScan('h', '0', { match: 'a*' });
    expect(await c.hScan('h', cursor, { count: 100 })).toEqual(await c.hScan('h', 0, { count: 100 }));
  });

  it('lists and sets', async () => {
    expect(await c.rPush('l', ['a', 'b', 'a'])).toBe(3);
    expect(await c.lPos('l', 'a', { rank: -1 })).toBe(2);
    expect(await c.lPos('l', 'a', { count: 0 })).toEqual([0, 2]);
    expect(await c.lmPop(['none', 'l'], 'LEFT', { count: 2 })).toEqual(['l', ['a', 'b']]);
    expect(await c.lPop('l', 5)).toEqual(['a']);
    expect(await c.blPop(['l', 'm'], 0.01)).toBeNull();
    expect(await c.sAdd('s', ['x', 'y'])).toBe(2);
    expect(await c.sMembers('s')).toEqual(new Set(['x', 'y']));
    expect(await c.sInter(['s', 's'])).toEqual(new Set(['x', 'y']));
    expect(await c.smIsMember('s', ['x', 'z'])).toEqual([true, false]);
    expect(await c.sPop('s', 5)).toEqual(new Set(['x', 'y']));
    expect(await c.sPop('s')).toBeNull();
  });

  it('sorted sets', async () => {
    expect(
      await c.zAdd('z', [
        { score: 1.5, member: 'a' },
        { score: '+inf', member: 'b' },
      ]),
    ).toBe(2);
    expect(await c.zAdd('z', { score: 1, member: 'a' }, { incr: true })).toBe(2.5);
    expect(await c.zScore('z', 'b')).toBe(Number.POSITIVE_INFINITY);
    expect(await c.zScore('z', 'none')).toBeNull();
    expect(await c.zmScore('z', ['a', 'x'])).toEqual([2.5, null]);
    expect(await c.zRange('z', 0, -1)).toEqual(['a', 'b']);
    expect(await c.zRange('z', 0, 5, { byscore: true, withscores: true })).toEqual([['a', 2.5]]);
    expect(await c.zRangeByScore('z', 0, 5, { withscores: true })).toEqual([['a', 2.5]]);
    expect(await c.zRandMember('z', { count: 5, withscores: true })).toHaveLength(2);
    expect(await c.zUnion(['z', 'z'], { weights: [1, 2], withscores: true })).toEqual([
      ['a', 7.5],
      ['b', Number.POSITIVE_INFINITY],
    ]);
    expect(await c.zmPop('z', 'MAX')).toEqual(['z', [['b', Number.POSITIVE_INFINITY]]]);
    expect(await c.zPopMin('z')).toEqual(['a', 2.5]);
    expect(await c.zPopMin('z')).toBeNull();
    expect(await c.zPopMin('z', 2)).toEqual([]);
    await c.zAdd('z', { score: 1, member: 'a' });
    expect(await c.bzPopMax('z', 0)).toEqual(['z', 'a', 1]);
  });

  it('sorted sets, step by step', async () => {
    await c.zAdd('steps', [
      { score: 1, member: 'a' },
      { score: '+inf', member: 'b' },
    ]);
    expect(await c.zScan('steps', 0)).toEqual(['0', Object.entries({ a: 1, b: Number.POSITIVE_INFINITY })]);
  });

  it('streams', async () => {
    const first = await c.xAdd('x', '1-1', { a: 1 }, { maxlen: 1000, operator: '~' });
    expect(first).toBe('1-1');
    expect(await c.xAdd('none', '*', { a: 1 }, { nomkstream: true })).toBeNull();
    await c.xAdd('x', '2-1', 'b', 'two');
    expect(await c.xRange('x', '-', '+', { count: 1 })).toEqual([['1-1', { a: '1' }]]);
    expect(await c.xRead(['x', 'y'], ['1-1', '0'], { count: 5 })).toEqual({ x: [['2-1', { b: 'two' }]] });
    expect(await c.xRead('x', '$', { block: 1 })).toBeNull();
    expect(await c.xGroupCreate('x', 'g', 0, { mkstream: true })).toBe('OK');
    expect(await c.xReadGroup('g', 'ada', 'x', '>', { count: 1 })).toEqual({ x: [['1-1', { a: '1' }]] });
    expect(await c.xPending('x', 'g')).toEqual([1, '1-1', '1-1', [['ada', 1]]]);
    const [pending] = await c.xPending('x', 'g', { start: '-', end: '+', count: 10 });
    expect(pending.slice(0, 2)).toEqual(['1-1', 'ada']);
    expect(await c.xAutoClaim('x', 'g', 'eve', 0, '0', { justid: true })).toEqual(['0-0', ['1-1'], []]);
    expect(await c.xClaim('x', 'g', 'ada', 0, '1-1')).toEqual([['1-1', { a: '1' }]]);
    expect(await c.xAutoClaim('x', 'g', 'eve', 0, '0')).toEqual(['0-0', [['1-1', { a: '1' }]], []]);
    await c.xAdd('x', '3-1', { c: 3 });
    expect(await c.xDel('x', '1-1')).toBe(1);
    // What was given to a consumer and is no more: an entry without fields.
    expect(await c.xReadGroup('g', 'eve', 'x', '0')).toEqual({ x: [['1-1', {}]] });
    expect(await c.xAck('x', 'g', ['1-1'])).toBe(1);
    expect(await c.xPending('x', 'g')).toEqual([0, null, null, null]);
    expect(await c.xRange('x', '-', '+', { count: 0 })).toEqual([]);
    expect(await c.xInfoGroups('x')).toMatchObject([{ name: 'g', consumers: 2 }]);
    expect((await c.xInfoStream('x')).length).toBe(2);
    expect(await c.xTrim('x', { maxlen: 1 })).toBe(1);
  });

  it('places', async () => {
    await c.geoAdd('g', [
      { longitude: 13.4, latitude: 52.5, member: 'Berlin' },
      { longitude: 9.99, latitude: 53.55, member: 'Hamburg' },
    ]);
    expect(Math.round((await c.geoDist('g', 'Berlin', 'Hamburg', 'KM'))!)).toBe(256);
    const [berlin, none] = await c.geoPos('g', ['Berlin', 'none']);
    expect(berlin!.map(Math.round)).toEqual([13, 53]);
    expect(none).toBeNull();
    const near = { byradius: { radius: 300, unit: 'KM' } } as const;
    expect(await c.geoSearch('g', { frommember: 'Berlin' }, near, { asc: true })).toEqual([
      'Berlin',
      'Hamburg',
    ]);
    expect(
      (await c.geoSearch('g', { frommember: 'Berlin' }, near, { asc: true, withdist: true }))[0],
    ).toEqual(['Berlin', 0]);
    const whole = await c.geoSearch('g', { frommember: 'Berlin' }, near, {
      count: 1,
      withcoord: true,
      withhash: true,
    });
    expect(whole).toEqual([['Berlin', expect.any(Number), [expect.closeTo(13.4), expect.closeTo(52.5)]]]);
  });

  it('the server', async () => {
    expect(await c.ping()).toBe('PONG');
    expect(await c.configGet(['maxmemory', 'appendonly'])).toEqual({ maxmemory: '0', appendonly: 'no' });
    expect((await c.time()).map(Number).every(Number.isInteger)).toBe(true);
    const sha = await c.scriptLoad('return 1');
    expect(await c.evalSha(sha)).toBe(1);
    expect(await c.evalShaRo(sha)).toBe(1);
    expect(await c.scriptExists([sha, 'x'.repeat(40)])).toEqual([true, false]);
    expect(
      await c.functionLoad(
        "#!lua name=lib\nredis.register_function('f', function(keys, args) return args[1] end)",
        { replace: true },
      ),
    ).toBe('lib');
    expect(await c.fCall('f', { arguments: ['hello'] })).toBe('hello');
    expect(await c.evalRo('return redis.call("GET", KEYS[1])', { keys: ['none'] })).toBeNull();
    expect(await c.clientList({ type: 'NORMAL' })).toContain('resp=');
    expect(await c.clientTrackingInfo()).toEqual({ flags: new Set(['off']), redirect: -1, prefixes: [] });
    const { 'config|get': histogram } = await c.latencyHistogram('config|get');
    expect(histogram.calls).toBeGreaterThan(0);
    expect(Object.values(histogram.histogram_usec).every(Number.isInteger)).toBe(true);
  });

  it('in a transaction', async () => {
    const [added, range, members] = await c.multi((t) => [
      t.zAdd('z', { score: 1, member: 'a' }),
      t.zRange('z', 0, -1, { withscores: true }),
      t.sMembers('none'),
    ]);
    expect([added, range, members]).toEqual([1, [['a', 1]], new Set()]);
    const script = 'return ARGV[1]';
    expect(await c.multi((t) => [t.eval(script, { arguments: ['x'] }), t.ping()])).toEqual(['x', 'PONG']);
  });

  it('as bytes', async () => {
    await c.hSet('h', 'a', Buffer.of(0, 255));
    expect(await c.bytes.hGetAll('h')).toEqual({ a: Buffer.of(0, 255) });
    expect(await c.bytes.hGet('h', 'a')).toEqual(Buffer.of(0, 255));
    // What the types say is text is text.
    expect(await c.bytes.objectEncoding('h')).toMatch(/^[a-z]+$/);
    expect(await c.bytes.configGet('maxmemory')).toEqual({ maxmemory: '0' });
    expect(await c.bytes.info('server')).toContain('redis_version');
    expect((await c.bytes.time()).every((part) => typeof part === 'string')).toBe(true);
    expect(await c.bytes.multi((t) => [t.configGet('maxmemory'), t.hGet('h', 'a')])).toEqual([
      { maxmemory: '0' },
      Buffer.of(0, 255),
    ]);
  });
});
