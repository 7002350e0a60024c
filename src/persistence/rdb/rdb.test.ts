/** Snapshots written and read back: round trips, cut and broken files, changes while a snapshot is under way. */
import { describe, expect, it } from 'vitest';
import { type TestRandom, testSeed, withSeed } from '../../../test/support/random.js';
import { Keyspace } from '../../keyspace/keyspace.js';
import { type Bytes, concat, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { type SnapshotSettings, Snapshots } from '../snapshots.js';
import { Crc64 } from './crc64.js';
import { RdbError } from './format.js';
import { RdbLoader } from './loader.js';

const SETTINGS: SnapshotSettings = {
  redisVersion: '7.0.15',
  compress: true,
  checksum: true,
  accessClock: 'none',
  libraries: [],
};
const FILE = 'src/persistence/rdb/rdb.test.ts';

function keyspace(databases = 4): Keyspace {
  const space = new Keyspace({
    databases,
    clusterMode: false,
    random: () => 4,
    listener: { expiring() {} },
  });
  space.now = 1_700_000_000_000;
  return space;
}

function snapshots(space: Keyspace, settings = SETTINGS): Snapshots {
  return new Snapshots(space, () => settings);
}

function set(space: Keyspace, database: number, key: string, value: string, expiry = -1): void {
  const db = space.databases[database];
  const ref = db.setString(fromLatin1(key), 0, key.length, fromLatin1(value), 0, value.length);
  if (expiry >= 0) db.expireAt(ref, expiry);
}

function dump(space: Keyspace): Map<string, string> {
  const all = new Map<string, string>();
  for (const db of space.databases) {
    db.forEach((ref) => {
      const value = latin1(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
      all.set(`${db.index}/${db.keyLatin1(ref)}`, `${value}@${db.expiry(ref)}`);
    });
  }
  return all;
}

function save(source: Snapshots): Bytes {
  const snapshot = source.begin({ form: 'dump' });
  const slices: Bytes[] = [];
  for (let slice = snapshot.next(); slice !== undefined; slice = snapshot.next())
    slices.push(concat([slice]));
  return concat(slices);
}

function load(bytes: Bytes, chunk = bytes.length, dropExpired = false): { space: Keyspace; log: string[] } {
  const space = keyspace();
  const log: string[] = [];
  const loader = new RdbLoader(space, { dropExpired, log: (_level, text) => log.push(text) });
  for (let at = 0; at < bytes.length && !loader.done; at += chunk) {
    loader.feed(bytes, at, Math.min(bytes.length, at + chunk));
  }
  loader.end();
  return { space, log };
}

function randomValue(random: TestRandom): string {
  const kinds = [
    () => String(random.below(300) - 150),
    () => String((random.uint32() | 0) * (random.below(2) ? 1 : 4)),
    () => '007',
    () => '',
    () => random.text(30, 'ab'),
    () => 'abcdefgh'.repeat(random.below(100)),
    () => String.fromCharCode(...Array.from({ length: random.below(200) }, () => random.below(256))),
  ];
  return random.pick(kinds)();
}

function filled(random: TestRandom, count: number): Keyspace {
  const space = keyspace();
  for (let i = 0; i < count; i++) {
    const expiry = random.below(3) === 0 ? space.now + random.below(1e9) : -1;
    set(space, random.below(3) * random.below(2), `key:${i}`, randomValue(random), expiry);
  }
  return space;
}

describe('RDB', () => {
  it('gives back strings of every encoding and their expiries', () => {
    withSeed(testSeed(11), FILE, (random) => {
      for (let round = 0; round < 20; round++) {
        const space = filled(random, random.below(400));
        const bytes = save(snapshots(space, { ...SETTINGS, compress: round % 2 === 0 }));
        expect(dump(load(bytes).space)).toEqual(dump(space));
      }
    });
  });

  it('is read from chunks of any size, and says where it ends', () => {
    withSeed(testSeed(12), FILE, (random) => {
      const space = filled(random, 60);
      set(space, 0, 'long', 'x1'.repeat(70_000) + random.text(9));
      const bytes = save(snapshots(space));
      for (const chunk of [1, 2, 3, 7, 64, 1000, 65_536]) {
        expect(dump(load(bytes, chunk).space)).toEqual(dump(space));
      }
      const loader = new RdbLoader(keyspace(), { dropExpired: false, log: () => {} });
      const more = concat([bytes, fromLatin1('*1\r\n')]);
      expect(loader.feed(more, 0, 100)).toBe(100);
      expect(loader.feed(more, 100, more.length)).toBe(bytes.length - 100);
      expect(loader.done).toBe(true);
      expect(loader.offset).toBe(bytes.length);
    });
  });

  it('is incomplete, never invalid and never over, when it is cut anywhere', () => {
    withSeed(testSeed(13), FILE, (random) => {
      const bytes = save(snapshots(filled(random, 40)));
      for (let end = 0; end < bytes.length; end++) {
        expect(() => load(bytes.subarray(0, end))).toThrow('Short read or OOM loading DB');
      }
    });
  });

  it('is refused for any flipped bit, without harm', () => {
    withSeed(testSeed(14), FILE, (random) => {
      const bytes = save(snapshots(filled(random, 30)));
      for (let at = 0; at < bytes.length; at++) {
        const broken = Uint8Array.from(bytes);
        broken[at] ^= 1 << random.below(8);
        expect(() => load(broken)).toThrow(RdbError);
      }
    });
  });

  it('answers garbage with an error, not with memory', () => {
    withSeed(testSeed(15), FILE, (random) => {
      for (let round = 0; round < 3000; round++) {
        const body = Uint8Array.from({ length: random.below(60) }, () =>
          random.below(3) === 0
            ? random.pick([0, 0x80, 0x81, 0xc3, 250, 251, 252, 254, 255])
            : random.below(256),
        );
        try {
          load(concat([fromLatin1('REDIS0010'), body]));
        } catch (error) {
          expect(error).toBeInstanceOf(RdbError);
        }
      }
      // A string of 2^52 bytes, and 16 bytes that claim to unpack to a gigabyte.
      const huge = [0, 1, 0x6b, 0x81, 0, 0x10, 0, 0, 0, 0, 0, 0, 1, 2, 3];
      const bomb = [0, 1, 0x6b, 0xc3, 4, 0x80, 0x40, 0, 0, 0, 1, 2, 3, 4];
      expect(() => load(concat([fromLatin1('REDIS0010'), Uint8Array.from(huge)]))).toThrow('Short read');
      expect(() => load(concat([fromLatin1('REDIS0010'), Uint8Array.from(bomb)]))).toThrow('Invalid LZF');
    });
  });

  it('is read in every version there has been, from 1 on, those before 5 without a checksum', () => {
    for (let version = 1; version <= 11; version++) {
      const body = fromLatin1(`REDIS${String(version).padStart(4, '0')}\xfe\x00\x00\x01k\x01v\xff`);
      const checksum = Uint8Array.from({ length: 8 });
      const crc = new Crc64();
      crc.update(body, 0, body.length);
      crc.writeTo(checksum, 0);
      const file = version < 5 ? body : concat([body, checksum]);
      expect([...dump(load(file).space).keys()], `version ${version}`).toEqual(['0/k']);
    }
  });

  it('names versions and types that it does not know', () => {
    expect(() => load(fromLatin1('REDIS0012'))).toThrow("Can't handle RDB format version 12");
    expect(() => load(fromLatin1('REDIS0000'))).toThrow("Can't handle RDB format version 0");
    expect(() => load(fromLatin1('SREDI0010'))).toThrow('Wrong signature trying to load DB from file');
    expect(() => load(fromLatin1('REDIS0010\xfe\x00\x63\x01k'))).toThrow('Unknown RDB encoding type 99');
    expect(() => load(fromLatin1('REDIS0010\xfe\x04'))).toThrow('more than 4 databases');
  });

  it('leaves expired keys out when a master loads its snapshot, and keeps them otherwise', () => {
    const space = keyspace();
    set(space, 0, 'old', 'v', space.now - 1);
    set(space, 0, 'new', 'v', space.now + 1);
    const bytes = save(snapshots(space));
    expect([...dump(load(bytes, bytes.length, true).space).keys()]).toEqual(['0/new']);
    expect(load(bytes).space.databases[0].size).toBe(2);
    expect(load(bytes, bytes.length, true).log).toContain(
      'Done loading RDB, keys loaded: 1, keys expired: 1.',
    );
  });

  it('accepts a file without a checksum and says so', () => {
    const space = keyspace();
    set(space, 0, 'k', 'v');
    const { log } = load(save(snapshots(space, { ...SETTINGS, checksum: false })));
    expect(log).toContain('RDB file was saved with checksum disabled: no check performed.');
  });
});

describe('snapshots', () => {
  it('are the image of the moment they began, whatever happens meanwhile', () => {
    withSeed(testSeed(16), FILE, (random) => {
      for (let round = 0; round < 15; round++) {
        const space = filled(random, 2000 + random.below(3000));
        const source = snapshots(space);
        const before = dump(space);
        const snapshot = source.begin({ form: 'base' });
        const slices: Bytes[] = [];
        for (;;) {
          const slice = snapshot.next();
          if (slice === undefined) break;
          slices.push(concat([slice]));
          for (let i = 0; i < 60; i++) change(space, random);
        }
        expect(space.observer).toBeNull();
        expect(slices.length).toBeGreaterThan(1);
        expect(dump(load(concat(slices)).space)).toEqual(before);
      }
    });
  });

  it('come in shorter slices while commands are run between them', () => {
    withSeed(testSeed(18), FILE, (random) => {
      const space = filled(random, 3000);
      let time = 0;
      let commands = 0;
      const pace = { clock: () => (time += 0.06), commands: () => commands, keyDelay: () => 0 };
      const source = new Snapshots(space, () => SETTINGS, pace);
      const keysOf = (served: number) => {
        const snapshot = source.begin({ form: 'base' });
        commands += served;
        snapshot.next();
        snapshot.close();
        return snapshot.progress.keys;
      };
      expect(keysOf(1)).toBeGreaterThan(0);
      expect(keysOf(1)).toBeLessThan(keysOf(0) / 10);
    });
  });

  it('are completed when everything is about to go, and closed when given up', () => {
    withSeed(testSeed(17), FILE, (random) => {
      const space = filled(random, 3000);
      const source = snapshots(space);
      const before = dump(space);
      const abandoned = source.begin({ form: 'base' });
      const snapshot = source.begin({ form: 'base' });
      const slices = [concat([snapshot.next()!])];
      abandoned.next();
      abandoned.close();
      for (const db of space.databases) db.clear();
      for (let slice = snapshot.next(); slice !== undefined; slice = snapshot.next())
        slices.push(concat([slice]));
      expect(dump(load(concat(slices)).space)).toEqual(before);
      expect(space.observer).toBeNull();
    });
  });
});

/** One random change, made as commands make it. */
function change(space: Keyspace, random: TestRandom): void {
  const db = space.databases[random.below(3)];
  const key = fromLatin1(`key:${random.below(6000)}`);
  const ref = db.write(key, 0, key.length);
  const action = random.below(4);
  if (ref === 0 || action === 0) {
    const value = fromLatin1(randomValue(random));
    db.setString(key, 0, key.length, value, 0, value.length);
  } else if (action === 1) db.remove(ref);
  else if (action === 2) db.expireAt(ref, space.now + random.below(1e6));
  else db.buffer(ref).fill(0x78, db.valueStart(ref), db.valueEnd(ref));
}
