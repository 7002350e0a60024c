/** Sorted sets to RDB and back, in the encodings of today and of old; broken ones are refused and change nothing. */
import { describe, expect, it } from 'vitest';
import { Keyspace } from '../../keyspace/keyspace.js';
import type { EncodingLimits } from '../../keyspace/values/encoding-limits.js';
import { DEFAULT_LIMITS } from '../../keyspace/values/encoding-limits.js';
import { ZsetValue } from '../../keyspace/values/zset-value.js';
import { type Bytes, concat, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { RDB_ZSET, RDB_ZSET_2, RDB_ZSET_LISTPACK, RDB_ZSET_ZIPLIST, RdbError } from './format.js';
import { loadValue } from './loader.js';
import { INCOMPLETE, RdbInput } from './reader.js';
import { RdbWriter } from './writer.js';

const KEY = { bytes: fromLatin1('key'), start: 0, end: 3 };

function keyspace(limits: Partial<EncodingLimits> = {}): Keyspace {
  return new Keyspace({
    databases: 1,
    clusterMode: false,
    random: () => 4,
    listener: { expiring() {} },
    limits: { ...DEFAULT_LIMITS, ...limits },
  });
}

/** The members of the key, in order, as `member score`. */
function members(space: Keyspace, ref: number): string[] {
  const [db] = space.databases;
  const zset = new ZsetValue().open(db, ref);
  const found: string[] = [];
  zset.visit(0, zset.size, false, ({ bytes, start, end }, score) =>
    found.push(`${latin1(bytes, start, end)} ${score}`),
  );
  return found;
}

function load(space: Keyspace, type: number, bytes: Bytes): number {
  const input = new RdbInput();
  input.bytes = bytes;
  input.end = bytes.length;
  return loadValue(type, input, space.databases[0], KEY);
}

function makeZset(space: Keyspace, count: number): number {
  const zset = new ZsetValue().create(space.databases[0], KEY.bytes, 0, 3);
  for (let i = 0; i < count; i++) {
    const member = fromLatin1(i % 3 === 0 ? String(i) : `member ${i}`);
    zset.add(member, 0, member.length, [i, i / 7, -i * 1e20, Number.POSITIVE_INFINITY][i % 4]);
  }
  return zset.ref;
}

function write(space: Keyspace, ref: number): { type: number; bytes: Bytes } {
  const writer = new RdbWriter({ compress: true, checksum: false, accessClock: 'none' });
  writer.value(space.databases[0], ref);
  const [type, ...rest] = writer.take();
  return { type, bytes: Uint8Array.from(rest) };
}

function little(n: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => Math.floor(n / 256 ** i) & 255);
}

/** A ziplist as an RDB string. `elements` are encodings and data; the header says the last is `tailError` further. */
function ziplist(elements: number[][], tailError = 0): Bytes {
  const body: number[] = [];
  let previous = 0;
  let tail = 10;
  for (const element of elements) {
    tail = 10 + body.length;
    body.push(previous, ...element);
    previous = element.length + 1;
  }
  const whole = [
    ...little(11 + body.length, 4),
    ...little(tail + tailError, 4),
    ...little(elements.length, 2),
    ...body,
    255,
  ];
  return Uint8Array.from([0x40 | (whole.length >> 8), whole.length & 255, ...whole]);
}

function string(text: string): number[] {
  return [text.length, ...fromLatin1(text)];
}

