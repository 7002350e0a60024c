/**
 * DEBUG: levers for tests. Its subcommands aren't commands of the table, as they aren't Redis's; they are the ones that
 * Redis's own test suite uses.
 */
import { addValue, digestOf } from '../../keyspace/data-digest.js';
import { Digest } from '../../keyspace/digest.js';
import { STRING } from '../../keyspace/record.js';
import { copy, fromLatin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { NO_SUCH_KEY, subcommandSyntax } from '../errors.js';
import type { DebugSwitch } from '../facilities/facilities.js';
import { encodingOf, referencesTo } from '../generic/object.js';
import { replyLines } from '../help.js';
import { rangeArgument } from '../input.js';
import { requirePermission } from './permission.js';
import { protocolSample } from './protocol-sample.js';

interface Subcommand {
  /** Number of words, DEBUG included; negative: at least so many. */
  readonly arity: number;
  readonly usage: string;
  readonly summary: string;
  readonly run: (c: Context) => void;
}

const POSITIVE = 'ERR value is out of range, must be positive';

const subcommands = new Map<string, Subcommand>([
  ...switches({
    'SET-ACTIVE-EXPIRE': 'Whether keys are removed on their own once their time has passed.',
    'SET-SKIP-CHECKSUM-VALIDATION': 'Whether checksums of RDB files and RESTORE are taken on trust.',
    'SET-DISABLE-DENY-SCRIPTS': 'Whether scripts may run commands that are not for scripts.',
    'AOF-FLUSH-SLEEP': 'Microseconds to wait before every write of the append-only file.',
    'PAUSE-CRON': 'Whether periodic work stands still.',
    'DROP-CLUSTER-PACKET-FILTER': 'The type of cluster bus messages to throw away; -1: none.',
  }),
  [
    'CHANGE-REPL-ID',
    quick(2, '', 'Takes a new replication id.', ({ server }) => server.debug.changeReplicationId()),
  ],
  [
    'CLUSTERLINK',
    quick(5, 'KILL <to|from|all> node-id', 'Breaks links of the cluster bus with a node.', breakLinks),
  ],
  [
    'CONFIG-REWRITE-FORCE-ALL',
    quick(2, '', 'Writes all settings to the configuration file, defaults too.', ({ server }) => {
      const complaint = server.config.rewrite(true);
      if (complaint !== undefined) throw new CommandError(complaint);
    }),
  ],
  ['DIGEST', { arity: 2, usage: '', summary: 'A digest of all data.', run: digest }],
  ['DIGEST-VALUE', { arity: -2, usage: '[key …]', summary: 'A digest of each value.', run: digestValues }],
  [
    'ERROR',
    {
      arity: 3,
      usage: 'text',
      summary: 'Replies with this error.',
      run: ({ request, reply }) => reply.error(request.latin1(2)),
    },
  ],
  ['LEAK', quick(3, 'text', 'Does nothing: there is a garbage collector.', () => {})],
  [
    'LOADAOF',
    { arity: 2, usage: '', summary: 'Loads the data from the append-only file.', run: loadAppendOnlyFile },
  ],
  [
    'LOG',
    quick(3, 'text', 'Writes a line to the log.', ({ server, request }) =>
      server.debug.log(request.latin1(2)),
    ),
  ],
  ['OBJECT', { arity: 3, usage: 'key', summary: 'How a value is kept.', run: describeObject }],
  ['PANIC', quick(2, '', 'Ends the process at once.', ({ server }) => server.debug.crash())],
  ['POPULATE', { arity: -3, usage: 'count [prefix] [size]', summary: 'Makes keys.', run: populate }],
  [
    'PROTOCOL',
    { arity: 3, usage: 'type', summary: 'Replies with a sample of the type.', run: protocolSample },
  ],
  [
    'QUICKLIST-PACKED-THRESHOLD',
    quick(3, 'size', 'Does nothing: lists here have no such threshold.', () => {}),
  ],
  [
    'RELOAD',
    {
      arity: -2,
      usage: '[MERGE] [NOFLUSH] [NOSAVE]',
      summary: 'Saves the data and loads it again.',
      run: reload,
    },
  ],
  [
    'REPLICATE',
    quick(-3, 'word [word …]', 'Sends a command to the replicas that is not run here.', (c) => {
      c.propagate(...Array.from({ length: c.request.argc - 2 }, (_, i) => c.request.view(i + 2)));
    }),
  ],
  ['REPLYBUFFER', quick(4, 'option value', 'Does nothing: there is one reply buffer for all.', () => {})],
  [
    'RESTART',
    quick(-2, '[milliseconds]', 'Starts the server again.', ({ server }) => server.debug.restart()),
  ],
  ['SEGFAULT', quick(2, '', 'Ends the process at once.', ({ server }) => server.debug.crash())],
  [
    'SLEEP',
    quick(3, 'seconds', 'Holds everything for so long.', ({ server, request }) =>
      server.debug.sleep((Number.parseFloat(request.latin1(2)) || 0) * 1000),
    ),
  ],
]);

export const debug: readonly CommandDefinition[] = [
  {
    name: 'debug',
    summary: 'Levers for tests.',
    since: '1.0.0',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: ['admin', 'noscript', 'loading', 'stale', 'protected'],
    reply: 'unknown',
    systemCommand: true,
    run(c) {
      const { request, reply } = c;
      requirePermission(c, 'DEBUG');
      if (request.argc === 2 && request.is(1, 'HELP')) {
        replyLines(reply, helpLines());
        return;
      }
      const subcommand = subcommands.get(request.latin1(1).toUpperCase());
      const { arity, run } = subcommand ?? { arity: 0, run: undefined };
      if (run === undefined || (arity > 0 ? request.argc !== arity : request.argc < -arity)) {
        throw new CommandError(subcommandSyntax(request.latin1(1), 'DEBUG'));
      }
      run(c);
    },
  },
];

function helpLines(): string[] {
  const lines = ['DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:'];
  for (const [name, { usage, summary }] of subcommands) {
    lines.push(usage === '' ? name : `${name} ${usage}`, `    ${summary}`);
  }
  return lines;
}

/** A subcommand that answers OK. */
function quick(arity: number, usage: string, summary: string, work: (c: Context) => void): Subcommand {
  return {
    arity,
    usage,
    summary,
    run(c) {
      work(c);
      c.reply.ok();
    },
  };
}

/** Subcommands that set a number. */
function switches(summaries: Record<string, string>): [string, Subcommand][] {
  return Object.entries(summaries).map(([name, summary]) => [
    name,
    quick(3, 'value', summary, ({ server, request }) =>
      server.debug.set(name.toLowerCase() as DebugSwitch, Number.parseInt(request.latin1(2), 10) || 0),
    ),
  ]);
}

function breakLinks({ request, server }: Context): void {
  if (!request.is(2, 'KILL')) throw new CommandError(subcommandSyntax(request.latin1(1), 'DEBUG'));
  if (server.cluster === null) {
    throw new CommandError('ERR Debug option only available for cluster mode enabled setup!');
  }
  const which = request.latin1(3).toLowerCase();
  if (which !== 'to' && which !== 'from' && which !== 'all') {
    throw new CommandError(`ERR Unknown direction ${request.latin1(3)}`);
  }
  if (!server.cluster.breakLinks(request.latin1(4), which)) {
    throw new CommandError(`ERR Unknown node ${request.latin1(4)}`);
  }
}

function digest({ keyspace, reply }: Context): void {
  reply.status(String(digestOf(keyspace.databases)));
}

/** A key that isn't there has a digest of zeros. */
function digestValues({ request, db, reply }: Context): void {
  reply.array(request.argc - 2);
  for (let i = 2; i < request.argc; i++) {
    const value = new Digest();
    const ref = db.peek(request.buffer, request.starts[i], request.ends[i]);
    if (ref !== 0) addValue(value, db, ref);
    reply.status(String(value));
  }
}

function describeObject(c: Context): void {
  const { request, db, reply, server, now } = c;
  const ref = db.peek(request.buffer, request.starts[2], request.ends[2]);
  if (ref === 0) throw new CommandError(NO_SUCH_KEY);
  const clock = db.accessClock(ref);
  reply.status(
    `Value at:0x${ref.toString(16)} refcount:${referencesTo(c, ref)} encoding:${encodingOf(db, ref)} ` +
      `serializedlength:${server.debug.serializedLength(db, ref)} lru:${clock} ` +
      `lru_seconds_idle:${(Math.floor(now / 1000) - clock) & 0xffffff}`,
  );
}

/** Keys `prefix:0` and so on; those that exist stay as they are. Not propagated. */
function populate(c: Context): void {
  const { request, db, reply } = c;
  if (request.argc > 5) throw new CommandError(subcommandSyntax(request.latin1(1), 'DEBUG'));
  const count = rangeArgument(c, 2, 0, Number.POSITIVE_INFINITY, POSITIVE);
  const size = request.argc < 5 ? 0 : rangeArgument(c, 4, 0, Number.POSITIVE_INFINITY, POSITIVE);
  const prefix = request.argc > 3 ? request.latin1(3) : 'key';
  for (let n = 0; n < count; n++) {
    const key = fromLatin1(`${prefix}:${n}`);
    if (db.write(key, 0, key.length) !== 0) continue;
    const value = fromLatin1(`value:${n}`);
    const length = size === 0 ? value.length : size;
    const ref = db.put(key, 0, key.length, STRING, length);
    const start = db.valueStart(ref);
    const end = copy(db.buffer(ref), start, value, 0, Math.min(length, value.length));
    db.buffer(ref).fill(0, end, start + length);
  }
  c.propagateNothing();
  reply.ok();
}

function reload({ request, reply, server }: Context): void {
  let save = true;
  let flush = true;
  let merge = false;
  for (let i = 2; i < request.argc; i++) {
    if (request.is(i, 'NOSAVE')) save = false;
    else if (request.is(i, 'NOFLUSH')) flush = false;
    else if (request.is(i, 'MERGE')) merge = true;
    else {
      throw new CommandError('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
    }
  }
  const complaint = server.debug.reload({ save, flush, merge });
  if (complaint !== undefined) throw new CommandError(complaint);
  reply.ok();
}

function loadAppendOnlyFile({ reply, server }: Context): void {
  const complaint = server.debug.loadAppendOnlyFile();
  if (complaint !== undefined) throw new CommandError(complaint);
  reply.ok();
}
