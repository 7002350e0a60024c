/** HyperLogLogs: how many different elements were seen, estimated in 12 KB at most. They are kept as strings. */
import type { Ref } from '../../keyspace/arena.js';
import { IS_RAW, STRING } from '../../keyspace/record.js';
import {
  CorruptHyperLogLog,
  cacheCardinality,
  cachedCardinality,
  countElements,
  countRegisters,
  describeRuns,
  emptyHyperLogLog,
  HyperLogLog,
  isHyperLogLog,
  mergeRegisters,
  REGISTERS,
  registersOf,
} from '../../keyspace/values/hyperloglog.js';
import { fromLatin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { keyAt, keyRange } from '../key-specs.js';
import { readTyped, writeTyped } from '../lookup.js';

const NO_HYPERLOGLOG = 'WRONGTYPE Key is not a valid HyperLogLog string value.';
const CORRUPT = 'INVALIDOBJ Corrupted HLL object detected';

export const hyperloglog: readonly CommandDefinition[] = [
  {
    name: 'pfadd',
    summary: 'Adds elements to a HyperLogLog; answers whether its estimate may have changed.',
    since: '2.8.9',
    group: 'hyperloglog',
    complexity: 'O(1) to add every element.',
    arity: -2,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['hyperloglog'],
    keys: [keyAt(1, 'RW', 'insert')],
    args: [arg.key('key', 0), arg.string('element', { optional: true, multiple: true })],
    reply: '0 | 1',
    run(c) {
      soundly(() => add(c));
    },
  },
  {
    name: 'pfcount',
    summary: 'Estimates how many different elements HyperLogLogs have seen together.',
    since: '2.8.9',
    group: 'hyperloglog',
    complexity:
      'O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.',
    arity: -2,
    flags: ['readonly', 'may_replicate'],
    acl: ['hyperloglog'],
    keys: [
      {
        ...keyRange(1, -1, 1, 'RW', 'access'),
        notes: 'RW because it may change the internal representation of the key, and propagate to replicas',
      },
    ],
    args: [arg.key('key', 0, { multiple: true })],
    reply: 'number',
    run(c) {
      soundly(() => (c.request.argc > 2 ? countTogether(c) : count(c)));
    },
  },
  {
    name: 'pfmerge',
    summary: 'Adds to a HyperLogLog what others have seen.',
    since: '2.8.9',
    group: 'hyperloglog',
    complexity: 'O(N) to merge N HyperLogLogs, but with high constant times.',
    arity: -2,
    flags: ['write', 'denyoom'],
    acl: ['hyperloglog'],
    keys: [keyAt(1, 'RW', 'access', 'insert'), keyRange(2, -1, 1, 'RO', 'access')],
    args: [arg.key('destkey', 0), arg.key('sourcekey', 1, { multiple: true })],
    reply: "'OK'",
    run(c) {
      soundly(() => merge(c));
    },
  },
  {
    name: 'pfdebug',
    summary: 'Shows the inside of a HyperLogLog.',
    since: '2.8.9',
    group: 'hyperloglog',
    complexity: 'N/A',
    arity: 3,
    flags: ['write', 'denyoom', 'admin'],
    acl: ['hyperloglog'],
    keys: [keyAt(2, 'RW', 'access')],
    args: [arg.string('subcommand'), arg.key('key', 0)],
    reply: 'unknown',
    systemCommand: true,
    run(c) {
      soundly(() => debug(c));
    },
  },
  {
    name: 'pfselftest',
    summary: 'Tests the estimates.',
    since: '2.8.9',
    group: 'hyperloglog',
    complexity: 'N/A',
    arity: 1,
    flags: ['admin'],
    acl: ['hyperloglog'],
    reply: "'OK'",
    systemCommand: true,
    run: selfTest,
  },
];

/** Runs what may find that a value isn't sound. */
function soundly(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof CorruptHyperLogLog) throw new CommandError(CORRUPT);
    throw error;
  }
}

/** Throws unless the record holds a HyperLogLog. */
function requireHyperLogLog({ db }: Context, ref: Ref): void {
  if (!isHyperLogLog(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref)))
    throw new CommandError(NO_HYPERLOGLOG);
}

/** The HyperLogLog in argument i for reading, or 0. */
function readHyperLogLog(c: Context, i: number): Ref {
  const ref = readTyped(c, i, STRING);
  if (ref !== 0) requireHyperLogLog(c, ref);
  return ref;
}

/** The value in argument i to be changed; an empty one when there is none. */
function openHyperLogLog(c: Context, i: number): { value: HyperLogLog; isNew: boolean } {
  const { db } = c;
  const ref = writeTyped(c, i, STRING);
  if (ref === 0) {
    const empty = emptyHyperLogLog();
    return { value: new HyperLogLog(empty, 0, empty.length), isNew: true };
  }
  requireHyperLogLog(c, ref);
  return { value: new HyperLogLog(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref)), isNew: false };
}

/** Puts the changed value back. */
function close({ db, request }: Context, i: number, { bytes, length }: HyperLogLog): void {
  const { buffer, starts, ends } = request;
  db.setOrigin(db.setString(buffer, starts[i], ends[i], bytes, 0, length, true), IS_RAW);
}

function sparseLimit({ server }: Context): number {
  return Number(server.config.text('hll-sparse-max-bytes'));
}