describe('sorted sets in RDB', () => {
  it.each([
    [1, RDB_ZSET_LISTPACK],
    [128, RDB_ZSET_LISTPACK],
    [129, RDB_ZSET_2],
    [1000, RDB_ZSET_2],
  ])('round trip of %i members', (count, expected) => {
    const space = keyspace();
    const ref = makeZset(space, count);
    const { type, bytes } = write(space, ref);
    expect(type).toBe(expected);
    const other = keyspace();
    expect(members(other, load(other, type, bytes))).toEqual(members(space, ref));
    expect(write(other, other.databases[0].peek(KEY.bytes, 0, 3))).toEqual({ type, bytes });
  });

  it('takes the encoding that the limits ask for', () => {
    const space = keyspace();
    const small = write(space, makeZset(space, 100));
    const large = write(space, makeZset(space, 200));
    const strict = keyspace({ 'zset-max-listpack-entries': 50 });
    expect(strict.databases[0].isObject(load(strict, small.type, small.bytes))).toBe(true);
    const lax = keyspace({ 'zset-max-listpack-entries': 500 });
    expect(lax.databases[0].isObject(load(lax, large.type, large.bytes))).toBe(false);
    const short = keyspace({ 'zset-max-listpack-entries': 500, 'zset-max-listpack-value': 5 });
    expect(short.databases[0].isObject(load(short, large.type, large.bytes))).toBe(true);
  });

  it('reads scores as text', () => {
    const space = keyspace();
    const bytes = Uint8Array.from([
      4,
      ...string('a'),
      ...string('1.5'),
      ...string('b'),
      254,
      ...string('c'),
      255,
      ...string('d'),
      ...string('-1e-7'),
    ]);
    expect(members(space, load(space, RDB_ZSET, bytes))).toEqual([
      'c -Infinity',
      'd -1e-7',
      'a 1.5',
      'b Infinity',
    ]);
  });

  it('reads ziplists', () => {
    const space = keyspace();
    const bytes = ziplist([
      string('one'),
      [0xf2], // 1
      [0xfe, 0xfb],
      string('1.5'), // -5
      [0xc0, 0x2c, 0x01],
      [0xd0, ...little(70000, 4)], // 300
      [0x40, 3, ...fromLatin1('two')],
      [0xf0, 0x00, 0x00, 0x80], // -2^23
      [0x80, 0, 0, 0, 4, ...fromLatin1('four')],
      [0xe0, 0, 0, 0, 0, 1, 0, 0, 0], // 2^32
    ]);
    expect(members(space, load(space, RDB_ZSET_ZIPLIST, bytes))).toEqual([
      'two -8388608',
      'one 1',
      '-5 1.5',
      '300 70000',
      'four 4294967296',
    ]);
  });

  it('refuses what is broken, and leaves the key and the arena alone', () => {
    const source = keyspace();
    const listpack = write(source, makeZset(source, 3)).bytes;
    const odd = Uint8Array.from([9, 9, 0, 0, 0, 1, 0, 1, 1, 255]);
    const nan = new Uint8Array(new Float64Array([Number.NaN]).buffer);
    const one = new Uint8Array(new Float64Array([1]).buffer);
    const broken: [number, Bytes][] = [
      [RDB_ZSET_LISTPACK, odd],
      [RDB_ZSET_LISTPACK, Uint8Array.from([7, 7, 0, 0, 0, 0, 0, 255])],
      [RDB_ZSET_2, Uint8Array.from([0])],
      [RDB_ZSET_2, concat([Uint8Array.from([1, ...string('a')]), nan])],
      [RDB_ZSET_2, concat([Uint8Array.from([2, ...string('a')]), one, Uint8Array.from(string('a')), one])],
      [RDB_ZSET, Uint8Array.from([1, ...string('a'), 253])],
      [RDB_ZSET, Uint8Array.from([1, ...string('a'), ...string('x')])],
      [RDB_ZSET_ZIPLIST, ziplist([string('a')])],
      [RDB_ZSET_ZIPLIST, ziplist([string('a'), string('b')])],
      [RDB_ZSET_ZIPLIST, ziplist([string('a'), [0xf2], string('a'), [0xf2]])],
      [RDB_ZSET_ZIPLIST, ziplist([string('a'), [0xff]])],
      [RDB_ZSET_ZIPLIST, ziplist([string('a'), [0xf2]], 1)],
    ];
    const space = keyspace();
    const [db] = space.databases;
    db.setString(KEY.bytes, 0, 3, KEY.bytes, 0, 3);
    const { used } = space.arena;
    for (const [type, bytes] of broken) {
      expect(() => load(space, type, bytes), `${type}: ${bytes}`).toThrow(RdbError);
    }
    for (let cut = 1; cut < listpack.length; cut++) {
      expect(() => load(space, RDB_ZSET_LISTPACK, listpack.subarray(0, cut))).toThrow(INCOMPLETE);
    }
    expect(space.arena.used).toBe(used);
    expect(db.type(db.peek(KEY.bytes, 0, 3))).toBe(0);
  });
});
