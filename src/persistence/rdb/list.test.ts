import { describe, expect, it } from 'vitest';
import { type TestRandom, testSeed, withSeed } from '../../../test/support/random.js';
import { digestOf } from '../../keyspace/data-digest.js';
import { Digest } from '../../keyspace/digest.js';
import { Keyspace } from '../../keyspace/keyspace.js';
import { addList, ListValue } from '../../keyspace/values/list-value.js';
import { fromLatin1, latin1 } from '../../protocol/bytes.js';
import { DumpPayloads } from './dump-payload.js';

const FILE = 'src/persistence/rdb/list.test.ts';
const KEY = { bytes: fromLatin1('k'), start: 0, end: 1 };
const payloads = new DumpPayloads({ rdbcompression: true }, () => {});

function keyspace(): Keyspace {
  return new Keyspace({ databases: 1, clusterMode: false, random: () => 4, listener: { expiring() {} } });
}

function fill(space: Keyspace, elements: readonly string[]): number {
  const list = new ListValue().create(space.databases[0], KEY.bytes, 0, 1);
  for (const element of elements) list.push(false, fromLatin1(element), 0, element.length);
  return list.ref;
}

function elements(space: Keyspace, ref: number): string[] {
  const found: string[] = [];
  new ListValue().open(space.databases[0], ref).forEach(({ bytes, start, end }) => {
    found.push(latin1(bytes, start, end));
  });
  return found;
}

function randomElements(random: TestRandom): string[] {
  return Array.from({ length: 1 + random.below(random.pick([3, 40, 2000])) }, () =>
    random.pick([
      () => random.text(20, '\0\xffab'),
      () => String(random.below(100_000)),
      () => (random.below(50) === 0 ? 'long'.repeat(random.below(5000)) : 'z'),
    ])(),
  );
}

function restore(space: Keyspace, payload: Uint8Array): number {
  return payloads.restore(space.databases[0], KEY, payload, 0, payload.length);
}

/** A payload without a sound checksum, which `restore` doesn't look at. */
function payload(type: number, value: string): Uint8Array {
  return fromLatin1(`${String.fromCharCode(type)}${value}\x0a\0\0\0\0\0\0\0\0\0`);
}

describe('lists in RDB', () => {
  it('come back as they were', () => {
    withSeed(testSeed(1), FILE, (random) => {
      for (let round = 0; round < 60; round++) {
        const space = keyspace();
        const expected = randomElements(random);
        const dumped = payloads.dump(space.databases[0], fill(space, expected));
        const back = keyspace();
        const ref = restore(back, dumped);
        expect(elements(back, ref)).toEqual(expected);
        expect(back.databases[0].isObject(ref)).toBe(space.databases[0].isObject(fill(space, expected)));
      }
    });
  });

  it.each([
    ['strings', 1, '\x03\x01a\xc0\x05\x00'],
    ['a ziplist', 10, '\x12\x12\0\0\0\x0f\0\0\0\x03\0\0\x01a\x03\xf6\x02\0\xff'],
    [
      'ziplists',
      14,
      '\x02\x10\x10\0\0\0\x0d\0\0\0\x02\0\0\x01a\x03\xf6\xff\x0d\x0d\0\0\0\x0a\0\0\0\x01\0\0\0\xff',
    ],
    [
      'listpacks, one of them empty',
      18,
      '\x02\x02\x07\x07\0\0\0\0\0\xff\x02\x0e\x0e\0\0\0\x03\0\x81a\x02\x05\x01\x80\x01\xff',
    ],
    ['plain nodes and listpacks', 18, '\x02\x01\x01a\x02\x0b\x0b\0\0\0\x02\0\x05\x01\x80\x01\xff'],
  ])('are read from %s', (_, type, value) => {
    const space = keyspace();
    expect(elements(space, restore(space, payload(type, value)))).toEqual(['a', '5', '']);
  });

  it('are refused when they are empty', () => {
    const space = keyspace();
    for (const [type, value] of [
      [1, '\0'],
      [14, '\0'],
      [18, '\0'],
      [18, '\x01\x02\x07\x07\0\0\0\0\0\xff'],
    ] as const) {
      expect(restore(space, payload(type, value))).toBe(0);
    }
    expect(space.databases[0].size).toBe(0);
  });

  it('leave the key alone, and nothing behind, when they are broken', () => {
    withSeed(testSeed(2), FILE, (random) => {
      const source = keyspace();
      const target = keyspace();
      fill(target, ['old']);
      const plain = new DumpPayloads({ rdbcompression: false }, () => {});
      const dumps = Array.from({ length: 30 }, () =>
        plain.dump(source.databases[0], fill(source, randomElements(random).slice(0, 600))),
      );
      let refused = 0;
      for (let round = 0; round < 600; round++) {
        const broken = Uint8Array.from(random.pick(dumps));
        for (let n = random.below(3); n >= 0; n--) broken[random.below(broken.length)] = random.below(256);
        const { used } = target.arena;
        const before = String(digestOf(target.databases));
        const ref = restore(target, broken);
        if (ref === 0) {
          refused++;
          expect(String(digestOf(target.databases))).toBe(before);
          expect(target.arena.used).toBe(used);
        } else addList(new Digest(), target.databases[0], ref); // all of it can be read
      }
      expect(refused).toBeGreaterThan(100);
    });
  });
});