/** PFADD key [element …] */
function add(c: Context): void {
  const { request, reply } = c;
  const { value, isNew } = openHyperLogLog(c, 1);
  const limit = sparseLimit(c);
  let changed = isNew;
  for (let i = 2; i < request.argc; i++) {
    if (value.add(request.buffer, request.starts[i], request.ends[i], limit)) changed = true;
  }
  if (changed) {
    value.forgetCardinality();
    close(c, 1, value);
    c.changed(1, EVENT.string, 'pfadd');
  }
  reply.integer(changed ? 1 : 0);
}

/** PFCOUNT key: the count is kept with the value until the next change. */
function count(c: Context): void {
  const { db, reply } = c;
  const ref = readHyperLogLog(c, 1);
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  const start = db.valueStart(ref);
  let elements = cachedCardinality(db.buffer(ref), start);
  if (elements === undefined) {
    elements = countElements(db.buffer(ref), start, db.valueEnd(ref));
    const written = writeTyped(c, 1, STRING);
    cacheCardinality(db.buffer(written), db.valueStart(written), elements);
    c.touched();
  }
  reply.integer(elements);
}

/** The registers of the HyperLogLogs in the arguments, merged, and whether one of them was dense. */
function mergeArguments(c: Context): { registers: Uint8Array; anyDense: boolean } {
  const { db, request } = c;
  const registers = new Uint8Array(REGISTERS);
  let anyDense = false;
  for (let i = 1; i < request.argc; i++) {
    const ref = readHyperLogLog(c, i);
    if (ref === 0) continue;
    const start = db.valueStart(ref);
    anyDense ||= encodingOf(db.buffer(ref), start) === 'dense';
    mergeRegisters(registers, db.buffer(ref), start, db.valueEnd(ref));
  }
  return { registers, anyDense };
}

function countTogether(c: Context): void {
  c.reply.integer(countRegisters(mergeArguments(c).registers));
}

/** PFMERGE destination [source …] */
function merge(c: Context): void {
  const { registers, anyDense } = mergeArguments(c);
  const { value } = openHyperLogLog(c, 1);
  const limit = sparseLimit(c);
  if (anyDense) value.becomeDense();
  for (let i = 0; i < REGISTERS; i++) if (registers[i] > 0) value.raise(i, registers[i], limit);
  value.forgetCardinality();
  close(c, 1, value);
  c.changed(1, EVENT.string, 'pfadd');
  c.reply.ok();
}

// Looking inside

function encodingOf(bytes: Uint8Array, start: number): 'dense' | 'sparse' {
  return bytes[start + 4] === 0 ? 'dense' : 'sparse';
}

/** PFDEBUG subcommand key */
function debug(c: Context): void {
  const { request, db, reply } = c;
  const ref = writeTyped(c, 2, STRING);
  if (ref === 0) throw new CommandError('ERR The specified key does not exist');
  requireHyperLogLog(c, ref);
  const bytes = db.buffer(ref);
  const start = db.valueStart(ref);
  const end = db.valueEnd(ref);
  const encoding = encodingOf(bytes, start);
  switch (request.latin1(1).toUpperCase()) {
    case 'ENCODING':
      reply.status(encoding);
      return;
    case 'DECODE':
      if (encoding === 'dense') throw new CommandError('ERR HLL encoding is not sparse');
      reply.latin1(describeRuns(bytes, start, end));
      return;
    case 'TODENSE':
      makeDense(c, ref);
      reply.integer(encoding === 'dense' ? 0 : 1);
      return;
    case 'GETREG': {
      const registers = registersOf(bytes, start, end);
      makeDense(c, ref);
      reply.array(REGISTERS);
      for (const register of registers) reply.integer(register);
      return;
    }
  }
  throw new CommandError(`ERR Unknown PFDEBUG subcommand '${request.latin1(1)}'`);
}

/** The HyperLogLog in argument 2 becomes dense, if it isn't. */
function makeDense(c: Context, ref: Ref): void {
  const { db } = c;
  const value = new HyperLogLog(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
  if (!value.isSparse) return;
  value.becomeDense();
  close(c, 2, value);
  c.touched();
}

/** Elements of the self test: enough for both encodings, few enough not to hold the node up. */
const SELF_TEST_ELEMENTS = 100_000;

/** PFSELFTEST: adds elements to both forms at once; they must agree, and be near the truth. */
function selfTest(c: Context): void {
  const empty = emptyHyperLogLog();
  const sparse = new HyperLogLog(empty, 0, empty.length);
  const dense = new HyperLogLog(empty, 0, empty.length);
  dense.becomeDense();
  const limit = sparseLimit(c);
  const seed = c.keyspace.random().toString(16);
  for (let n = 1, checkpoint = 1; n <= SELF_TEST_ELEMENTS; n++) {
    const element = fromLatin1(`${seed}:${n}`);
    dense.add(element, 0, element.length, limit);
    sparse.add(element, 0, element.length, limit);
    if (n !== checkpoint) continue;
    checkpoint *= 10;
    if (n < limit / 2 && !sparse.isSparse) throw new CommandError('ERR TESTFAILED sparse encoding not used');
    const estimate = countElements(dense.bytes, 0, dense.length);
    if (estimate !== countElements(sparse.bytes, 0, sparse.length)) {
      throw new CommandError('ERR TESTFAILED dense/sparse disagree');
    }
    const error = Math.abs(n - estimate);
    const allowed = n === 10 ? 1 : Math.ceil((1.04 / Math.sqrt(REGISTERS)) * 6 * n);
    if (error > allowed) throw new CommandError(`ERR TESTFAILED Too big error. card:${n} abserr:${error}`);
  }
  c.reply.ok();
}
