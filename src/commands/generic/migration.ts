/**
 * Values on their way between nodes: as bytes for the caller (DUMP, RESTORE), or moved by the node itself (MIGRATE).
 *
 * MIGRATE is the one command that talks to another server. Redis stands still meanwhile; here only the caller waits,
 * and what becomes of the keys until then is the node's business (MigrationFacility).
 */
import type { Ref } from '../../keyspace/arena.js';
import { CommandError } from '../../protocol/command-error.js';
import type { Request } from '../../protocol/request.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { int64Argument, integerArgument } from '../input.js';
import { type AddKey, keyAt, keysAfter } from '../key-specs.js';
import { writeAny } from '../lookup.js';
import { isPast } from './expiry-options.js';

const BUSY_KEY = 'BUSYKEY Target key name already exists.';
const DEFAULT_TIMEOUT = 1000;

const RESTORE_COMPLEXITY =
  'O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).';

/** What RESTORE and RESTORE-ASKING have in common. */
const restoreDefinition = {
  complexity: RESTORE_COMPLEXITY,
  arity: -4,
  acl: ['keyspace', 'dangerous'],
  keys: [keyAt(1, 'OW', 'update')],
  args: [
    arg.key('key', 0),
    arg.integer('ttl'),
    arg.string('serialized-value'),
    arg.word('REPLACE', { optional: true, since: '3.0.0' }),
    arg.word('ABSTTL', { optional: true, since: '5.0.0' }),
    arg.integer('seconds', { token: 'IDLETIME', optional: true, since: '5.0.0' }),
    arg.integer('frequency', { token: 'FREQ', optional: true, since: '5.0.0' }),
  ],
  reply: "'OK'",
  history: [
    ['3.0.0', 'Added the `REPLACE` modifier.'],
    ['5.0.0', 'Added the `ABSTTL` modifier.'],
    ['5.0.0', 'Added the `IDLETIME` and `FREQ` options.'],
  ],
  run: restore,
} satisfies Partial<CommandDefinition>;

export const migration: readonly CommandDefinition[] = [
  {
    name: 'dump',
    summary: 'Answers the value of a key in a form that RESTORE takes.',
    since: '2.6.0',
    group: 'generic',
    complexity:
      'O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).',
    arity: 2,
    flags: ['readonly'],
    acl: ['keyspace'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0)],
    reply: 'Bulk | null',
    tips: ['nondeterministic_output'],
    run({ request, db, server, reply }) {
      const ref = db.read(request.buffer, request.starts[1], request.ends[1]);
      if (ref === 0) reply.nil();
      else reply.bulk(server.payloads.dump(db, ref));
    },
  },
  {
    ...restoreDefinition,
    name: 'restore',
    summary: 'Creates a key with a value that DUMP gave.',
    since: '2.6.0',
    group: 'generic',
    flags: ['write', 'denyoom'],
  },
  {
    ...restoreDefinition,
    name: 'restore-asking',
    summary: 'As RESTORE, into a slot that is being imported: what MIGRATE sends in a cluster.',
    since: '3.0.0',
    group: 'server',
    flags: ['write', 'denyoom', 'asking'],
    systemCommand: true,
  },
  {
    name: 'migrate',
    summary: 'Moves keys to another server.',
    since: '2.6.0',
    group: 'generic',
    complexity:
      'This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is performed.',
    arity: -6,
    flags: ['write'],
    acl: ['keyspace', 'dangerous'],
    keys: [
      keyAt(3, 'RW', 'access', 'delete'),
      keysAfter('KEYS', -2, { lastKey: -1, step: 1, limit: 0 }, 'RW', 'access', 'delete', 'incomplete'),
    ],
    args: [
      arg.string('host'),
      arg.integer('port'),
      arg.oneOf('key_or_empty_string', [
        arg.key('key', 0),
        { name: 'empty_string', type: 'pure-token', token: '' },
      ]),
      arg.integer('destination-db'),
      arg.integer('timeout'),
      arg.word('COPY', { optional: true, since: '3.0.0' }),
      arg.word('REPLACE', { optional: true, since: '3.0.0' }),
      arg.oneOf(
        'authentication',
        [
          arg.string('password', { token: 'AUTH', optional: true, since: '4.0.7' }),
          arg.block('username_password', [arg.string('username'), arg.string('password')], {
            token: 'AUTH2',
            optional: true,
            since: '6.0.0',
          }),
        ],
        { optional: true },
      ),
      arg.key('key', 1, { token: 'KEYS', optional: true, multiple: true, since: '3.0.6' }),
    ],
    reply: "'OK' | 'NOKEY'",
    tips: ['nondeterministic_output'],
    history: [
      ['3.0.0', 'Added the `COPY` and `REPLACE` options.'],
      ['3.0.6', 'Added the `KEYS` option.'],
      ['4.0.7', 'Added the `AUTH` option.'],
      ['6.0.0', 'Added the `AUTH2` option.'],
    ],
    findKeys: findMigratedKeys,
    run: migrate,
  },
];

interface RestoreOptions {
  replace: boolean;
  /** The time to live is a time of day. */
  absolute: boolean;
  /** Seconds; -1 when not given. */
  idle: number;
  /** Access counter; -1 when not given. */
  frequency: number;
}

