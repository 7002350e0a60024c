/** OBJECT: how a key's value is kept. */
import type { Ref } from '../../keyspace/arena.js';
import type { Database } from '../../keyspace/database.js';
import { HASH_TYPE, IS_FLOAT, IS_HASHTABLE, IS_RAW, LIST, SET, STRING, ZSET } from '../../keyspace/record.js';
import { CommandError } from '../../protocol/command-error.js';
import { int64In, integerIn } from '../../protocol/integers.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { helpSubcommand } from '../help.js';
import { keyAt } from '../key-specs.js';

/** Longest string that Redis keeps together with its header. */
const EMBEDDED_LENGTH = 44;
/** Redis has these integers once, for all keys, and says so with the largest int as their reference count. */
const SHARED_INTEGERS = 10_000;
const SHARED_REFERENCES = 2 ** 31 - 1;

const IS_LFU = 'ERR An LFU maxmemory policy is selected, idle time not tracked.';
const NOT_LFU = 'ERR An LFU maxmemory policy is not selected, access frequency not tracked.';
const SWITCHING =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.';

export const object: readonly CommandDefinition[] = [
  {
    name: 'object',
    summary: 'A container for commands about the inside of values.',
    since: '2.2.3',
    group: 'generic',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'encoding',
        summary: 'Answers how the value is encoded.',
        since: '2.2.3',
        group: 'generic',
        complexity: 'O(1)',
        arity: 3,
        flags: ['readonly'],
        acl: ['keyspace'],
        keys: [keyAt(2, 'RO')],
        args: [arg.key('key', 0)],
        reply: 'string | null',
        tips: ['nondeterministic_output'],
        run(c) {
          const ref = find(c);
          if (ref !== 0) c.reply.text(encodingOf(c.db, ref));
        },
      },
      {
        name: 'freq',
        summary: 'Answers how often the key is used: a logarithmic counter.',
        since: '4.0.0',
        group: 'generic',
        complexity: 'O(1)',
        arity: 3,
        flags: ['readonly'],
        acl: ['keyspace'],
        keys: [keyAt(2, 'RO')],
        args: [arg.key('key', 0)],
        reply: 'number | null',
        tips: ['nondeterministic_output'],
        run(c) {
          const ref = find(c);
          if (ref === 0) return;
          if (!usesLfu(c)) throw new CommandError(`${NOT_LFU} ${SWITCHING}`);
          c.reply.integer(c.keyspace.frequency(c.db.accessClock(ref)));
        },
      },
      {
        name: 'idletime',
        summary: 'Answers how long the key has not been used, in seconds.',
        since: '2.2.3',
        group: 'generic',
        complexity: 'O(1)',
        arity: 3,
        flags: ['readonly'],
        acl: ['keyspace'],
        keys: [keyAt(2, 'RO')],
        args: [arg.key('key', 0)],
        reply: 'number | null',
        tips: ['nondeterministic_output'],
        run(c) {
          const ref = find(c);
          if (ref === 0) return;
          if (usesLfu(c)) throw new CommandError(`${IS_LFU} ${SWITCHING}`);
          // Both clocks are 24 bits of the seconds since 1970.
          c.reply.integer((Math.floor(c.now / 1000) - c.db.accessClock(ref)) & 0xffffff);
        },
      },
      {
        name: 'refcount',
        summary: 'Answers the number of references to the value.',
        since: '2.2.3',
        group: 'generic',
        complexity: 'O(1)',
        arity: 3,
        flags: ['readonly'],
        acl: ['keyspace'],
        keys: [keyAt(2, 'RO')],
        args: [arg.key('key', 0)],
        reply: 'number | null',
        tips: ['nondeterministic_output'],
        run(c) {
          const ref = find(c);
          if (ref !== 0) c.reply.integer(referencesTo(c, ref));
        },
      },
      helpSubcommand('generic', '6.2.0', { acl: ['keyspace'] }),
    ],
  },
];

/** The record of the key in argument 2; 0, with null as the reply, when there is none. */
function find({ request, db, reply }: Context): Ref {
  const ref = db.live(request.buffer, request.starts[2], request.ends[2]);
  if (ref === 0) reply.nil();
  return ref;
}

function usesLfu({ server }: Context): boolean {
  return server.config.text('maxmemory-policy').endsWith('lfu');
}

/** Encodings of collections that are packed in the record. */
const PACKED_ENCODINGS: Partial<Record<number, string>> = {
  [LIST]: 'quicklist',
  [SET]: 'intset',
  [ZSET]: 'listpack',
  [HASH_TYPE]: 'listpack',
};

/** The encoding as Redis would have it. */
export function encodingOf(db: Database, ref: Ref): string {
  if (db.isObject(ref)) return db.object(ref).encoding;
  if (db.origin(ref) === IS_HASHTABLE) return 'hashtable';
  return db.type(ref) === STRING ? stringEncoding(db, ref) : PACKED_ENCODINGS[db.type(ref)]!;
}

/** Strings here are always bytes. */
function stringEncoding(db: Database, ref: Ref): string {
  if (db.origin(ref) === IS_RAW) return 'raw';
  if (
    db.origin(ref) !== IS_FLOAT &&
    int64In(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref)) !== undefined
  )
    return 'int';
  return db.valueLength(ref) <= EMBEDDED_LENGTH ? 'embstr' : 'raw';
}

/**
 * Number of references to the value as Redis would have it: small integers are shared, unless each needs an access clock
 * of its own.
 */
export function referencesTo({ db, server }: Context, ref: Ref): number {
  if (db.type(ref) !== STRING || db.origin(ref) !== 0) return 1;
  const { config } = server;
  if (config.text('maxmemory') !== '0' && /-l[rf]u$/.test(config.text('maxmemory-policy'))) return 1;
  const value = integerIn(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
  return value >= 0 && value < SHARED_INTEGERS ? SHARED_REFERENCES : 1;
}
