import { describe, expect, it } from 'vitest';
import { type TestRandom, testSeed, withSeed } from '../../../test/support/random.js';
import { copy, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { Arena, type Ref, SEGMENT_SHIFT, sizeClass, UNIT_MASK } from '../arena.js';
import { MEMBER_HEADER_BYTES, SortedTree } from './sorted-tree.js';

interface Entry {
  score: number;
  member: string;
  record: Ref;
}

function makeRecord(arena: Arena, member: string): Ref {
  const ref = arena.allocate(MEMBER_HEADER_BYTES + member.length);
  const unit = ref & UNIT_MASK;
  arena.words[ref >>> SEGMENT_SHIFT][unit * 2 + 2] = member.length;
  copy(
    arena.bytes[ref >>> SEGMENT_SHIFT],
    unit * 8 + MEMBER_HEADER_BYTES,
    fromLatin1(member),
    0,
    member.length,
  );
  return ref;
}

function memberOf(arena: Arena, ref: Ref): string {
  const unit = ref & UNIT_MASK;
  const start = unit * 8 + MEMBER_HEADER_BYTES;
  return latin1(
    arena.bytes[ref >>> SEGMENT_SHIFT],
    start,
    start + arena.words[ref >>> SEGMENT_SHIFT][unit * 2 + 2],
  );
}

function inOrder(a: Entry, b: Entry): number {
  return a.score - b.score || (a.member < b.member ? -1 : 1);
}

function entries(tree: SortedTree, arena: Arena, first: number, count: number, reverse = false): string[] {
  const found: string[] = [];
  tree.visit(first, count, reverse, (score, record) => found.push(`${score} ${memberOf(arena, record)}`));
  return found;
}

function check(tree: SortedTree, arena: Arena, model: Entry[], random: TestRandom): void {
  const expected = model.map(({ score, member }) => `${score} ${member}`);
  expect(tree.size).toBe(model.length);
  expect(entries(tree, arena, 0, model.length)).toEqual(expected);
  expect(entries(tree, arena, model.length - 1, model.length, true)).toEqual(expected.toReversed());
  for (let i = 0; i < 30 && model.length > 0; i++) {
    const rank = random.below(model.length);
    const { score, record } = model[rank];
    expect(tree.rank(score, record)).toBe(rank);
    expect(tree.at(rank)).toBe(record);
    expect(tree.countBelow(score, false)).toBe(model.filter((entry) => entry.score < score).length);
    expect(tree.countBelow(score, true)).toBe(model.filter((entry) => entry.score <= score).length);
  }
}

/** Adds and removes as `next` says, comparing with a sorted array. */
function run(
  random: TestRandom,
  steps: number,
  next: (size: number, step: number) => number | 'remove',
): void {
  const arena = new Arena();
  const tree = new SortedTree(arena);
  let model: Entry[] = [];
  for (let step = 0; step < steps; step++) {
    const action = next(model.length, step);
    if (action === 'remove') {
      const at = random.below(model.length);
      const [{ score, record, member }] = model.splice(at, 1);
      if (random.below(2) === 0) tree.remove(score, record);
      else expect(tree.removeAt(at)).toBe(record);
      arena.free(record, sizeClass(MEMBER_HEADER_BYTES + member.length));
    } else {
      const entry = { score: action, member: `m${step}`, record: makeRecord(arena, `m${step}`) };
      tree.insert(entry.score, entry.record);
      model.push(entry);
      model.sort(inOrder);
    }
    if (step % 977 === 0) check(tree, arena, model, random);
  }
  check(tree, arena, model, random);
  for (const { record, member } of model) arena.free(record, sizeClass(MEMBER_HEADER_BYTES + member.length));
  model = [];
  tree.clear();
  expect(arena.used).toBe(0);
}

describe('sorted tree', () => {
  const file = 'src/keyspace/values/sorted-tree.test.ts';

  it('keeps order and ranks whatever is added and removed', () => {
    withSeed(testSeed(1), file, (random) => {
      run(random, 12_000, (size, step) => {
        const growing = step % 6000 < 3500;
        if (size > 0 && random.below(10) >= (growing ? 8 : 2)) return 'remove';
        return random.below(step % 2000 < 1000 ? 20 : 1_000_000) / 8;
      });
    });
  });

  it('takes entries in ascending, descending and equal order', () => {
    withSeed(testSeed(2), file, (random) => {
      run(random, 7000, (_, step) => step);
      run(random, 7000, (_, step) => -step);
      run(random, 7000, () => 1);
    });
  });

  it('shrinks to nothing from either end', () => {
    for (const fromEnd of [false, true]) {
      const arena = new Arena();
      const tree = new SortedTree(arena);
      const records = Array.from({ length: 9000 }, (_, i) => makeRecord(arena, `m${i}`));
      records.forEach((record, i) => {
        tree.insert(i, record);
      });
      for (let left = records.length; left > 0; left--) {
        expect(tree.removeAt(fromEnd ? left - 1 : 0)).toBe(records[fromEnd ? left - 1 : 9000 - left]);
      }
      expect(tree.size).toBe(0);
      expect(tree.countBelow(Number.POSITIVE_INFINITY, true)).toBe(0);
    }
  });

  it('finds places among members when all scores are the same', () => {
    const arena = new Arena();
    const tree = new SortedTree(arena);
    for (let i = 0; i < 1000; i++) tree.insert(0, makeRecord(arena, String(i).padStart(4, '0')));
    const below = (text: string, orEqual: boolean) =>
      tree.countBelowMember(fromLatin1(text), 0, text.length, orEqual);
    expect(below('0500', false)).toBe(500);
    expect(below('0500', true)).toBe(501);
    expect(below('0500x', false)).toBe(501);
    expect(below('', true)).toBe(0);
    expect(below('2', true)).toBe(1000);
  });
});
