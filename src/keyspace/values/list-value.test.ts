import { describe, expect, it } from 'vitest';
import { type TestRandom, testSeed, withSeed } from '../../../test/support/random.js';
import { type Bytes, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { dispose } from '../disposal.js';
import { Keyspace } from '../keyspace.js';
import { DEFAULT_LIMITS } from './encoding-limits.js';
import { ListValue } from './list-value.js';
import { isListpack } from './listpack.js';

const FILE = 'src/keyspace/values/list-value.test.ts';
const KEY = fromLatin1('list');

function keyspaceOf(size: number): Keyspace {
  const limits = { ...DEFAULT_LIMITS, 'list-max-listpack-size': size };
  return new Keyspace({
    databases: 1,
    clusterMode: false,
    random: () => 4,
    limits,
    listener: { expiring() {} },
  });
}

function range(text: string): [Bytes, number, number] {
  const bytes = fromLatin1(text);
  return [bytes, 0, bytes.length];
}

function contents(list: ListValue): string[] {
  const found: string[] = [];
  list.forEach(({ bytes, start, end }) => {
    found.push(latin1(bytes, start, end));
  });
  return found;
}

/** The same from the other end. */
function backwards(list: ListValue): string[] {
  const found: string[] = [];
  for (let more = list.seek(list.size - 1); more; more = list.previous()) {
    const { bytes, start, end } = list.read();
    found.unshift(latin1(bytes, start, end));
  }
  return found;
}

function element(random: TestRandom): string {
  if (random.below(60) === 0) return 'large'.repeat(random.below(4000));
  return random.pick([random.text(30), String(random.below(1e6) - 5e5), `e${random.below(10)}`]);
}

/** One random change of a list and of the array that says what it should be. */
function change(list: ListValue, model: string[], random: TestRandom): void {
  const text = element(random);
  const index = random.below(model.length || 1);
  switch (random.below(10)) {
    case 0:
    case 1:
      list.push(true, ...range(text));
      model.unshift(text);
      break;
    case 2:
    case 3:
      list.push(false, ...range(text));
      model.push(text);
      break;
    case 4:
    case 5:
      if (!list.seek(index)) return;
      list.insert(index % 2 === 0, ...range(text));
      model.splice(index % 2 === 0 ? index + 1 : index, 0, text);
      break;
    case 6:
      if (!list.seek(index)) return;
      list.replace(...range(text));
      model[index] = text;
      break;
    case 7: {
      if (!list.seek(index)) return;
      const goesBack = random.below(2) === 0;
      const more = list.remove(goesBack);
      model.splice(index, 1);
      const next = goesBack ? index - 1 : index;
      expect(more).toBe(model[next] !== undefined);
      if (!more) return;
      const { bytes, start, end } = list.read();
      expect(latin1(bytes, start, end)).toBe(model[next]);
      break;
    }
    default: {
      const longest = random.below(8) === 0 ? model.length : 5;
      const count = random.below(Math.min(longest, model.length - index) + 1);
      list.deleteRange(index, count);
      model.splice(index, count);
    }
  }
}

describe('lists', () => {
  it.each([-1, -2, -5, 0, 1, 2, 5, 64])('keep what an array keeps, at a size of %i', (size) => {
    withSeed(testSeed(1), FILE, (random) => {
      const space = keyspaceOf(size);
      const db = space.databases[0];
      const { used } = space.arena;
      const list = new ListValue().create(db, KEY, 0, KEY.length);
      const model: string[] = [];
      for (let n = 0; n < 3000; n++) {
        change(list, model, random);
        expect(list.size).toBe(model.length);
        if (n % 50 !== 0) continue;
        expect(contents(list)).toEqual(model);
        expect(backwards(list)).toEqual(model);
        for (let i = 0; i < list.packs && model.length > 0; i++) {
          const { bytes, start, length } = list.packAt(i);
          expect(isListpack(bytes, start, start + length)).toBe(true);
          expect(length).toBeGreaterThan(7);
        }
      }
      db.remove(list.ref);
      expect(space.arena.used).toBe(used);
    });
  });

  it('find every index of a list of many blocks', () => {
    const list = new ListValue().create(keyspaceOf(-1).databases[0], KEY, 0, KEY.length);
    for (let n = 0; n < 5000; n++) list.push(n % 2 === 0, ...range(`element ${n}`));
    const all = contents(list);
    expect(list.packs).toBeGreaterThan(10);
    for (let i = 0; i < all.length; i++) {
      list.seek(i);
      const { bytes, start, end } = list.read();
      expect(latin1(bytes, start, end)).toBe(all[i]);
    }
    expect(list.seek(-1)).toBe(false);
    expect(list.seek(all.length)).toBe(false);
  });

  it('stay packed in their record up to the size of a listpack', () => {
    const db = keyspaceOf(-1).databases[0];
    const list = new ListValue().create(db, KEY, 0, KEY.length);
    while (!db.isObject(list.ref)) list.push(false, ...range('0123456789'));
    expect(list.size).toBeGreaterThan(330);
    expect(list.size * 12).toBeLessThan(4096);
    expect(contents(list)).toEqual(Array(list.size).fill('0123456789'));
  });

  it('copy their blocks, and free them with the copy', () => {
    const space = keyspaceOf(-2);
    const db = space.databases[0];
    const list = new ListValue().create(db, KEY, 0, KEY.length);
    for (let n = 0; n < 3000; n++) list.push(false, ...range(`element ${n}`));
    const { used } = space.arena;
    const copy = db.object(list.ref).clone();
    expect(space.arena.used).toBeGreaterThan(used + 30_000);
    dispose(copy);
    expect(space.arena.used).toBe(used);
  });

  it('take a queue of any length through without growing', () => {
    const space = keyspaceOf(-2);
    const list = new ListValue().create(space.databases[0], KEY, 0, KEY.length);
    for (let n = 0; n < 2000; n++) list.push(false, ...range(`element ${n}`));
    const { used } = space.arena;
    for (let n = 2000; n < 50_000; n++) {
      list.push(false, ...range(`element ${n}`));
      list.deleteRange(0, 1);
    }
    expect(list.size).toBe(2000);
    expect(space.arena.used).toBeLessThan(used + 32_768);
    list.deleteRange(0, 1999);
    expect(contents(list)).toEqual(['element 49999']);
    expect(space.arena.used).toBeLessThan(2048);
  });
});
