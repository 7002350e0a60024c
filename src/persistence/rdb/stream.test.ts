import { describe, expect, it } from 'vitest';
import { BareNode } from '../../../test/support/bare-node.js';
import { testSeed, withSeed } from '../../../test/support/random.js';
import { Keyspace } from '../../keyspace/keyspace.js';
import { fromLatin1 } from '../../protocol/bytes.js';
import { DumpPayloads } from './dump-payload.js';
import { RdbError } from './format.js';
import { loadValue } from './loader.js';
import { INCOMPLETE, RdbInput } from './reader.js';

const FILE = 'src/persistence/rdb/stream.test.ts';
const KEY = { bytes: fromLatin1('s'), start: 0, end: 1 };
/** The version and the checksum. */
const FOOTER_BYTES = 10;
const payloads = new DumpPayloads({ rdbcompression: false }, () => {});

function filled(): BareNode {
  const node = new BareNode();
  const run = (line: string) => node.run(line.split(' '));
  run('CONFIG SET stream-node-max-entries 4');
  for (let n = 1; n < 20; n++) run(`XADD s ${n}-${n % 3} f value${n} ${n % 5 === 0 ? 'g' : 'h'} ${n}`);
  run('XADD s 9007199254740993-18446744073709551615 f v');
  run('XDEL s 3 9-0');
  run('XGROUP CREATE s readers 4');
  run('XGROUP CREATE s others 0 ENTRIESREAD 7');
  run('XREADGROUP GROUP readers one COUNT 5 STREAMS s >');
  run('XREADGROUP GROUP readers two COUNT 2 STREAMS s >');
  run('XGROUP CREATECONSUMER s others three');
  return node;
}

function dump(node: BareNode): Uint8Array {
  const db = node.keyspace.databases[0];
  return payloads.dump(db, db.peek(KEY.bytes, 0, 1));
}

function emptyKeyspace(): Keyspace {
  return new Keyspace({ databases: 1, clusterMode: false, random: () => 4, listener: { expiring() {} } });
}

describe('streams in RDB', () => {
  it('come back with everything that they remember', () => {
    const node = filled();
    const shown = node.run(['XINFO', 'STREAM', 's', 'FULL', 'COUNT', '0']).toString('latin1');
    const payload = dump(node);
    node.run(['DEL', 's']);
    expect(payloads.restore(node.keyspace.databases[0], KEY, payload, 0, payload.length)).not.toBe(0);
    expect(node.run(['XINFO', 'STREAM', 's', 'FULL', 'COUNT', '0']).toString('latin1')).toBe(shown);
    expect(dump(node)).toEqual(payload);
  });

  it('are read however they arrive in pieces', () => {
    const payload = dump(filled());
    const end = payload.length - FOOTER_BYTES;
    const { databases } = emptyKeyspace();
    const input = new RdbInput();
    input.bytes = payload;
    input.position = 1;
    let again = false;
    let loaded = 0;
    for (input.end = 2; loaded === 0; input.end++) {
      input.position = 1;
      input.beginItem(again);
      again = true;
      try {
        loaded = loadValue(payload[0], input, databases[0], KEY);
        expect(input.position).toBe(end);
      } catch (error) {
        expect(error).toBe(INCOMPLETE);
      }
    }
    expect(payloads.dump(databases[0], loaded)).toEqual(payload);
  });

  it('are read in the forms before and behind ours', () => {
    // One node with 1-1 and 2-1, of fields `f`; the last ID; then one group with one entry pending.
    const id = (ms: number) => `${'\0'.repeat(7)}${String.fromCharCode(ms)}${'\0'.repeat(7)}\x01`;
    const time = `${'\x05'}${'\0'.repeat(7)}`;
    const master = '\x02\x01\0\x01\x01\x01\x81f\x02\0\x01';
    const first = '\x02\x01\0\x01\0\x01\x05\x01\x04\x01';
    const second = '\x02\x01\x01\x01\0\x01\x06\x01\x04\x01';
    const elements = master + first + second;
    const node = `${String.fromCharCode(7 + elements.length)}\0\0\0\x0f\0${elements}\xff`;
    const entries = `\x01\x10${id(1)}${String.fromCharCode(node.length)}${node}\x02\x02\x01`;
    const pending = `\x01${id(1)}${time}\x03`;
    const forms = [
      [15, `${entries}\x01\x01g\x01\x01${pending}\x01\x01c${time}\x01${id(1)}`],
      [19, `${entries}\x01\x01\0\0\x02\x01\x01g\x01\x01\x01${pending}\x01\x01c${time}\x01${id(1)}`],
      [21, `${entries}\x01\x01\0\0\x02\x01\x01g\x01\x01\x01${pending}\x01\x01c${time}${time}\x01${id(1)}`],
    ] as const;
    const shown = forms.map(([type, value]) => {
      const bytes = fromLatin1(value);
      const bare = new BareNode();
      const input = new RdbInput();
      input.bytes = bytes;
      input.end = bytes.length;
      input.beginItem();
      loadValue(type, input, bare.keyspace.databases[0], KEY);
      expect(input.position).toBe(bytes.length);
      return bare.run(['XINFO', 'STREAM', 's', 'FULL']).toString('latin1');
    });
    expect(shown[1]).toContain('1-1');
    expect(shown[0]).toBe(shown[1]);
    expect(shown[2]).toBe(shown[1]);
  });

  it('are refused or sound when a byte is not what it was', () => {
    withSeed(testSeed(1), FILE, (random) => {
      const sound = dump(filled());
      const end = sound.length - FOOTER_BYTES;
      let refused = 0;
      for (let n = 0; n < 1500; n++) {
        const payload = sound.slice();
        for (let k = 1 + random.below(3); k > 0; k--) payload[1 + random.below(end - 1)] = random.uint32();
        const node = new BareNode();
        const ref = payloads.restore(node.keyspace.databases[0], KEY, payload, 0, payload.length);
        if (ref === 0) {
          refused++;
          expect(node.keyspace.databases[0].size).toBe(0);
          continue;
        }
        for (const command of [
          'XRANGE s - +',
          'XREVRANGE s + -',
          'XINFO STREAM s FULL COUNT 0',
          'XAUTOCLAIM s readers x 0 0',
          'XTRIM s MAXLEN 5',
          'XADD s * f v',
          'DEL s',
        ]) {
          node.run(command.split(' '));
        }
        expect(node.keyspace.arena.used).toBe(0);
      }
      expect(refused).toBeGreaterThan(500);
    });
  });

  it('are refused when they end too early', () => {
    const sound = dump(filled());
    for (let end = 1; end < sound.length - FOOTER_BYTES; end++) {
      const input = new RdbInput();
      const { databases, arena } = emptyKeyspace();
      input.bytes = sound;
      input.position = 1;
      input.end = end;
      input.beginItem();
      expect(() => loadValue(sound[0], input, databases[0], KEY)).toThrow(INCOMPLETE);
      expect(arena.used).toBe(0);
    }
  });

  it('says what is wrong', () => {
    const sound = dump(filled());
    const input = new RdbInput();
    input.bytes = sound.slice();
    input.bytes[3] ^= 1; // the first byte of the first node's ID
    input.position = 1;
    input.end = sound.length - FOOTER_BYTES;
    input.beginItem();
    expect(() => loadValue(sound[0], input, emptyKeyspace().databases[0], KEY)).toThrow(RdbError);
  });
});
