/** Damaged append-only files: R9 of the guarantees. */
import { describe, expect, it } from 'vitest';
import { Keyspace } from '../../src/keyspace/keyspace.js';
import { AofFolder } from '../../src/persistence/aof/folder.js';
import { AofLoader } from '../../src/persistence/aof/loader.js';
import { LoadPace, runToEnd } from '../../src/persistence/load-progress.js';
import { encodeRequest } from '../../src/protocol/request-parser.js';
import { LoneNode } from '../support/lone-node.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { TestRandom } from '../support/random.js';
import { workload } from './workload.js';

const MANIFEST = 'file a.aof.1.incr.aof seq 1 type i\n';
const INCREMENT = 'appendonlydir/a.aof.1.incr.aof';
const SIZE = 64 * 1024;

function diskWith(increment: Uint8Array): MemoryDisk {
  const disk = new MemoryDisk();
  disk.directories.add('appendonlydir');
  disk.put('appendonlydir/a.aof.manifest', MANIFEST);
  disk.put(INCREMENT, increment);
  return disk;
}

/** Commands of many lengths, some in transactions: the bytes, and the offsets at which a crash could end them well. */
function sample(): { bytes: Buffer; ends: { offset: number; commands: number }[] } {
  const random = new TestRandom(1);
  const parts: Buffer[] = [];
  const ends = [{ offset: 0, commands: 0 }];
  let offset = 0;
  let commands = 0;
  const add = (...words: string[]) => {
    const bytes = Buffer.from(encodeRequest(words));
    parts.push(bytes);
    offset += bytes.length;
  };
  while (offset < SIZE) {
    const inTransaction = random.below(5) === 0;
    if (inTransaction) add('MULTI');
    for (let left = inTransaction ? 1 + random.below(3) : 1; left > 0; left--) {
      add('SET', `key:${random.below(100)}`, 'x\r\n*3'.repeat(random.pick([0, 1, 5, 40, 600])));
      commands++;
    }
    if (inTransaction) add('EXEC');
    ends.push({ offset, commands });
  }
  return { bytes: Buffer.concat(parts), ends };
}

describe('an append-only file', () => {
  it('cut at any offset is recovered up to its longest whole prefix', () => {
    const { bytes, ends } = sample();
    const keyspace = new Keyspace({
      databases: 1,
      clusterMode: false,
      random: () => 4,
      listener: { expiring() {} },
    });
    let last = 0;
    for (let cut = 1; cut <= bytes.length; cut++) {
      while (last + 1 < ends.length && ends[last + 1].offset <= cut) last++;
      const disk = diskWith(bytes.subarray(0, cut));
      let executed = 0;
      const loader = new AofLoader(
        {
          folder: new AofFolder(disk, () => {}, 'appendonlydir', 'a.aof'),
          keyspace,
          log: () => {},
          now: () => 0,
          execute: () => {
            executed++;
            return true;
          },
          beginFile() {},
        },
        true,
        { startedAt: 0, totalBytes: 0, loadedBytes: 0, usedMemory: 0 },
        new LoadPace({ 'loading-process-events-interval-bytes': 2 ** 21, 'key-load-delay': 0 }),
      );
      const found = {
        result: runToEnd(loader.load()),
        executed,
        size: disk.files.get(INCREMENT)!.bytes.length,
      };
      const expected = { result: 'ok', executed: ends[last].commands, size: ends[last].offset };
      if (JSON.stringify(found) !== JSON.stringify(expected)) expect({ cut, ...found }).toEqual(expected);
    }
  }, 120_000);

  it('with a bit flipped anywhere is loaded or refused, and never crashes the node', () => {
    const random = new TestRandom(2);
    const disk = new MemoryDisk();
    const node = new LoneNode({ appendonly: 'yes', appendfilename: 'a.aof' }, { disk });
    for (const { commands } of workload(1, 40)) node.sendTogether(...commands);
    node.advance(5000);
    const names = [...disk.files.keys()].filter((name) => !name.endsWith('manifest'));
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      const damaged = disk.copy();
      const { bytes } = damaged.files.get(random.pick(names))!;
      if (bytes.length === 0) continue;
      const offset = random.below(bytes.length);
      bytes[offset] ^= 1 << random.below(8);
      const next = new LoneNode({ appendonly: 'yes', appendfilename: 'a.aof' }, { disk: damaged });
      if (next.loaded === false) refused++;
      else expect(next.send('PING')).toBe('+PONG\r\n');
    }
    expect(refused).toBeGreaterThan(100);
  });
});
