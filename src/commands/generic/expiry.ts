/** When keys expire: setting it, asking for it, taking it away. Times are kept as milliseconds since 1970. */
import { CommandError } from '../../protocol/command-error.js';
import { INT64_MAX, INT64_MIN } from '../../protocol/integers.js';
import type { Request } from '../../protocol/request.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { invalidExpire } from '../errors.js';
import { int64Argument, toInt64 } from '../input.js';
import { keyAt } from '../key-specs.js';
import { inspect, writeAny } from '../lookup.js';
import { isPast, propagateRemoval } from './expiry-options.js';

/** What EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT have in common. */
const SETS_EXPIRY = {
  group: 'generic',
  complexity: 'O(1)',
  arity: -3,
  flags: ['write', 'fast'],
  acl: ['keyspace'],
  keys: [keyAt(1, 'RW', 'update')],
  reply: '0 | 1',
  history: [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']],
} satisfies Partial<CommandDefinition>;

const CONDITION = arg.oneOf('condition', [arg.word('NX'), arg.word('XX'), arg.word('GT'), arg.word('LT')], {
  optional: true,
  since: '7.0.0',
});

/** What TTL, PTTL, EXPIRETIME and PEXPIRETIME have in common. */
const ASKS_EXPIRY = {
  group: 'generic',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['keyspace'],
  keys: [keyAt(1, 'RO', 'access')],
  args: [arg.key('key', 0)],
  reply: 'number',
} satisfies Partial<CommandDefinition>;

export const expiry: readonly CommandDefinition[] = [
  {
    name: 'expire',
    summary: 'Sets how long a key lives, in seconds.',
    since: '1.0.0',
    ...SETS_EXPIRY,
    args: [arg.key('key', 0), arg.integer('seconds'), CONDITION],
    run: (c) => expire(c, 1000, c.now),
  },
  {
    name: 'pexpire',
    summary: 'Sets how long a key lives, in milliseconds.',
    since: '2.6.0',
    ...SETS_EXPIRY,
    args: [arg.key('key', 0), arg.integer('milliseconds'), CONDITION],
    run: (c) => expire(c, 1, c.now),
  },
  {
    name: 'expireat',
    summary: 'Sets when a key expires, in seconds since 1970.',
    since: '1.2.0',
    ...SETS_EXPIRY,
    args: [arg.key('key', 0), arg.unixTime('unix-time-seconds'), CONDITION],
    run: (c) => expire(c, 1000, 0),
  },
  {
    name: 'pexpireat',
    summary: 'Sets when a key expires, in milliseconds since 1970.',
    since: '2.6.0',
    ...SETS_EXPIRY,
    args: [arg.key('key', 0), arg.unixTime('unix-time-milliseconds'), CONDITION],
    run: (c) => expire(c, 1, 0),
  },
  {
    name: 'ttl',
    summary: 'Answers how long a key will live, in seconds; -1: for ever, -2: it does not exist.',
    since: '1.0.0',
    ...ASKS_EXPIRY,
    tips: ['nondeterministic_output'],
    history: [['2.8.0', 'Added the -2 reply.']],
    run: (c) => replyTime(c, c.now, 1000),
  },
  {
    name: 'pttl',
    summary: 'Answers how long a key will live, in milliseconds; -1: for ever, -2: it does not exist.',
    since: '2.6.0',
    ...ASKS_EXPIRY,
    tips: ['nondeterministic_output'],
    history: [['2.8.0', 'Added the -2 reply.']],
    run: (c) => replyTime(c, c.now, 1),
  },
  {
    name: 'expiretime',
    summary: 'Answers when a key expires, in seconds since 1970; -1: never, -2: it does not exist.',
    since: '7.0.0',
    ...ASKS_EXPIRY,
    run: (c) => replyTime(c, 0, 1000),
  },
  {
    name: 'pexpiretime',
    summary: 'Answers when a key expires, in milliseconds since 1970; -1: never, -2: it does not exist.',
    since: '7.0.0',
    ...ASKS_EXPIRY,
    run: (c) => replyTime(c, 0, 1),
  },
  {
    name: 'persist',
    summary: "Takes away a key's expiry: it lives until it is removed.",
    since: '2.2.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'fast'],
    acl: ['keyspace'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [arg.key('key', 0)],
    reply: '0 | 1',
    run(c) {
      const ref = writeAny(c, 1);
      const changed = ref !== 0 && c.db.persist(ref);
      if (changed) c.changed(1, EVENT.generic, 'persist');
      c.reply.integer(changed ? 1 : 0);
    },
  },
];

// Conditions of the EXPIRE family, as bits

const NX = 1 << 0;
const XX = 1 << 1;
const GT = 1 << 2;
const LT = 1 << 3;

/** [P]EXPIRE[AT] key time [NX | XX | GT | LT]: `perUnit` milliseconds a unit, counted from `base`. */
function expire(c: Context, perUnit: number, base: number): void {
  const { request, db, reply } = c;
  const conditions = request.argc === 3 ? 0 : conditionsOf(request);
  const at = timeArgument(c, perUnit, base);
  const ref = writeAny(c, 1);
  if (ref === 0 || (conditions !== 0 && !holds(conditions, at, db.expiry(ref)))) {
    reply.integer(0);
    return;
  }
  if (isPast(c, at)) {
    db.remove(ref);
    c.changed(1, EVENT.generic, 'del');
    propagateRemoval(c, 1, 'lazyfree-lazy-expire');
  } else {
    db.expireAt(ref, at);
    c.changed(1, EVENT.generic, 'expire');
    if (c.propagates && (base !== 0 || perUnit !== 1)) propagateExpiry(c, at);
  }
  reply.integer(1);
}

/** The same with the time as a replica needs it. */
function propagateExpiry(c: Context, at: number): void {
  const { request } = c;
  const words = ['PEXPIREAT', request.view(1), String(toInt64(at))];
  for (let i = 3; i < request.argc; i++) words.push(request.view(i));
  c.propagate(...words);
}

/** The words behind the time, as bits. */
function conditionsOf(request: Request): number {
  let conditions = 0;
  for (let i = 3; i < request.argc; i++) {
    if (request.is(i, 'NX')) conditions |= NX;
    else if (request.is(i, 'XX')) conditions |= XX;
    else if (request.is(i, 'GT')) conditions |= GT;
    else if (request.is(i, 'LT')) conditions |= LT;
    else throw new CommandError(`ERR Unsupported option ${request.latin1(i)}`);
  }
  if (conditions & NX && conditions & (XX | GT | LT)) {
    throw new CommandError('ERR NX and XX, GT or LT options at the same time are not compatible');
  }
  if (conditions & GT && conditions & LT) {
    throw new CommandError('ERR GT and LT options at the same time are not compatible');
  }
  return conditions;
}

/** Whether the expiry may be changed from `before` (-1: none) to `at`. No expiry counts as later than any. */
function holds(conditions: number, at: number, before: number): boolean {
  if (conditions & NX && before !== -1) return false;
  if (conditions & XX && before === -1) return false;
  if (conditions & GT && (before === -1 || at <= before)) return false;
  return !(conditions & LT && before !== -1 && at >= before);
}

/** Argument 2 as milliseconds since 1970, which may be past. Throws when 64 bits don't hold it. */
function timeArgument(c: Context, perUnit: number, base: number): number {
  const at = c.request.integer(2) * perUnit + base;
  if (Number.isSafeInteger(at)) return at;
  const time = int64Argument(c, 2) * BigInt(perUnit);
  const exactAt = time + BigInt(base);
  if (exactAt > INT64_MAX || time < INT64_MIN) throw new CommandError(invalidExpire(c.command.fullName));
  return Number(exactAt);
}

/** The TTL family: the key's expiry, counted from `base`, in units of `perUnit` milliseconds. */
function replyTime(c: Context, base: number, perUnit: number): void {
  const { db, reply } = c;
  const ref = inspect(c, 1);
  if (ref === 0) {
    reply.integer(-2);
    return;
  }
  const at = db.expiry(ref);
  if (at === -1) {
    reply.integer(-1);
    return;
  }
  const time = Math.max(0, at - base);
  const units = perUnit === 1 ? time : Math.floor((time + perUnit / 2) / perUnit);
  if (Number.isSafeInteger(units)) reply.integer(units);
  else reply.bigint(toInt64(units));
}
