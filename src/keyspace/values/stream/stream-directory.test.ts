import { describe, expect, it } from 'vitest';
import { testSeed, withSeed } from '../../../../test/support/random.js';
import { StreamDirectory } from './stream-directory.js';
import { StreamId } from './stream-id.js';

const FILE = 'src/keyspace/values/stream/stream-directory.test.ts';

function idOf(n: number): StreamId {
  return new StreamId().setTime(n);
}

/** The same from a trie of the IDs' bytes. */
function nodesOfTrie(keys: readonly string[], depth = 0): number {
  if (keys.length === 0) return 1;
  let run = depth;
  while (run < 16 && keys.every((key) => key[run] === keys[0][run])) run++;
  const branches = new Map<string, string[]>();
  for (const key of run < 16 ? keys : []) {
    const branch = branches.get(key[run]) ?? [];
    branches.set(key[run], [...branch, key]);
  }
  let nodes = 1 + (run > depth ? 1 : 0);
  for (const branch of branches.values()) nodes += nodesOfTrie(branch, run + 1);
  return nodes;
}

describe('the directory of a stream', () => {
  it('finds nodes while they come and go', () => {
    withSeed(testSeed(1), FILE, (random) => {
      const directory = new StreamDirectory();
      const model: number[] = [];
      const id = new StreamId();
      let last = 5;
      for (let n = 0; n < 5000; n++) {
        if (random.below(100) < (n % 2000 < 1000 ? 60 : 40)) {
          last += 1 + random.below(3);
          directory.append(idOf(last), last);
          model.push(last);
        } else if (model.length > 0) {
          const i = random.below(3) === 0 ? random.below(model.length) : 0;
          directory.remove(i);
          model.splice(i, 1);
        }
        const sought = random.below(last + 5);
        expect(directory.size).toBe(model.length);
        expect(directory.find(idOf(sought))).toBe(model.findLastIndex((time) => time <= sought));
        if (n % 100 > 0) continue;
        for (const [i, time] of model.entries()) {
          directory.readId(i, id);
          expect([directory.ref(i), id.compare(idOf(time))]).toEqual([time, 0]);
        }
      }
    });
  });

  it('knows the size of a radix tree over the IDs', () => {
    withSeed(testSeed(1), FILE, (random) => {
      for (let n = 0; n < 200; n++) {
        const ids = Array.from({ length: random.below(40) }, () =>
          new StreamId().set(random.below(2), random.uint32() & 0x00ff00ff, 0, random.below(3)),
        );
        ids.sort((a, b) => a.compare(b));
        const distinct = ids.filter((id, i) => i === 0 || id.compare(ids[i - 1]) !== 0);
        const directory = new StreamDirectory();
        const keys = distinct.map((id) => {
          directory.append(id, 1);
          const bytes = new Uint8Array(16);
          id.writeBytes(bytes, 0);
          return String.fromCharCode(...bytes);
        });
        expect(directory.radixTreeNodes).toBe(nodesOfTrie(keys));
      }
    });
  });
});
