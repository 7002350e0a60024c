import { describe, expect, it } from 'vitest';
import { BareNode } from '../../../test/support/bare-node.js';
import { fromLatin1 } from '../../protocol/bytes.js';
import { DumpPayloads } from './dump-payload.js';

const KEY = { bytes: fromLatin1('key'), start: 0, end: 3 };
const payloads = new DumpPayloads({ rdbcompression: false }, () => {});

/** What DUMP answered in redis-server 7.2.6: a small set as a listpack, and a stream that knows when its consumers were active. */
const REDIS_7_2 = {
  set: '1413130000000300816102826262038363636304ff0b00aee09849fae4a806',
  stream:
    '150110000000000000000100000000000000011d1d0000000a00010100010101816602000102010001000181760204' +
    '01ff0101010101000001010167010101010000000000000001000000000000000199ded924a20100000101016399ded9' +
    '24a201000099ded924a201000001000000000000000100000000000000010b00fc60090b0d105cb0',
};

function restore(node: BareNode, payload: Uint8Array): boolean {
  if (!payloads.isSound(payload, 0, payload.length)) return false;
  return payloads.restore(node.keyspace.databases[0], KEY, payload, 0, payload.length) !== 0;
}

describe('payloads of newer servers', () => {
  it('are taken as far as their form is known: a master of theirs sends them in its stream', () => {
    const node = new BareNode();
    expect(restore(node, Buffer.from(REDIS_7_2.set, 'hex'))).toBe(true);
    expect(node.run(['SCARD', 'key']).toString()).toBe(':3\r\n');
    expect(restore(node, Buffer.from(REDIS_7_2.stream, 'hex'))).toBe(true);
    expect(node.run(['XLEN', 'key']).toString()).toBe(':1\r\n');
    expect(node.run(['XPENDING', 'key', 'g']).toString()).toContain(':1\r\n');
  });
});
