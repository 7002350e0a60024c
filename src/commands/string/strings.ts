/** Strings: values of up to 512 MB of bytes, read and set whole. */
import { STRING } from '../../keyspace/record.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR, wrongArity } from '../errors.js';
import {
  EX,
  EXPIRY_OPTIONS,
  expiryOption,
  expiryTime,
  isPast,
  PX,
  propagateRemoval,
} from '../generic/expiry-options.js';
import { toInt64 } from '../input.js';
import { keyAt, keyRange } from '../key-specs.js';
import { readTyped, writeAny } from '../lookup.js';

export const strings: readonly CommandDefinition[] = [
  {
    name: 'get',
    summary: 'Answers the string value of a key.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0)],
    reply: 'Bulk | null',
    run: get,
  },
  {
    name: 'set',
    summary: 'Sets the string value of a key, whatever it held before.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'denyoom'],
    acl: ['string'],
    keys: [
      {
        ...keyAt(1, 'RW', 'access', 'update', 'variable_flags'),
        notes: 'RW and ACCESS due to the optional `GET` argument',
      },
    ],
    args: [
      arg.key('key', 0),
      arg.string('value'),
      arg.oneOf('condition', [arg.word('NX'), arg.word('XX')], { optional: true, since: '2.6.12' }),
      arg.word('GET', { optional: true, since: '6.2.0' }),
      arg.oneOf(
        'expiration',
        [
          arg.integer('seconds', { token: 'EX', since: '2.6.12' }),
          arg.integer('milliseconds', { token: 'PX', since: '2.6.12' }),
          arg.unixTime('unix-time-seconds', { token: 'EXAT', since: '6.2.0' }),
          arg.unixTime('unix-time-milliseconds', { token: 'PXAT', since: '6.2.0' }),
          arg.word('KEEPTTL', { since: '6.0.0' }),
        ],
        { optional: true },
      ),
    ],
    reply: { get: 'Bulk | null', 'nx|xx': "'OK' | null", otherwise: "'OK'" },
    history: [
      ['2.6.12', 'Added the `EX`, `PX`, `NX` and `XX` options.'],
      ['6.0.0', 'Added the `KEEPTTL` option.'],
      ['6.2.0', 'Added the `GET`, `EXAT` and `PXAT` option.'],
      ['7.0.0', 'Allowed the `NX` and `GET` options to be used together.'],
    ],
    findKeys(request, add) {
      let reads = false;
      for (let i = 3; i < request.argc; i++) reads ||= request.is(i, 'GET');
      add(1, reads ? ['RW', 'access', 'update'] : ['OW', 'update']);
    },
    run(c) {
      const { request } = c;
      if (request.argc > 3) {
        setWithOptions(c);
        return;
      }
      const { buffer, starts, ends } = request;
      c.db.setString(buffer, starts[1], ends[1], buffer, starts[2], ends[2]);
      c.changed(1, EVENT.string, 'set');
      c.reply.ok();
    },
  },
  {
    name: 'setnx',
    summary: 'Sets the string value of a key that does not exist.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'OW', 'insert')],
    args: [arg.key('key', 0), arg.string('value')],
    reply: '0 | 1',
    run(c) {
      const { request, db, reply } = c;
      const { buffer, starts, ends } = request;
      if (writeAny(c, 1) !== 0) {
        reply.integer(0);
        return;
      }
      db.setString(buffer, starts[1], ends[1], buffer, starts[2], ends[2]);
      c.changed(1, EVENT.string, 'set');
      reply.integer(1);
    },
  },
  {
    name: 'setex',
    summary: 'Sets the string value and the time to live, in seconds, of a key.',
    since: '2.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    acl: ['string'],
    keys: [keyAt(1, 'OW', 'update')],
    args: [arg.key('key', 0), arg.integer('seconds'), arg.string('value')],
    reply: "'OK'",
    run(c) {
      setForAWhile(c, EX);
    },
  },
  {
    name: 'psetex',
    summary: 'Sets the string value and the time to live, in milliseconds, of a key.',
    since: '2.6.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    acl: ['string'],
    keys: [keyAt(1, 'OW', 'update')],
    args: [arg.key('key', 0), arg.integer('milliseconds'), arg.string('value')],
    reply: "'OK'",
    run(c) {
      setForAWhile(c, PX);
    },
  },
  {
    name: 'getset',
    summary: 'Sets the string value of a key and answers the one before.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0), arg.string('value')],
    reply: 'Bulk | null',
    deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
    run(c) {
      const { request, db } = c;
      const { buffer, starts, ends } = request;
      get(c);
      db.setString(buffer, starts[1], ends[1], buffer, starts[2], ends[2]);
      c.changed(1, EVENT.string, 'set');
      c.propagate('SET', request.view(1), request.view(2));
    },
  },
  {
    name: 'getdel',
    summary: 'Answers the string value of a key and removes the key.',
    since: '6.2.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    args: [arg.key('key', 0)],
    reply: 'Bulk | null',
    run(c) {
      const { request, db } = c;
      get(c);
      const ref = db.peek(request.buffer, request.starts[1], request.ends[1]);
      if (ref === 0) return;
      db.remove(ref);
      c.changed(1, EVENT.generic, 'del');
      propagateRemoval(c, 1, 'lazyfree-lazy-user-del');
    },
  },
  {
    name: 'getex',
    summary: 'Answers the string value of a key and sets or takes away its expiry.',
    since: '6.2.0',
    group: 'string',
    complexity: 'O(1)',
    arity: -2,
    flags: ['write', 'fast'],
    acl: ['string'],
    keys: [{ ...keyAt(1, 'RW', 'access', 'update'), notes: 'RW and UPDATE because it changes the TTL' }],
    args: [
      arg.key('key', 0),
      arg.oneOf(
        'expiration',
        [
          arg.integer('seconds', { token: 'EX' }),
          arg.integer('milliseconds', { token: 'PX' }),
          arg.unixTime('unix-time-seconds', { token: 'EXAT' }),
          arg.unixTime('unix-time-milliseconds', { token: 'PXAT' }),
          arg.word('PERSIST'),
        ],
        { optional: true },
      ),
    ],
    reply: 'Bulk | null',
    run: getAndExpire,
  },
  {
    name: 'mget',
    summary: 'Answers the string values of all keys named; null for those that hold none.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(N) where N is the number of keys to retrieve.',
    arity: -2,
    flags: ['readonly', 'fast'],
    acl: ['string'],
    keys: [keyRange(1, -1, 1, 'RO', 'access')],
    args: [arg.key('key', 0, { multiple: true })],
    reply: '(Bulk | null)[]',
    tips: ['request_policy:multi_shard'],
    run({ request, db, reply }) {
      const { buffer, starts, ends, argc } = request;
      reply.array(argc - 1);
      for (let i = 1; i < argc; i++) {
        const ref = db.read(buffer, starts[i], ends[i]);
        if (ref === 0 || db.type(ref) !== STRING) reply.nil();
        else reply.bulk(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
      }
    },
  },
  {
    name: 'mset',
    summary: 'Sets the string values of several keys, all at once.',
    since: '1.0.1',
    group: 'string',
    complexity: 'O(N) where N is the number of keys to set.',
    arity: -3,
    flags: ['write', 'denyoom'],
    acl: ['string'],
    keys: [keyRange(1, -1, 2, 'OW', 'update')],
    args: [arg.block('key_value', [arg.key('key', 0), arg.string('value')], { multiple: true })],
    reply: "'OK'",
    tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
    run(c) {
      setAll(c);
      c.reply.ok();
    },
  },
  {
    name: 'msetnx',
    summary: 'Sets the string values of several keys, or of none when any of them exists.',
    since: '1.0.1',
    group: 'string',
    complexity: 'O(N) where N is the number of keys to set.',
    arity: -3,
    flags: ['write', 'denyoom'],
    acl: ['string'],
    keys: [keyRange(1, -1, 2, 'OW', 'insert')],
    args: [arg.block('key_value', [arg.key('key', 0), arg.string('value')], { multiple: true })],
    reply: '0 | 1',
    tips: ['request_policy:multi_shard', 'response_policy:agg_min'],
    run(c) {
      const { request, reply, command } = c;
      if (request.argc % 2 === 0) throw new CommandError(wrongArity(command.fullName));
      for (let i = 1; i < request.argc; i += 2) {
        if (writeAny(c, i) === 0) continue;
        reply.integer(0);
        return;
      }
      setAll(c);
      reply.integer(1);
    },
  },
];

/** Replies with the value of the key in argument 1. */
function get(c: Context): void {
  const { db, reply } = c;
  const ref = readTyped(c, 1, STRING);
  if (ref === 0) reply.nil();
  else reply.bulk(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
}

/** Sets every key of `key value [key value …]`. */
function setAll(c: Context): void {
  const { request, db } = c;
  const { buffer, starts, ends, argc } = request;
  if (argc % 2 === 0) throw new CommandError(wrongArity(c.command.fullName));
  for (let i = 1; i < argc; i += 2) {
    db.setString(buffer, starts[i], ends[i], buffer, starts[i + 1], ends[i + 1]);
    c.changed(i, EVENT.string, 'set');
  }
}

// Options of SET, as bits

const NX = 1 << 4;
const XX = 1 << 5;
const GET = 1 << 6;
const KEEP_TTL = 1 << 7;

/** SET with options: SET key value [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]. */
function setWithOptions(c: Context): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends, argc } = request;
  let options = 0;
  let timeAt = 0;
  for (let i = 3; i < argc; i++) {
    if (request.is(i, 'NX') && !(options & XX)) options |= NX;
    else if (request.is(i, 'XX') && !(options & NX)) options |= XX;
    else if (request.is(i, 'GET')) options |= GET;
    else if (request.is(i, 'KEEPTTL') && !(options & EXPIRY_OPTIONS)) options |= KEEP_TTL;
    else {
      const option = i + 1 < argc && !(options & KEEP_TTL) ? expiryOption(request, i) : 0;
      if (option === 0 || options & EXPIRY_OPTIONS & ~option) throw new CommandError(SYNTAX_ERROR);
      options |= option;
      timeAt = ++i;
    }
  }
  const expiry = timeAt === 0 ? 0 : expiryTime(c, timeAt, options);
  if (options & GET) get(c);
  if (options & (NX | XX | KEEP_TTL)) {
    const exists = writeAny(c, 1) !== 0; // a key whose time has passed goes, and its expiry with it
    if (exists ? options & NX : options & XX) {
      if (!(options & GET)) reply.nil();
      return;
    }
  }
  const ref = db.setString(
    buffer,
    starts[1],
    ends[1],
    buffer,
    starts[2],
    ends[2],
    (options & KEEP_TTL) !== 0,
  );
  if (!(options & GET)) reply.ok();
  if (timeAt !== 0) {
    db.expireAt(ref, expiry);
    c.changed(1, EVENT.string, 'set');
    c.notify(1, EVENT.generic, 'expire');
    propagateSet(c, 2, expiry);
    return;
  }
  c.changed(1, EVENT.string, 'set');
  if (options & GET) propagateWithoutGet(c);
}

