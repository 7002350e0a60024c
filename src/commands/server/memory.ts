/** MEMORY: what takes the memory. */
import type { Database } from '../../keyspace/database.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import type { MemoryReport } from '../facilities/monitoring.js';
import { helpSubcommand } from '../help.js';
import { integerArgument } from '../input.js';
import { keyAt } from '../key-specs.js';

export const memory: readonly CommandDefinition[] = [
  {
    name: 'memory',
    summary: 'A container for commands about memory.',
    since: '4.0.0',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'doctor',
        summary: 'Describes what is unusual about the use of memory.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        reply: 'string',
        tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
        run({ reply, server }) {
          reply.verbatim('txt', doctor(server.memory()));
        },
      },
      {
        name: 'malloc-stats',
        summary: "Describes the allocator's state.",
        since: '4.0.0',
        group: 'server',
        complexity: 'Depends on how much memory is allocated, could be slow',
        arity: 2,
        reply: 'string',
        tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
        run({ reply, server }) {
          const { arenaUsed, arenaReserved } = server.memory();
          reply.verbatim('txt', `Arena: ${arenaUsed} bytes used of ${arenaReserved} reserved\n`);
        },
      },
      {
        name: 'purge',
        summary: 'Gives memory back where the allocator holds more than it needs: the arena never does.',
        since: '4.0.0',
        group: 'server',
        complexity: 'Depends on how much memory is allocated, could be slow',
        arity: 2,
        reply: "'OK'",
        tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
        run({ reply }) {
          reply.ok();
        },
      },
      {
        name: 'stats',
        summary: 'Answers where the memory is.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        reply: 'Record<string, unknown>',
        tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
        run: stats,
      },
      {
        name: 'usage',
        summary: 'Answers how many bytes a key and its value take.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of samples.',
        arity: -3,
        flags: ['readonly'],
        keys: [keyAt(2, 'RO')],
        args: [arg.key('key', 0), arg.integer('count', { token: 'SAMPLES', optional: true })],
        reply: 'number | null',
        run: usage,
      },
      helpSubcommand('server', '4.0.0'),
    ],
  },
];

/** MEMORY USAGE key [SAMPLES count]. The size of a value is known without samples. */
function usage(c: Context): void {
  const { request, reply, db } = c;
  for (let i = 3; i < request.argc; i += 2) {
    if (!request.is(i, 'SAMPLES') || i + 1 === request.argc) throw new CommandError(SYNTAX_ERROR);
    if (integerArgument(c, i + 1) < 0) throw new CommandError(SYNTAX_ERROR);
  }
  const ref = db.peek(request.buffer, request.starts[2], request.ends[2]);
  if (ref === 0) reply.nil();
  else reply.integer(db.bytesOf(ref));
}

/** Bytes of a database's tables that find keys, and of those that know when they expire. */
function overheadOf(db: Database): { main: number; expires: number } {
  const expires = db.expiries.size * 12;
  return { main: db.overheadBytes - expires, expires };
}

function stats({ reply, server, keyspace }: Context): void {
  const report = server.memory();
  const { used, peak, overhead, resident, arenaUsed, arenaReserved } = report;
  const databases = keyspace.databases.filter(({ size }) => size > 0);
  const keys = databases.reduce((sum, { size }) => sum + size, 0);
  const integer = (name: string, value: number) => {
    reply.text(name);
    reply.integer(value);
  };
  const ratio = (name: string, a: number, b: number) => {
    reply.text(name);
    reply.double(b === 0 ? 0 : a / b);
  };
  reply.map(27 + databases.length);
  integer('peak.allocated', peak);
  integer('total.allocated', used);
  integer('startup.allocated', 0);
  integer('replication.backlog', report.backlog);
  integer('clients.slaves', report.unsent);
  integer('clients.normal', report.clientBuffers);
  integer('cluster.links', report.clusterLinks);
  integer('aof.buffer', report.appendBuffer);
  integer('lua.caches', 0);
  integer('functions.caches', 0);
  for (const db of databases) {
    const { main, expires } = overheadOf(db);
    reply.text(`db.${db.index}`);
    reply.map(3);
    integer('overhead.hashtable.main', main);
    integer('overhead.hashtable.expires', expires);
    integer('overhead.hashtable.slot-to-keys', 0);
  }
  integer('overhead.total', overhead);
  integer('keys.count', keys);
  integer('keys.bytes-per-key', keys === 0 ? 0 : Math.floor(used / keys));
  integer('dataset.bytes', used - overhead);
  ratio('dataset.percentage', (used - overhead) * 100, used);
  ratio('peak.percentage', used * 100, peak);
  integer('allocator.allocated', arenaUsed);
  integer('allocator.active', arenaReserved);
  integer('allocator.resident', arenaReserved);
  ratio('allocator-fragmentation.ratio', arenaReserved, arenaUsed);
  integer('allocator-fragmentation.bytes', arenaReserved - arenaUsed);
  ratio('allocator-rss.ratio', arenaReserved, arenaReserved);
  integer('allocator-rss.bytes', 0);
  ratio('rss-overhead.ratio', resident, arenaReserved);
  integer('rss-overhead.bytes', resident - arenaReserved);
  ratio('fragmentation', resident, used);
  integer('fragmentation.bytes', resident - used);
}

const MB = 1024 * 1024;
const KB = 1024;

/** Below this a report would say nothing about the data. */
const ALMOST_EMPTY = 5 * MB;

function doctor({
  used,
  peak,
  resident,
  arenaUsed,
  arenaReserved,
  clientBuffers,
  clients,
}: MemoryReport): string {
  if (used < ALMOST_EMPTY)
    return 'The node is almost empty: there is nothing to find out about its memory.\n';
  const findings: string[] = [];
  if (peak > used * 1.5) {
    findings.push(
      'The peak was more than 1.5 times what is used now. Memory once taken is used again for new data.',
    );
  }
  if (arenaReserved > arenaUsed * 1.4 && arenaReserved - arenaUsed > 10 * MB) {
    findings.push(
      'The arena holds more than 1.4 times what data takes of it: values have become smaller or fewer.',
    );
  }
  if (resident > used * 1.4 && resident - used > 100 * MB) {
    findings.push(
      'The process is more than 1.4 times as large as its data: large collections or buffers take the rest.',
    );
  }
  if (clients > 0 && clientBuffers / clients > 200 * KB) {
    findings.push(
      'Clients have more than 200 KB of buffers each on average: look at CLIENT LIST for who does not read.',
    );
  }
  if (findings.length === 0) return 'Nothing about the use of memory is unusual.\n';
  return `${findings.map((finding) => `- ${finding}`).join('\n')}\n`;
}
