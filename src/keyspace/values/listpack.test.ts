import { describe, expect, it } from 'vitest';
import { TestRandom, testSeed, withSeed } from '../../../test/support/random.js';
import { allocate, type Bytes, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { Keyspace } from '../keyspace.js';
import { HASH_TYPE } from '../record.js';
import { ElementRun } from './element-run.js';
import { EMPTY_LISTPACK_BYTES, isListpack, Listpack } from './listpack.js';
import { RecordListpack } from './record-listpack.js';

/** A listpack in storage of its own that moves at every chance. */
class OwnListpack extends Listpack {
  constructor() {
    super();
    this.bytes = allocate(EMPTY_LISTPACK_BYTES);
    this.clear();
  }

  protected resize(length: number): void {
    const moved = allocate(length + 3);
    moved.fill(0xaa);
    moved.set(this.bytes.subarray(this.start, this.start + length), 3);
    this.bytes = moved;
    this.start = 3;
  }
}

function listpackOf(...elements: string[]): OwnListpack {
  const listpack = new OwnListpack();
  for (const element of elements) listpack.append(...range(element));
  return listpack;
}

function range(text: string): [Bytes, number, number] {
  return [fromLatin1(text), 0, text.length];
}

function text(listpack: Listpack, at: number): string {
  const { bytes, start, end } = listpack.read(at);
  return latin1(bytes, start, end);
}

function elements(listpack: Listpack): string[] {
  const all: string[] = [];
  for (let at = listpack.first; at !== 0; at = listpack.next(at)) all.push(text(listpack, at));
  return all;
}

function hex({ bytes, start, length }: Listpack): string {
  return Buffer.from(bytes.subarray(start, start + length)).toString('hex');
}

const EDGES = [0, 1, 127, 128, 4095, 4096, 32767, 32768, 8388607, 8388608, 2147483647, 2147483648]
  .flatMap((n) => [n, -n, -n - 1])
  .map(String)
  .concat(['9007199254740991', '9007199254740992', '-9007199254740993', '-9223372036854775808'])
  .concat(['9223372036854775807', '9223372036854775808', '007', '-0', '+1', '', ' 1', '1.5'])
  .concat(['x'.repeat(63), 'x'.repeat(64), 'y'.repeat(125), 'y'.repeat(126), 'z'.repeat(4095)])
  .concat(['z'.repeat(4096), 'w'.repeat(16376), 'w'.repeat(16377), 'w'.repeat(16378), 'w'.repeat(16379)]);

function drawElement(random: TestRandom): string {
  const kind = random.below(10);
  if (kind === 0) return random.pick(EDGES);
  if (kind < 4) return String(random.below(300) - 100);
  return random.text(kind === 4 ? 200 : 8);
}

describe('listpack', () => {
  it('has the bytes that Redis gives it', () => {
    const listpack = listpackOf('f1', 'v', 'n', '1000', '5', '-70000', '99999999999', 'x'.repeat(64));
    expect(hex(listpack)).toBe(
      `68000000080082663103817602816e02c3e8020501f290eefe04f4ffe776481700000009e040${'78'.repeat(64)}42ff`,
    );
  });

  it('keeps every kind of element', () => {
    const listpack = listpackOf(...EDGES);
    expect(elements(listpack)).toEqual(EDGES);
    expect(isListpack(listpack.bytes, listpack.start, listpack.start + listpack.length)).toBe(true);
    for (const [i, edge] of EDGES.entries()) {
      expect(text(listpack, listpack.seek(i))).toBe(edge);
      expect(text(listpack, listpack.find(...range(edge)))).toBe(edge);
      const exact = /^(0|-?[1-9]\d*)$/.test(edge) && Number.isSafeInteger(Number(edge));
      expect(listpack.integer(listpack.seek(i))).toBe(exact ? Number(edge) : Number.NaN);
    }
  });

  it('takes a run of elements as it takes them one by one', () => {
    const run = new ElementRun();
    for (const edge of EDGES) run.text(...range(edge));
    for (const n of [5n, -5n, 2n ** 53n, -(2n ** 63n)]) run.int64(n);
    const texts = [...EDGES, '5', '-5', '9007199254740992', '-9223372036854775808'];
    const listpack = listpackOf('first');
    listpack.appendRun(run);
    expect(hex(listpack)).toBe(hex(listpackOf('first', ...texts)));
    listpack.appendRun(run.clear());
    run.integer(-300);
    listpack.appendRun(run);
    expect(hex(listpack)).toBe(hex(listpackOf('first', ...texts, '-300')));
  });

  it('behaves as an array of texts', () => {
    withSeed(testSeed(1), 'src/keyspace/values/listpack.test.ts', (random) => {
      const listpack = new OwnListpack();
      let model: string[] = [];
      for (let step = 0; step < 4000; step++) {
        const index = random.below(model.length + 1);
        const at = index === model.length ? listpack.end : listpack.seek(index);
        const element = drawElement(random);
        const kind = random.below(8);
        if (kind < 3) {
          listpack.insert(at, ...range(element));
          model.splice(index, 0, element);
        } else if (kind === 3) {
          const n = random.pick([random.below(300) - 100, -(2 ** 53) + 1, 2 ** 40]);
          listpack.insertInteger(at, n);
          model.splice(index, 0, String(n));
        } else if (index === model.length) {
          listpack.append(...range(element));
          model.push(element);
        } else if (kind === 4) {
          listpack.replace(at, ...range(element));
          model[index] = element;
        } else if (kind === 5) {
          const count = 1 + random.below(4);
          const next = listpack.delete(at, count);
          model.splice(index, count);
          expect(next).toBe(index < model.length ? listpack.seek(index) : 0);
        } else if (kind === 6) {
          const sought = random.below(3) === 0 ? element : random.pick(model);
          const expected = model.findIndex((m, i) => i >= index && (i - index) % 2 === 0 && m === sought);
          if ((model.length - index) % 2 === 0) {
            const found = listpack.find(...range(sought), 1, at);
            expect(found).toBe(expected < 0 ? 0 : listpack.seek(expected));
          }
        } else expect(listpack.equals(at, ...range(element))).toBe(model[index] === element);
        expect(listpack.count).toBe(model.length);
        if (model.length > 60) {
          listpack.delete(listpack.seek(-40), 40);
          model = model.slice(0, -40);
        }
        if (step % 20 === 0) {
          expect(elements(listpack)).toEqual(model);
          const backwards: string[] = [];
          for (let p = listpack.last; p !== 0; p = listpack.previous(p)) backwards.unshift(text(listpack, p));
          expect(backwards).toEqual(model);
          expect(isListpack(listpack.bytes, listpack.start, listpack.start + listpack.length)).toBe(true);
        }
      }
    });
  });

  it('counts more elements than its header can say', () => {
    const listpack = listpackOf(...new Array(200).fill('a'));
    const { bytes, start } = listpack;
    bytes[start + 4] = bytes[start + 5] = 255;
    expect(listpack.count).toBe(200);
    listpack.delete(listpack.first);
    expect(listpack.count).toBe(199);
    expect(text(listpack, listpack.seek(-199))).toBe('a');
    expect(listpack.seek(199)).toBe(0);
  });

  it('stays right as the value of a record that grows, shrinks and moves', () => {
    const { databases } = new Keyspace({
      databases: 1,
      clusterMode: true,
      random: new TestRandom(1).uint32,
      listener: { expiring() {} },
    });
    const db = databases[0];
    const listpack = new RecordListpack().create(db, ...range('key'), HASH_TYPE);
    const model: string[] = [];
    for (let n = 0; n < 2000; n++) {
      listpack.append(...range(`element ${n}`));
      model.push(`element ${n}`);
      const ref = db.peek(...range('key'));
      expect(listpack.ref).toBe(ref);
      expect(db.valueLength(ref)).toBe(listpack.length);
    }
    expect(elements(listpack)).toEqual(model);
    listpack.delete(listpack.first, 1990);
    const reopened = new RecordListpack().open(db, db.peek(...range('key')));
    expect(elements(reopened)).toEqual(model.slice(1990));
    expect(db.recordBytes(reopened.ref)).toBeLessThan(500);
  });

  it('finds out what is no listpack, so that what passes can be walked', () => {
    withSeed(testSeed(2), 'src/keyspace/values/listpack.test.ts', (random) => {
      const { bytes, start, length } = listpackOf(...EDGES.slice(0, 50), 'x'.repeat(100), 'y'.repeat(200));
      const good = Uint8Array.from(bytes.subarray(start, start + length));
      expect(isListpack(good, 0, length)).toBe(true);
      let refused = 0;
      for (let round = 0; round < 20_000; round++) {
        const bad = Uint8Array.from(good);
        for (let n = random.below(3); n >= 0; n--) bad[random.below(length)] = random.below(256);
        const end = random.below(10) === 0 ? random.below(length + 1) : length;
        if (!isListpack(bad, 0, end)) {
          refused++;
          continue;
        }
        const listpack = new OwnListpack();
        listpack.bytes = bad;
        listpack.start = 0;
        expect(elements(listpack)).toHaveLength(listpack.count);
      }
      expect(refused).toBeGreaterThan(5000);
    });
    expect(isListpack(new Uint8Array(0), 0, 0)).toBe(false);
    expect(isListpack(fromLatin1('\x07\0\0\0\0\0\xff'), 0, 7)).toBe(true);
    expect(isListpack(fromLatin1('\x07\0\0\0\x01\0\xff'), 0, 7)).toBe(false);
    expect(isListpack(fromLatin1('\x08\0\0\0\x01\0\xf0\xff'), 0, 8)).toBe(false);
  });
});
