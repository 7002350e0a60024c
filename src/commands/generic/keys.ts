/** Keys of any type: being, moving, copying, going. */
import type { Ref } from '../../keyspace/arena.js';
import { copyValue, type Database } from '../../keyspace/database.js';
import { typeName, type ValueType } from '../../keyspace/record.js';
import { copy, equal } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import type { Request } from '../../protocol/request.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { NO_SUCH_KEY, SAME_OBJECT, SYNTAX_ERROR } from '../errors.js';
import { databaseArgument } from '../input.js';
import { keyAt, keyRange } from '../key-specs.js';
import { inspect, writeAny } from '../lookup.js';

export const keys: readonly CommandDefinition[] = [
  {
    name: 'del',
    summary: 'Removes keys.',
    since: '1.0.0',
    group: 'generic',
    complexity:
      'O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).',
    arity: -2,
    flags: ['write'],
    acl: ['keyspace'],
    keys: [keyRange(1, -1, 1, 'RM', 'delete')],
    args: [arg.key('key', 0, { multiple: true })],
    reply: 'number',
    tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
    run: removeAll,
  },
  {
    name: 'unlink',
    summary: 'Removes keys; memory that takes long to free is freed later.',
    since: '4.0.0',
    group: 'generic',
    complexity:
      'O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.',
    arity: -2,
    flags: ['write', 'fast'],
    acl: ['keyspace'],
    keys: [keyRange(1, -1, 1, 'RM', 'delete')],
    args: [arg.key('key', 0, { multiple: true })],
    reply: 'number',
    tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
    run: removeAll,
  },
  {
    name: 'exists',
    summary: 'Counts how many of the keys named exist; one named twice counts twice.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(N) where N is the number of keys to check.',
    arity: -2,
    flags: ['readonly', 'fast'],
    acl: ['keyspace'],
    keys: [keyRange(1, -1, 1, 'RO')],
    args: [arg.key('key', 0, { multiple: true })],
    reply: 'number',
    tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
    history: [['3.0.3', 'Accepts multiple `key` arguments.']],
    run(c) {
      let count = 0;
      for (let i = 1; i < c.request.argc; i++) if (inspect(c, i) !== 0) count++;
      c.reply.integer(count);
    },
  },
  {
    name: 'touch',
    summary: 'Counts how many of the keys named exist and marks them as used now.',
    since: '3.2.1',
    group: 'generic',
    complexity: 'O(N) where N is the number of keys that will be touched.',
    arity: -2,
    flags: ['readonly', 'fast'],
    acl: ['keyspace'],
    keys: [keyRange(1, -1, 1, 'RO')],
    args: [arg.key('key', 0, { multiple: true })],
    reply: 'number',
    tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
    run({ request, db, reply }) {
      let count = 0;
      for (let i = 1; i < request.argc; i++) {
        if (db.read(request.buffer, request.starts[i], request.ends[i]) !== 0) count++;
      }
      reply.integer(count);
    },
  },
  {
    name: 'type',
    summary: "Answers the type of a key's value.",
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    acl: ['keyspace'],
    keys: [keyAt(1, 'RO')],
    args: [arg.key('key', 0)],
    reply: 'string',
    run(c) {
      const ref = inspect(c, 1);
      c.reply.status(ref === 0 ? 'none' : typeName(c.db.type(ref)));
    },
  },
  {
    name: 'rename',
    summary: 'Gives a key another name; a key that had it before is lost.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write'],
    acl: ['keyspace'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'update')],
    args: [arg.key('key', 0), arg.key('newkey', 1)],
    reply: "'OK'",
    run(c) {
      if (rename(c, true)) c.reply.ok();
    },
  },
  {
    name: 'renamenx',
    summary: 'Gives a key another name unless a key has it already.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'fast'],
    acl: ['keyspace'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'insert')],
    args: [arg.key('key', 0), arg.key('newkey', 1)],
    reply: '0 | 1',
    history: [
      ['3.2.0', 'The command no longer returns an error when source and destination names are the same.'],
    ],
    run(c) {
      if (rename(c, false)) c.reply.integer(1);
    },
  },
  {
    name: 'copy',
    summary: "Copies a key's value and expiry to another key.",
    since: '6.2.0',
    group: 'generic',
    complexity:
      'O(N) worst case for collections, where N is the number of nested items. O(1) for string values.',
    arity: -3,
    flags: ['write', 'denyoom'],
    acl: ['keyspace'],
    keys: [keyAt(1, 'RO', 'access'), keyAt(2, 'OW', 'update')],
    args: [
      arg.key('source', 0),
      arg.key('destination', 1),
      arg.integer('destination-db', { token: 'DB', optional: true }),
      arg.word('REPLACE', { optional: true }),
    ],
    reply: '0 | 1',
    run: copyKey,
  },
  {
    name: 'move',
    summary: 'Moves a key to another database.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'fast'],
    acl: ['keyspace'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0), arg.integer('db')],
    reply: '0 | 1',
    run: move,
  },
  {
    name: 'randomkey',
    summary: 'Answers a key chosen at random.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 1,
    flags: ['readonly', 'touches_arbitrary_keys'],
    acl: ['keyspace'],
    reply: 'Bulk | null',
    tips: ['request_policy:all_shards', 'nondeterministic_output'],
    run({ db, keyspace, reply }) {
      // A replica may not remove expired keys, so it doesn't look for ever for one that isn't.
      let tries = keyspace.expiryPolicy === 'remove' ? Number.POSITIVE_INFINITY : 100;
      let ref = db.random();
      while (ref !== 0 && db.isExpired(ref) && --tries > 0) {
        keyspace.keyExpired(db, ref);
        ref = db.random();
      }
      if (ref === 0) reply.nil();
      else reply.bulk(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref));
    },
  },
];

