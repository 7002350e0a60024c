import { describe, expect, it } from 'vitest';
import type { CommandInfo } from './command-info.js';
import { Commands } from './commands.js';
import type { Argument } from './encode.js';

/** Gives back the words that a method would send. */
class Words extends Commands {
  protected override async send(_: CommandInfo, payload: string): Promise<unknown> {
    const [, ...lines] = payload.split('\r\n');
    return lines.filter((_line, i) => i % 2 === 1).join(' ');
  }

  protected override async sendArgs(_: CommandInfo, args: readonly Argument[]): Promise<unknown> {
    return args.join(' ');
  }
}

const c = new Words();
const limit = { offset: 2, count: 3 };

describe('typed methods', () => {
  it.each([
    ['GET k', c.get('k')],
    ['SET k 1 NX EX 60', c.set('k', 1, { ex: 60, nx: true })],
    ['SET k v GET KEEPTTL', c.set('k', 'v', { get: true, keepttl: true, nx: false })],
    ['OBJECT ENCODING k', c.objectEncoding('k')],
    ['DEL a', c.del('a')],
    ['DEL a b', c.del(['a', 'b'])],
    ['MSET a 1 b 2', c.mSet({ a: 1, b: 2 })],
    ['MSET a 1', c.mSet('a', 1)],
    ['HSET h a 1 b 2', c.hSet('h', new Map(Object.entries({ a: 1, b: 2 })))],
    ['HSET h get 1', c.hSet('h', 'get', 1)],
    ['HRANDFIELD h', c.hRandField('h')],
    ['HRANDFIELD h 2 WITHVALUES', c.hRandField('h', { count: 2, withvalues: true })],
    ['HEXPIRE h 10 NX FIELDS 2 a b', c.hExpire('h', 10, ['a', 'b'], { nx: true })],
    ['HTTL h FIELDS 1 a', c.hTTL('h', 'a')],
    ['HGETEX h EX 60 FIELDS 1 a', c.hGetEx('h', 'a', { ex: 60 })],
    ['HSETEX h FNX PX 60 FIELDS 2 a 1 b 2', c.hSetEx('h', { a: 1, b: 2 }, { fnx: true, px: 60 })],
    ['HSETEX h FIELDS 1 a 1', c.hSetEx('h', 'a', 1)],
    ['WAITAOF 1 0 100', c.waitAof(1, 0, 100)],
    ['EXPIRE k 10 NX', c.expire('k', 10, 'NX')],
    ['GETEX k PERSIST', c.getEx('k', { persist: true })],
    ['LPOP l', c.lPop('l')],
    ['LPOP l 2', c.lPop('l', 2)],
    ['LMPOP 2 a b LEFT COUNT 3', c.lmPop(['a', 'b'], 'LEFT', { count: 3 })],
    ['BLPOP a b 0.5', c.blPop(['a', 'b'], 0.5)],
    ['ZADD z NX CH 1 a', c.zAdd('z', { score: 1, member: 'a' }, { ch: true, nx: true })],
    ['ZADD z INCR 1 a', c.zAdd('z', [{ score: 1, member: 'a' }], { incr: true })],
    [
      'ZRANGE z (1 +inf BYSCORE LIMIT 2 3 WITHSCORES',
      c.zRange('z', '(1', '+inf', { byscore: true, limit, withscores: true }),
    ],
    [
      'ZUNIONSTORE d 2 a b WEIGHTS 1 2 AGGREGATE MAX',
      c.zUnionStore('d', ['a', 'b'], { weights: [1, 2], aggregate: 'MAX' }),
    ],
    [
      'SORT l BY w_* LIMIT 2 3 GET a_* GET # DESC ALPHA',
      c.sort('l', { by: 'w_*', get: ['a_*', '#'], limit, desc: true, alpha: true }),
    ],
    ['BITCOUNT k 0 -1 BIT', c.bitCount('k', { start: 0, end: -1, bit: true })],
    [
      'GEOADD g 1 2 a 3 4 b',
      c.geoAdd('g', [
        { longitude: 1, latitude: 2, member: 'a' },
        { longitude: 3, latitude: 4, member: 'b' },
      ]),
    ],
    ['GEODIST g a b KM', c.geoDist('g', 'a', 'b', 'KM')],
    [
      'GEOSEARCH g FROMMEMBER a BYBOX 1 2 KM ASC COUNT 5 ANY WITHDIST',
      c.geoSearch(
        'g',
        { frommember: 'a' },
        { bybox: { width: 1, height: 2, unit: 'KM' } },
        { asc: true, count: 5, any: true, withdist: true },
      ),
    ],
    [
      'GEOSEARCH g FROMLONLAT 1 2 BYRADIUS 3 M',
      c.geoSearch('g', { fromlonlat: { longitude: 1, latitude: 2 } }, { byradius: { radius: 3, unit: 'M' } }),
    ],
    [
      'BITFIELD b GET u4 0 OVERFLOW SAT INCRBY u8 1 5 SET i2 3 1',
      c.bitField('b', [
        { get: { encoding: 'u4', offset: 0 } },
        { overflow: 'SAT', incrby: { encoding: 'u8', offset: 1, increment: 5 } },
        { set: { encoding: 'i2', offset: 3, value: 1 } },
      ]),
    ],
    ['CLUSTER SETSLOT 5 NODE x', c.clusterSetSlot(5, { node: 'x' })],
    ['CLUSTER SETSLOT 5 STABLE', c.clusterSetSlot(5, { stable: true })],
    ['CLIENT KILL 1.2.3.4:5', c.clientKill('1.2.3.4:5')],
    ['CLIENT KILL TYPE PUBSUB SKIPME no', c.clientKill([{ type: 'PUBSUB' }, { skipme: 'no' }])],
    ['REPLICAOF NO ONE', c.replicaOf({ noone: true })],
    [
      'MIGRATE h 1  0 5 AUTH2 u p KEYS a b',
      c.migrate('h', 1, '', 0, 5, { auth2: { username: 'u', password: 'p' }, keys: ['a', 'b'] }),
    ],
    ['FUNCTION LOAD REPLACE code', c.functionLoad('code', { replace: true })],
    ['CONFIG SET a b', c.configSet('a', 'b')],
    ['INFO', c.info()],
    ['INFO server clients', c.info(['server', 'clients'])],
  ] as const)('send %s', async (words, sent) => {
    expect(await sent).toBe(words);
  });

  it('count keys whose lists are options of nobody', async () => {
    expect(await c.zInterCard(['a', 'limit'], { limit: 3 })).toBe('ZINTERCARD 2 a limit LIMIT 3');
  });
});
