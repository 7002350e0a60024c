/**
 * Commands of later servers than the one whose commands the table has, Redis 7.0. The client has methods for them, too;
 * they are declared as in the table, without what does them.
 */
import * as arg from '../../src/commands/arguments.js';
import type { Argument, CommandDefinition } from '../../src/commands/command.js';
import { keyAt } from '../../src/commands/key-specs.js';

const KEY = arg.key('key', 0);
const FIELDS = arg.block('fields', [arg.integer('numfields'), arg.string('field', { multiple: true })], {
  token: 'FIELDS',
});
const CONDITION = arg.oneOf('condition', [arg.word('NX'), arg.word('XX'), arg.word('GT'), arg.word('LT')], {
  optional: true,
});

/** How long fields live: EX, PX, … */
function expiry(otherwise: string): Argument {
  const times = [
    arg.integer('seconds', { token: 'EX' }),
    arg.integer('milliseconds', { token: 'PX' }),
    arg.unixTime('unix-time-seconds', { token: 'EXAT' }),
    arg.unixTime('unix-time-milliseconds', { token: 'PXAT' }),
  ];
  return arg.oneOf('expiration', [...times, arg.word(otherwise)], { optional: true });
}

const OF_HASHES = { group: 'hash', acl: ['hash'] } as const;

/** HEXPIRE and its kin. */
function setsExpiry(name: string, summary: string, time: Argument): CommandDefinition {
  return {
    name,
    summary,
    since: '7.4.0',
    ...OF_HASHES,
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [KEY, time, CONDITION, FIELDS],
    reply: 'number[]',
  };
}

/** HTTL and its kin. */
function tellsExpiry(name: string, summary: string, tips: readonly string[] = []): CommandDefinition {
  return {
    name,
    summary,
    since: '7.4.0',
    ...OF_HASHES,
    arity: -5,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [KEY, FIELDS],
    reply: 'number[]',
    tips,
  };
}

const PASSING = ['nondeterministic_output'];

export const later: readonly CommandDefinition[] = [
  setsExpiry('hexpire', 'Sets how long fields of a hash live, in seconds.', arg.integer('seconds')),
  setsExpiry(
    'hpexpire',
    'Sets how long fields of a hash live, in milliseconds.',
    arg.integer('milliseconds'),
  ),
  setsExpiry(
    'hexpireat',
    'Sets when fields of a hash expire, in seconds since 1970.',
    arg.unixTime('unix-time-seconds'),
  ),
  setsExpiry(
    'hpexpireat',
    'Sets when fields of a hash expire, in milliseconds since 1970.',
    arg.unixTime('unix-time-milliseconds'),
  ),
  tellsExpiry('httl', 'Answers how long fields of a hash have yet to live, in seconds.', PASSING),
  tellsExpiry('hpttl', 'Answers how long fields of a hash have yet to live, in milliseconds.', PASSING),
  tellsExpiry('hexpiretime', 'Answers when fields of a hash expire, in seconds since 1970.'),
  tellsExpiry('hpexpiretime', 'Answers when fields of a hash expire, in milliseconds since 1970.'),
  {
    name: 'hpersist',
    summary: 'Lets fields of a hash live for ever.',
    since: '7.4.0',
    ...OF_HASHES,
    arity: -5,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [KEY, FIELDS],
    reply: 'number[]',
  },
  {
    name: 'hgetdel',
    summary: 'Answers the values of fields of a hash, and removes the fields.',
    since: '8.0.0',
    ...OF_HASHES,
    arity: -5,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    args: [KEY, FIELDS],
    reply: '(Bulk | null)[]',
  },
  {
    name: 'hgetex',
    summary: 'Answers the values of fields of a hash, and sets how long the fields live.',
    since: '8.0.0',
    ...OF_HASHES,
    arity: -5,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [KEY, expiry('PERSIST'), FIELDS],
    reply: '(Bulk | null)[]',
  },
  {
    name: 'hsetex',
    summary: 'Sets fields of a hash, and how long they live.',
    since: '8.0.0',
    ...OF_HASHES,
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [
      KEY,
      arg.oneOf('condition', [arg.word('FNX'), arg.word('FXX')], { optional: true }),
      expiry('KEEPTTL'),
      arg.block(
        'fields',
        [
          arg.integer('numfields'),
          arg.block('field_value', [arg.string('field'), arg.string('value')], { multiple: true }),
        ],
        { token: 'FIELDS' },
      ),
    ],
    reply: '0 | 1',
  },
  {
    name: 'waitaof',
    summary: 'Waits until the servers have on disk what the connection has written.',
    since: '7.2.0',
    group: 'generic',
    arity: 4,
    flags: ['noscript'],
    acl: ['connection'],
    args: [arg.integer('numlocal'), arg.integer('numreplicas'), arg.integer('timeout')],
    reply: '[local: number, replicas: number]',
    tips: ['request_policy:all_shards', 'response_policy:agg_min'],
  },
];