function removeAll(c: Context): void {
  const { request, db } = c;
  const { buffer, starts, ends, argc } = request;
  let count = 0;
  for (let i = 1; i < argc; i++) {
    const ref = db.live(buffer, starts[i], ends[i]);
    if (ref === 0) continue;
    db.remove(ref);
    c.changed(i, EVENT.generic, 'del');
    count++;
  }
  c.reply.integer(count);
}

function sameArgument({ buffer, starts, ends }: Request, i: number, k: number): boolean {
  return equal(buffer, starts[i], ends[i], buffer, starts[k], ends[k]);
}

/** RENAME and RENAMENX; answers false when the reply has been written already. */
function rename(c: Context, overwrite: boolean): boolean {
  const { request, db, reply } = c;
  const ref = writeAny(c, 1);
  if (ref === 0) throw new CommandError(NO_SUCH_KEY);
  const same = sameArgument(request, 1, 2);
  const target = same ? ref : writeAny(c, 2);
  if (target !== 0 && !overwrite) {
    reply.integer(0);
    return false;
  }
  if (same) return true;
  if (target !== 0) db.remove(target);
  db.rename(ref, request.buffer, request.starts[2], request.ends[2]);
  c.changed(1, EVENT.generic, 'rename_from');
  c.changed(2, EVENT.generic, 'rename_to');
  return true;
}

/** COPY source destination [DB n] [REPLACE]. */
function copyKey(c: Context): void {
  const { request, db, reply, server } = c;
  const { buffer, starts, ends, argc } = request;
  let target = db;
  let replace = false;
  for (let i = 3; i < argc; i++) {
    if (request.is(i, 'REPLACE')) replace = true;
    else if (request.is(i, 'DB') && i + 1 < argc) {
      target = c.keyspace.databases[databaseArgument(c, ++i)];
    } else throw new CommandError(SYNTAX_ERROR);
  }
  if (server.cluster !== null && target.index !== 0) {
    throw new CommandError('ERR Copying to another database is not allowed in cluster mode');
  }
  if (target === db && sameArgument(request, 1, 2)) throw new CommandError(SAME_OBJECT);
  const ref = db.read(buffer, starts[1], ends[1]);
  const before = ref === 0 ? 0 : target.write(buffer, starts[2], ends[2]);
  if (ref === 0 || (before !== 0 && !replace)) {
    reply.integer(0);
    return;
  }
  if (before !== 0) target.remove(before);
  duplicate(db, ref, target, request, 2);
  c.changedKey(buffer, starts[2], ends[2], EVENT.generic, 'copy_to', target);
  reply.integer(1);
}

/** Copies a record, expiry included, to the key in argument `i`, which doesn't exist in `target`. */
function duplicate(db: Database, ref: Ref, target: Database, request: Request, i: number): void {
  const { buffer, starts, ends } = request;
  const type = db.type(ref) as ValueType;
  let made: Ref;
  if (db.isObject(ref)) made = target.putObject(buffer, starts[i], ends[i], type, db.object(ref).clone());
  else {
    const value = copyValue(db, ref);
    made = target.put(buffer, starts[i], ends[i], type, value.length);
    copy(target.buffer(made), target.valueStart(made), value, 0, value.length);
    target.setOrigin(made, db.origin(ref));
  }
  const expiry = db.expiry(ref);
  if (expiry !== -1) target.expireAt(made, expiry);
}

/** MOVE key db. */
function move(c: Context): void {
  const { request, db, reply, server } = c;
  const { buffer, starts, ends } = request;
  if (server.cluster !== null) throw new CommandError('ERR MOVE is not allowed in cluster mode');
  const target = c.keyspace.databases[databaseArgument(c, 2)];
  if (target === db) throw new CommandError(SAME_OBJECT);
  const ref = writeAny(c, 1);
  if (ref === 0 || target.write(buffer, starts[1], ends[1]) !== 0) {
    reply.integer(0);
    return;
  }
  db.rename(ref, buffer, starts[1], ends[1], target);
  c.changed(1, EVENT.generic, 'move_from');
  c.changedKey(buffer, starts[1], ends[1], EVENT.generic, 'move_to', target);
  reply.integer(1);
}
