import { expect, it } from 'vitest';
import { testSeed, withSeed } from '../../../../test/support/random.js';
import { PendingEntry, PendingList } from './pending-list.js';
import { StreamId } from './stream-id.js';

const FILE = 'src/keyspace/values/stream/pending-list.test.ts';

function idOf(n: number): StreamId {
  return new StreamId().setTime(n);
}

function idsFrom(list: PendingList, from?: StreamId): string[] {
  const ids: string[] = [];
  list.visit(({ id }) => ids.push(String(id)) > 0, from);
  return ids;
}

it.each([100, 2000])('keeps entries in order, among %i IDs', (range) => {
  withSeed(testSeed(1), FILE, (random) => {
    const list = new PendingList();
    const model = new Set<number>();
    for (let n = 0; n < 3000; n++) {
      // It grows first, then shrinks.
      const at = random.below(range);
      const id = idOf(at);
      if (random.below(3) > (n < 1500 ? 0 : 1)) {
        expect(list.add(new PendingEntry(id, null, 0, 1))).toBe(!model.has(at));
        model.add(at);
      } else {
        expect(list.remove(id)?.id.compare(id)).toBe(model.has(at) ? 0 : undefined);
        model.delete(at);
      }
      expect(list.size).toBe(model.size);
      expect(list.find(id) !== undefined).toBe(model.has(at));
      if (n % 50 > 0) continue;
      const sorted = [...model].sort((a, b) => a - b);
      const texts = sorted.map((time) => `${time}-0`);
      const from = random.below(range);
      const rest = sorted.filter((time) => time >= from).map((time) => `${time}-0`);
      expect(idsFrom(list)).toEqual(texts);
      expect(idsFrom(list, idOf(from))).toEqual(rest);
      expect(list.atOrAfter(idOf(from))?.id.toString()).toBe(rest[0]);
      expect([list.first?.id.toString(), list.last?.id.toString()]).toEqual([texts[0], texts.at(-1)]);
    }
  });
});

it('keeps chunks full when IDs ascend, and gives them back from the front', () => {
  const list = new PendingList();
  for (let n = 0; n < 1000; n++) list.add(new PendingEntry(idOf(n), null, 0, 1));
  for (let n = 0; n < 1000; n++) expect(list.remove(idOf(n))?.id.compare(idOf(n))).toBe(0);
  expect([list.size, list.first, list.last]).toEqual([0, undefined, undefined]);
});