/** The key in argument 1 was set to the value in argument `value`, to expire at the time. */
function propagateSet(c: Context, value: number, expiry: number): void {
  if (!c.propagates) return;
  c.propagate('SET', c.request.view(1), c.request.view(value), 'PXAT', String(toInt64(expiry)));
}

/** The request as it came but for GET, which has no meaning where nobody reads the reply. */
function propagateWithoutGet(c: Context): void {
  const words = [];
  for (let i = 0; i < c.request.argc; i++) {
    if (i < 3 || !c.request.is(i, 'GET')) words.push(c.request.view(i));
  }
  c.propagate(...words);
}

/** SETEX and PSETEX: key, time, value. */
function setForAWhile(c: Context, unit: typeof EX | typeof PX): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends } = request;
  const expiry = expiryTime(c, 2, unit);
  const ref = db.setString(buffer, starts[1], ends[1], buffer, starts[3], ends[3]);
  db.expireAt(ref, expiry);
  c.changed(1, EVENT.string, 'set');
  c.notify(1, EVENT.generic, 'expire');
  propagateSet(c, 3, expiry);
  reply.ok();
}

/** GETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST]. */
function getAndExpire(c: Context): void {
  const { request, db, reply } = c;
  let option = 0;
  let persist = false;
  let timeAt = 0;
  for (let i = 2; i < request.argc; i++) {
    if (request.is(i, 'PERSIST') && option === 0) {
      persist = true;
      continue;
    }
    const given = i + 1 < request.argc && !persist ? expiryOption(request, i) : 0;
    if (given === 0 || (option !== 0 && option !== given)) throw new CommandError(SYNTAX_ERROR);
    option = given;
    timeAt = ++i;
  }
  const ref = readTyped(c, 1, STRING);
  if (ref === 0) {
    reply.nil();
    return;
  }
  const expiry = timeAt === 0 ? 0 : expiryTime(c, timeAt, option);
  reply.bulk(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
  if (persist) {
    if (!db.persist(ref)) return;
    c.changed(1, EVENT.generic, 'persist');
    c.propagate('PERSIST', request.view(1));
  } else if (timeAt !== 0 && isPast(c, expiry)) {
    db.remove(ref);
    c.changed(1, EVENT.generic, 'del');
    propagateRemoval(c, 1, 'lazyfree-lazy-expire');
  } else if (timeAt !== 0) {
    db.expireAt(ref, expiry);
    c.changed(1, EVENT.generic, 'expire');
    c.propagate('PEXPIREAT', request.view(1), String(toInt64(expiry)));
  }
}
