/** Collections in RDB: round trips in chunks of any size, the forms of former times, and payloads that are broken. */
import { describe, expect, it } from 'vitest';
import { type TestRandom, testSeed, withSeed } from '../../../test/support/random.js';
import { digestOf } from '../../keyspace/data-digest.js';
import type { Digest } from '../../keyspace/digest.js';
import { Keyspace } from '../../keyspace/keyspace.js';
import { HashValue } from '../../keyspace/values/hash-value.js';
import { SetValue } from '../../keyspace/values/set-value.js';
import { type Bytes, concat, fromLatin1 } from '../../protocol/bytes.js';
import { Snapshots } from '../snapshots.js';
import { DumpPayloads } from './dump-payload.js';
import { RdbLoader } from './loader.js';

const FILE = 'src/persistence/rdb/collections.test.ts';

function keyspace(random = () => 4): Keyspace {
  return new Keyspace({ databases: 1, clusterMode: false, random, listener: { expiring() {} } });
}

function range(text: string): [Bytes, number, number] {
  return [fromLatin1(text), 0, text.length];
}

/** A keyspace with hashes and sets of every encoding and many sizes. */
function filled(random: TestRandom): Keyspace {
  const space = keyspace();
  const db = space.databases[0];
  const text = () =>
    random.below(30) === 0 ? 'long'.repeat(random.below(400)) : random.text(8, 'ab0123456789\xff');
  for (let n = 0; n < 12; n++) {
    const size = 1 + random.below([5, 100, 700][n % 3]);
    const hash = new HashValue().create(db, ...range(`hash${n}`));
    for (let i = 0; i < size; i++) hash.set(...range(text()), ...range(text()));
    const set = new SetValue().create(db, ...range(`set${n}`));
    for (let i = 0; i < size; i++) set.add(...range(n % 2 === 0 ? text() : String(random.below(5000))));
  }
  return space;
}

function digest(space: Keyspace): string {
  return String(digestOf(space.databases) as Digest);
}

function save(space: Keyspace): Bytes {
  const settings = {
    redisVersion: '7.0.15',
    compress: true,
    checksum: true,
    accessClock: 'none',
    libraries: [],
  } as const;
  const snapshot = new Snapshots(space, () => settings).begin({ form: 'dump' });
  const slices: Bytes[] = [];
  for (let slice = snapshot.next(); slice !== undefined; slice = snapshot.next())
    slices.push(concat([slice]));
  return concat(slices);
}

function load(bytes: Bytes, chunk: number, log: string[] = []): Keyspace {
  const space = keyspace();
  const loader = new RdbLoader(space, { dropExpired: false, log: (_level, text) => log.push(text) });
  for (let at = 0; at < bytes.length; at += chunk) {
    loader.feed(bytes, at, Math.min(bytes.length, at + chunk));
  }
  loader.end();
  return space;
}

/** A file of version 6, whose checksum isn't checked, with one key `k` of this type. */
function file(type: number, value: string): Bytes {
  return fromLatin1(`REDIS0006\xfe\0${String.fromCharCode(type)}\x01k${value}\xff\0\0\0\0\0\0\0\0`);
}

function bulk(text: string): string {
  return String.fromCharCode(text.length) + text;
}

const ZIPMAP = '\x02\x02f1\x02\0v1\x02f2\x02\x01v2?\xff';
const ZIPLIST = '\x1a\0\0\0\x16\0\0\0\x04\0\0\x02f1\x04\x02v1\x04\x02f2\x04\xfe\x7f\xff';

describe('collections in RDB', () => {
  it('come back from chunks of any size', () => {
    withSeed(testSeed(1), FILE, (random) => {
      for (let round = 0; round < 4; round++) {
        const space = filled(random);
        const bytes = save(space);
        for (const chunk of [1, 13, 4096, bytes.length]) {
          expect(digest(load(bytes, chunk))).toBe(digest(space));
        }
      }
    });
  });

  it('come in the forms of former times', () => {
    const expected = keyspace();
    const hash = new HashValue().create(expected.databases[0], ...range('k'));
    hash.set(...range('f1'), ...range('v1'));
    hash.set(...range('f2'), ...range('v2'));
    expect(digest(load(file(9, bulk(ZIPMAP)), 3))).toBe(digest(expected));
    hash.set(...range('f2'), ...range('127'));
    expect(digest(load(file(13, bulk(ZIPLIST)), 3))).toBe(digest(expected));
    const set = new SetValue().create(expected.databases[0], ...range('k'));
    set.add(...range('a'));
    set.add(...range('5'));
    const listpack = '\x0c\0\0\0\x02\0\x81a\x02\x05\x01\xff';
    expect(digest(load(file(20, bulk(listpack)), 3))).toBe(digest(expected));
  });

  it('are left out when they are empty, and refused when elements come twice', () => {
    for (const [type, value] of [
      [2, '\0'],
      [4, '\0'],
      [16, bulk('\x07\0\0\0\0\0\xff')],
    ] as const) {
      const log: string[] = [];
      expect(load(file(type, value), 5, log).databases[0].size).toBe(0);
      expect(log).toContain('rdbLoadObject skipping empty key: k');
    }
    expect(() => load(file(2, '\x02\x01a\x01a'), 5)).toThrow('Duplicate set members detected');
    expect(() => load(file(4, '\x02\x01a\x01b\x01a\x01c'), 5)).toThrow('Duplicate hash fields detected');
    const twice = bulk('\x0f\0\0\0\x04\0\x01\x01\x02\x01\x01\x01\x03\x01\xff');
    expect(() => load(file(16, twice), 5)).toThrow('Hash listpack integrity check failed');
  });

  it('leave the key alone, and nothing behind, when they are broken', () => {
    withSeed(testSeed(2), FILE, (random) => {
      const space = filled(random);
      const target = keyspace();
      const db = target.databases[0];
      const key = { bytes: fromLatin1('k'), start: 0, end: 1 };
      const payloads = new DumpPayloads({ rdbcompression: false }, () => {});
      const old = [ZIPMAP, ZIPLIST].map((value, i) =>
        fromLatin1(`${String.fromCharCode(i === 0 ? 9 : 13)}${bulk(value)}${'\0'.repeat(10)}`),
      );
      const all = [...old];
      space.databases[0].forEach((ref) => {
        const payload = payloads.dump(space.databases[0], ref);
        if (payload.length < 3000) all.push(payload);
      });
      let accepted = 0;
      for (let round = 0; round < 6000; round++) {
        const payload = Uint8Array.from(random.pick(all));
        for (let n = random.below(3); n >= 0; n--) payload[random.below(payload.length)] = random.below(256);
        const before = digest(target);
        const used = target.arena.used;
        if (payloads.restore(db, key, payload, 0, payload.length) === 0) {
          expect(digest(target)).toBe(before);
          expect(target.arena.used).toBe(used);
        } else accepted++;
        digest(target);
      }
      expect(accepted).toBeGreaterThan(100);
      expect(target.scratch.size).toBe(0);
    });
  });
});
