/**
 * LCS: the longest common subsequence of two strings, by the classic table of lengths over all prefixes. O(a × b) time
 * and memory; the memory is limited by `proto-max-bulk-len`, as in Redis.
 *
 * The way back through the table prefers the first string's prefix only when it is strictly better, and joins
 * neighbouring matches into ranges, from the end to the beginning.
 */

import type { Ref } from '../../keyspace/arena.js';
import { copyValue, type Database } from '../../keyspace/database.js';
import { STRING } from '../../keyspace/record.js';
import { allocate, type Bytes, EMPTY } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { integerArgument } from '../input.js';

/** LCS key1 key2 [LEN] [IDX] [MINMATCHLEN n] [WITHMATCHLEN]. */
export function longestCommonSubsequence(c: Context): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends, argc } = request;
  const refs = [1, 2].map((i) => db.read(buffer, starts[i], ends[i]));
  if (refs.some((ref) => ref !== 0 && db.type(ref) !== STRING))
    throw new CommandError('ERR The specified keys must contain string values');
  let wantLength = false;
  let wantRanges = false;
  let withMatchLength = false;
  let shortest = 0;
  for (let i = 3; i < argc; i++) {
    if (request.is(i, 'IDX')) wantRanges = true;
    else if (request.is(i, 'LEN')) wantLength = true;
    else if (request.is(i, 'WITHMATCHLEN')) withMatchLength = true;
    else if (request.is(i, 'MINMATCHLEN') && i + 1 < argc) {
      shortest = integerArgument(c, ++i);
    } else throw new CommandError(SYNTAX_ERROR);
  }
  if (wantLength && wantRanges)
    throw new CommandError('ERR If you want both the length and indexes, please just use IDX.');
  const [a, b] = refs.map((ref) => bytesOf(db, ref));
  if ((a.length + 1) * (b.length + 1) * 4 > Number(c.server.config.text('proto-max-bulk-len')))
    throw new CommandError('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');
  const table = lengthsOf(a, b);
  const length = table[table.length - 1];
  if (wantLength) {
    reply.integer(length);
    return;
  }
  const { common, ranges } = wayBack(a, b, table, length);
  if (!wantRanges) {
    reply.bulk(common);
    return;
  }
  const long = ranges.filter(({ size }) => size >= shortest);
  reply.map(2);
  reply.text('matches');
  reply.array(long.length);
  for (const { atA, atB, size } of long) {
    reply.array(withMatchLength ? 3 : 2);
    for (const at of [atA, atB]) {
      reply.array(2);
      reply.integer(at);
      reply.integer(at + size - 1);
    }
    if (withMatchLength) reply.integer(size);
  }
  reply.text('len');
  reply.integer(length);
}

function bytesOf(db: Database, ref: Ref): Bytes {
  return ref === 0 ? EMPTY : copyValue(db, ref);
}

/** Row i, column j: length of the longest common subsequence of a's first i and b's first j bytes. */
function lengthsOf(a: Bytes, b: Bytes): Uint32Array {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    let at = i * width + 1;
    for (let j = 1; j <= b.length; j++, at++) {
      table[at] =
        a[i - 1] === b[j - 1] ? table[at - width - 1] + 1 : Math.max(table[at - width], table[at - 1]);
    }
  }
  return table;
}

/** A run of equal bytes: a[atA, atA + size) = b[atB, atB + size). */
interface Range {
  atA: number;
  atB: number;
  size: number;
}

function wayBack(a: Bytes, b: Bytes, table: Uint32Array, length: number): { common: Bytes; ranges: Range[] } {
  const width = b.length + 1;
  const common = allocate(length);
  const ranges: Range[] = [];
  let range: Range | undefined;
  let left = length;
  let i = a.length;
  let j = b.length;
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      common[--left] = a[--i];
      j--;
      if (range !== undefined && range.atA === i + 1 && range.atB === j + 1) {
        range.atA = i;
        range.atB = j;
        range.size++;
      } else {
        range = { atA: i, atB: j, size: 1 };
        ranges.push(range);
      }
    } else if (table[(i - 1) * width + j] > table[i * width + j - 1]) i--;
    else j--;
  }
  return { common, ranges };
}