function restoreOptions(c: Context): RestoreOptions {
  const { request } = c;
  const options: RestoreOptions = { replace: false, absolute: false, idle: -1, frequency: -1 };
  for (let i = 4; i < request.argc; i++) {
    const more = i + 1 < request.argc;
    if (request.is(i, 'REPLACE')) options.replace = true;
    else if (request.is(i, 'ABSTTL')) options.absolute = true;
    else if (request.is(i, 'IDLETIME') && more && options.frequency === -1) {
      options.idle = integerArgument(c, ++i);
      if (options.idle < 0) throw new CommandError('ERR Invalid IDLETIME value, must be >= 0');
    } else if (request.is(i, 'FREQ') && more && options.idle === -1) {
      options.frequency = integerArgument(c, ++i);
      if (options.frequency < 0 || options.frequency > 255) {
        throw new CommandError('ERR Invalid FREQ value, must be >= 0 and <= 255');
      }
    } else throw new CommandError(SYNTAX_ERROR);
  }
  return options;
}

/** RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds | FREQ counter] */
function restore(c: Context): void {
  const { request, db, reply, server } = c;
  const { buffer, starts, ends } = request;
  const options = restoreOptions(c);
  if (!options.replace && writeAny(c, 1) !== 0) throw new CommandError(BUSY_KEY);
  const ttl = int64Argument(c, 2);
  if (ttl < 0n) throw new CommandError('ERR Invalid TTL value, must be >= 0');
  if (!server.payloads.isSound(buffer, starts[3], ends[3])) {
    throw new CommandError('ERR DUMP payload version or checksum are wrong');
  }
  const existed = db.peek(buffer, starts[1], ends[1]) !== 0;
  const key = { bytes: buffer, start: starts[1], end: ends[1] };
  const ref = server.payloads.restore(db, key, buffer, starts[3], ends[3]);
  if (ref === 0) throw new CommandError('ERR Bad data format');
  const expiry = options.absolute ? ttl : BigInt.asIntN(64, ttl + BigInt(c.now));
  if (ttl > 0n && isPast(c, Number(expiry))) {
    db.remove(ref);
    if (existed) {
      c.changed(1, EVENT.generic, 'del');
      c.propagate('DEL', request.view(1));
    }
    reply.ok();
    return;
  }
  if (ttl > 0n) db.expireAt(ref, Number(expiry));
  setAccess(c, ref, options);
  c.changed(1, EVENT.generic, 'restore');
  if (ttl > 0n && !options.absolute && c.propagates) propagateAbsolute(c, expiry);
  reply.ok();
}

/** Sets what eviction knows of the key, as far as the policy in force uses it. */
function setAccess({ db, now, server }: Context, ref: Ref, { idle, frequency }: RestoreOptions): void {
  const seconds = Math.floor(now / 1000);
  if (server.config.text('maxmemory-policy').endsWith('lfu')) {
    if (frequency >= 0) db.setAccessClock(ref, ((Math.floor(seconds / 60) & 0xffff) << 8) | frequency);
  } else if (idle >= 0) db.setAccessClock(ref, (seconds - idle) & 0xffffff);
}

/** The command with a time to live that means the same whenever it is read. */
function propagateAbsolute(c: Context, expiry: bigint): void {
  const { request } = c;
  const words = Array.from({ length: request.argc }, (_, i) => request.view(i));
  c.propagate(...words.slice(0, 2), expiry.toString(), ...words.slice(3), 'ABSTTL');
}

// MIGRATE

/** The one key, or those behind KEYS: options and their values are passed over. */
function findMigratedKeys(request: Request, add: AddKey): void {
  const { argc } = request;
  let first = 3;
  let last = 3;
  for (let i = 6; i < argc; i++) {
    if (request.is(i, 'AUTH')) i++;
    else if (request.is(i, 'AUTH2')) i += 2;
    else if (request.is(i, 'KEYS')) {
      first = request.length(3) === 0 ? i + 1 : argc; // with a key in its own place it is a syntax error
      last = argc - 1;
      break;
    }
  }
  for (let i = first; i <= last; i++) add(i, ['RW', 'access', 'delete']);
}

/**
 * MIGRATE host port key|"" db timeout [COPY] [REPLACE] [AUTH password | AUTH2 user password] [KEYS key …]
 */
function migrate(c: Context): void {
  const { request, db, reply, server } = c;
  const { argc } = request;
  const order = { copy: false, replace: false, credentials: [] as Uint8Array[] };
  let first = 3;
  let last = 3;
  for (let i = 6; i < argc; i++) {
    const more = argc - 1 - i;
    if (request.is(i, 'COPY')) order.copy = true;
    else if (request.is(i, 'REPLACE')) order.replace = true;
    else if (request.is(i, 'AUTH') && more >= 1) order.credentials = [request.bytes(++i)];
    else if (request.is(i, 'AUTH2') && more >= 2) {
      order.credentials = [request.bytes(i + 1), request.bytes(i + 2)];
      i += 2;
    } else if (request.is(i, 'KEYS')) {
      if (request.length(3) !== 0) {
        throw new CommandError(
          'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
        );
      }
      first = i + 1;
      last = argc - 1;
      break;
    } else throw new CommandError(SYNTAX_ERROR);
  }
  const timeout = integerArgument(c, 5);
  const database = integerArgument(c, 4);
  const keys: Uint8Array[] = [];
  for (let i = first; i <= last; i++) {
    if (db.read(request.buffer, request.starts[i], request.ends[i]) !== 0) keys.push(request.bytes(i));
  }
  if (keys.length === 0) {
    reply.status('NOKEY');
    return;
  }
  if (!c.mayBlock) {
    throw new CommandError(
      'ERR MIGRATE must wait for another server and is not allowed in transactions or scripts',
    );
  }
  server.migration.begin({
    ...order,
    host: request.text(1),
    port: Number.parseInt(request.latin1(2), 10) || 0,
    database,
    timeout: timeout <= 0 ? DEFAULT_TIMEOUT : timeout,
    keys,
  });
}
