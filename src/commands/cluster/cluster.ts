/**
 * The CLUSTER family: the cluster as this node sees it, and what administrators do to it. The operations themselves
 * are `cluster/`'s; here are their arguments and their replies. Cluster specification, and "cluster commands" of the
 * documentation.
 */
import { CommandError } from '../../protocol/command-error.js';
import { keySlot, SLOT_COUNT } from '../../protocol/key-slot.js';
import type { Request } from '../../protocol/request.js';
import * as arg from '../arguments.js';
import type { CommandDefinition, Flag } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR, subcommandSyntax, wrongArity } from '../errors.js';
import type { ClusterFacility, SlotRange } from '../facilities/cluster.js';
import { helpSubcommand, replyHelp } from '../help.js';
import { integerArgument } from '../input.js';
import { writeLinks, writeShards, writeSlots } from './replies.js';

const ADMIN: readonly Flag[] = ['no_async_loading', 'admin', 'stale'];
const NODE_ID = arg.string('node-id');
const VARIES = ['nondeterministic_output'];

/** The cluster, or Redis's complaint that there is none. */
function clusterOf(c: Context): ClusterFacility {
  const { cluster } = c.server;
  if (cluster === null) throw new CommandError('ERR This instance has cluster support disabled');
  return cluster;
}

const isSlot = (slot: number): boolean => slot >= 0 && slot < SLOT_COUNT;

function slotAt(request: Request, i: number): number {
  const slot = request.integer(i);
  if (!isSlot(slot)) throw new CommandError('ERR Invalid or out of range slot');
  return slot;
}

/** The slots named one by one from argument 2 on. */
function slotsOf(request: Request): SlotRange[] {
  const ranges: SlotRange[] = [];
  for (let i = 2; i < request.argc; i++) {
    const slot = slotAt(request, i);
    ranges.push({ first: slot, last: slot });
  }
  return ranges;
}

/** The ranges named by first and last slot from argument 2 on, each checked when its turn comes. */
function* rangesOf(c: Context): Iterable<SlotRange> {
  const { request } = c;
  if (request.argc % 2 === 1) throw new CommandError(wrongArity(c.command.fullName));
  for (let i = 2; i < request.argc; i += 2) {
    const first = slotAt(request, i);
    const last = slotAt(request, i + 1);
    if (first > last) {
      throw new CommandError(`ERR start slot number ${first} is greater than end slot number ${last}`);
    }
    yield { first, last };
  }
}

function portAt(c: Context, i: number, kind: 'base' | 'bus'): number {
  return integerArgument(c, i, `ERR Invalid TCP ${kind} port specified: ${c.request.latin1(i)}`);
}

function setSlot(c: Context): void {
  const { request } = c;
  const { administration } = clusterOf(c);
  const slot = slotAt(request, 2);
  const complete = request.argc === 5;
  if (request.is(3, 'STABLE') && request.argc === 4) administration.setSlotStable(slot);
  else if (request.is(3, 'MIGRATING') && complete) administration.setSlotMigrating(slot, request.latin1(4));
  else if (request.is(3, 'IMPORTING') && complete) administration.setSlotImporting(slot, request.latin1(4));
  else if (request.is(3, 'NODE') && complete) administration.setSlotNode(slot, request.latin1(4));
  else throw new CommandError('ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP');
  c.reply.ok();
}

function keysInSlot(c: Context): void {
  const { reply, db } = c;
  clusterOf(c);
  const slot = integerArgument(c, 2);
  const limit = integerArgument(c, 3);
  if (!isSlot(slot) || limit < 0) throw new CommandError('ERR Invalid slot or number of keys');
  const index = db.slots!;
  const count = Math.min(limit, index.count(slot));
  reply.array(count);
  let ref = index.first(slot);
  for (let n = 0; n < count; n++) {
    reply.bulk(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref));
    ref = index.next(ref);
  }
}

function replicas(c: Context): void {
  const lines = clusterOf(c).view.replicas(c.request.latin1(2), c.session.isPlaintext);
  c.reply.texts(lines);
}

/** How subcommands that check this themselves refuse too many arguments. */
function refuseMoreThan(most: number, request: Request): void {
  if (request.argc > most) throw new CommandError(subcommandSyntax(request.latin1(1), 'CLUSTER'));
}

/** An operation without arguments or reply of its own. */
function operation(work: (cluster: ClusterFacility, request: Request, c: Context) => void) {
  return (c: Context): void => {
    work(clusterOf(c), c.request, c);
    c.reply.ok();
  };
}

type Subcommand = Omit<CommandDefinition, 'since' | 'group'> & { readonly since?: string };

/** A subcommand of CLUSTER; most are administrative, since 3.0.0, O(1), and answer OK. */
function subcommand(definition: Subcommand): CommandDefinition {
  return {
    since: '3.0.0',
    group: 'cluster',
    complexity: 'O(1)',
    flags: ADMIN,
    reply: "'OK'",
    ...definition,
  };
}

const SLOTS = [arg.integer('slot', { multiple: true })];
const SLOT_RANGES = [
  arg.block('start-slot_end-slot', [arg.integer('start-slot'), arg.integer('end-slot')], { multiple: true }),
];

const subcommands: readonly CommandDefinition[] = [
  subcommand({
    name: 'addslots',
    summary: 'Serves slots that nobody serves.',
    complexity: 'O(N) where N is the total number of hash slot arguments',
    arity: -3,
    args: SLOTS,
    run: operation((cluster, request) => cluster.administration.addSlots(slotsOf(request))),
  }),
  subcommand({
    name: 'addslotsrange',
    summary: 'Serves ranges of slots that nobody serves.',
    since: '7.0.0',
    complexity:
      'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    arity: -4,
    args: SLOT_RANGES,
    run: operation((cluster, _request, c) => cluster.administration.addSlots(rangesOf(c))),
  }),
  subcommand({
    name: 'bumpepoch',
    summary: 'Takes a new config epoch unless this node has the greatest.',
    arity: 2,
    reply: 'string',
    tips: VARIES,
    run(c) {
      const { administration, myself } = clusterOf(c);
      c.reply.status(`${administration.bumpEpoch() ? 'BUMPED' : 'STILL'} ${myself.configEpoch}`);
    },
  }),
  subcommand({
    name: 'count-failure-reports',
    summary: 'Counts the masters that report a node as failing.',
    complexity: 'O(N) where N is the number of failure reports',
    arity: 3,
    flags: ['admin', 'stale'],
    args: [NODE_ID],
    reply: 'number',
    tips: VARIES,
    run: (c) => c.reply.integer(clusterOf(c).administration.countFailureReports(c.request.latin1(2))),
  }),
  subcommand({
    name: 'countkeysinslot',
    summary: 'Counts the keys in a slot.',
    arity: 3,
    flags: ['stale'],
    args: [arg.integer('slot')],
    reply: 'number',
    run(c) {
      clusterOf(c);
      const slot = integerArgument(c, 2);
      if (!isSlot(slot)) throw new CommandError('ERR Invalid slot');
      c.reply.integer(c.db.slots!.count(slot));
    },
  }),
  subcommand({
    name: 'delslots',
    summary: 'Forgets who serves slots.',
    complexity: 'O(N) where N is the total number of hash slot arguments',
    arity: -3,
    args: SLOTS,
    run: operation((cluster, request) => cluster.administration.deleteSlots(slotsOf(request))),
  }),
  subcommand({
    name: 'delslotsrange',
    summary: 'Forgets who serves ranges of slots.',
    since: '7.0.0',
    complexity:
      'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    arity: -4,
    args: SLOT_RANGES,
    run: operation((cluster, _request, c) => cluster.administration.deleteSlots(rangesOf(c))),
  }),
  subcommand({
    name: 'failover',
    summary: "Puts a replica in its master's place.",
    arity: -2,
    args: [arg.oneOf('options', [arg.word('FORCE'), arg.word('TAKEOVER')], { optional: true })],
    run: operation((cluster, request) => {
      refuseMoreThan(3, request);
      if (request.argc === 2) cluster.administration.failover('normal');
      else if (request.is(2, 'FORCE')) cluster.administration.failover('force');
      else if (request.is(2, 'TAKEOVER')) cluster.administration.failover('takeover');
      else throw new CommandError(SYNTAX_ERROR);
    }),
  }),
  subcommand({
    name: 'flushslots',
    summary: 'Gives up all slots of this node.',
    arity: 2,
    run: operation((cluster) => cluster.administration.flushSlots()),
  }),
  subcommand({
    name: 'forget',
    summary: 'Removes a node from the cluster as this node sees it.',
    arity: 3,
    args: [NODE_ID],
    run: operation((cluster, request) => cluster.administration.forget(request.latin1(2))),
  }),
  subcommand({
    name: 'getkeysinslot',
    summary: 'Lists keys of a slot.',
    complexity: 'O(log(N)) where N is the number of requested keys',
    arity: 4,
    flags: ['stale'],
    args: [arg.integer('slot'), arg.integer('count')],
    reply: 'Bulk[]',
    tips: VARIES,
    run: keysInSlot,
  }),
  helpSubcommand('cluster', '5.0.0', {
    run(c) {
      clusterOf(c);
      replyHelp(c);
    },
  }),
  subcommand({
    name: 'info',
    summary: 'Describes the state of the cluster.',
    arity: 2,
    flags: ['stale'],
    reply: 'string',
    tips: VARIES,
    run: (c) => c.reply.verbatim('txt', clusterOf(c).view.infoText()),
  }),
  subcommand({
    name: 'keyslot',
    summary: 'Answers the slot of a key.',
    complexity: 'O(N) where N is the number of bytes in the key',
    arity: 3,
    flags: ['stale'],
    args: [arg.string('key')],
    reply: 'number',
    run(c) {
      clusterOf(c);
      const { buffer, starts, ends } = c.request;
      c.reply.integer(keySlot(buffer, starts[2], ends[2]));
    },
  }),
  subcommand({
    name: 'links',
    summary: 'Lists the connections of the cluster bus.',
    since: '7.0.0',
    complexity: 'O(N) where N is the total number of Cluster nodes',
    arity: 2,
    flags: ['stale'],
    reply: 'Record<string, string | number>[]',
    tips: VARIES,
    run: (c) => writeLinks(c.reply, clusterOf(c).view.links()),
  }),
  subcommand({
    name: 'meet',
    summary: 'Joins the cluster of another node.',
    arity: -4,
    args: [
      arg.string('ip'),
      arg.integer('port'),
      arg.integer('cluster_bus_port', { optional: true, since: '4.0.0' }),
    ],
    history: [['4.0.0', 'Added the optional `cluster_bus_port` argument.']],
    run: operation((cluster, request, c) => {
      refuseMoreThan(5, request);
      const port = portAt(c, 3, 'base');
      const busPort = request.argc === 5 ? portAt(c, 4, 'bus') : port + 10_000;
      cluster.administration.meet(request.latin1(2), port, busPort);
    }),
  }),
  subcommand({
    name: 'myid',
    summary: "Answers this node's id.",
    arity: 2,
    flags: ['stale'],
    reply: 'string',
    run: (c) => c.reply.text(clusterOf(c).myself.id),
  }),
  subcommand({
    name: 'nodes',
    summary: 'Describes every known node.',
    complexity: 'O(N) where N is the total number of Cluster nodes',
    arity: 2,
    flags: ['stale'],
    reply: 'string',
    tips: VARIES,
    run: (c) => c.reply.verbatim('txt', clusterOf(c).view.nodes(c.session.isPlaintext)),
  }),
  subcommand({
    name: 'replicas',
    summary: 'Lists the replicas of a master.',
    since: '5.0.0',
    arity: 3,
    flags: ['admin', 'stale'],
    args: [NODE_ID],
    reply: 'string[]',
    tips: VARIES,
    run: replicas,
  }),
  subcommand({
    name: 'replicate',
    summary: 'Makes this node a replica of a master.',
    arity: 3,
    args: [NODE_ID],
    run: operation((cluster, request) => cluster.administration.replicate(request.latin1(2))),
  }),
  subcommand({
    name: 'reset',
    summary: 'Forgets the cluster.',
    complexity:
      'O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.',
    arity: -2,
    flags: ['admin', 'stale', 'noscript'],
    args: [arg.oneOf('hard_soft', [arg.word('HARD'), arg.word('SOFT')], { optional: true })],
    run: operation((cluster, request) => {
      refuseMoreThan(3, request);
      const hard = request.argc === 3 && request.is(2, 'HARD');
      if (request.argc === 3 && !hard && !request.is(2, 'SOFT')) throw new CommandError(SYNTAX_ERROR);
      cluster.administration.reset(hard);
    }),
  }),
  subcommand({
    name: 'saveconfig',
    summary: 'Writes nodes.conf now.',
    arity: 2,
    run: operation((cluster) => cluster.saveConfig()),
  }),
  subcommand({
    name: 'set-config-epoch',
    summary: 'Gives a fresh node its config epoch.',
    arity: 3,
    args: [arg.integer('config-epoch')],
    run: operation((cluster, _request, c) => cluster.administration.setConfigEpoch(integerArgument(c, 2))),
  }),
  subcommand({
    name: 'setslot',
    summary: 'Moves a slot, step by step.',
    arity: -4,
    args: [
      arg.integer('slot'),
      arg.oneOf('subcommand', [
        arg.string('node-id', { token: 'IMPORTING' }),
        arg.string('node-id', { token: 'MIGRATING' }),
        arg.string('node-id', { token: 'NODE' }),
        arg.word('STABLE'),
      ]),
    ],
    run: setSlot,
  }),
  subcommand({
    name: 'shards',
    summary: 'Describes the masters with their slots and replicas.',
    since: '7.0.0',
    complexity: 'O(N) where N is the total number of cluster nodes',
    arity: 2,
    flags: ['stale'],
    reply: '{ slots: number[]; nodes: Record<string, string | number>[] }[]',
    tips: VARIES,
    run: (c) => writeShards(c.reply, clusterOf(c).view.shards()),
  }),
  subcommand({
    name: 'slaves',
    summary: 'Lists the replicas of a master.',
    arity: 3,
    flags: ['admin', 'stale'],
    args: [NODE_ID],
    reply: 'string[]',
    tips: VARIES,
    deprecated: { since: '5.0.0', replacedBy: '`CLUSTER REPLICAS`' },
    run: replicas,
  }),
  subcommand({
    name: 'slots',
    summary: 'Lists the ranges of slots with their nodes.',
    complexity: 'O(N) where N is the total number of Cluster nodes',
    arity: 2,
    flags: ['stale'],
    reply: 'unknown[]',
    tips: VARIES,
    history: [
      ['4.0.0', 'Added node IDs.'],
      ['7.0.0', 'Added additional networking metadata field.'],
    ],
    deprecated: { since: '7.0.0', replacedBy: '`CLUSTER SHARDS`' },
    run: (c) => writeSlots(c.reply, clusterOf(c).view.slots(c.session.isPlaintext)),
  }),
];

/** READONLY, READWRITE, ASKING: what a connection may do in a cluster. */
function connectionMode(name: string, summary: string, flags: readonly Flag[], set: (c: Context) => void) {
  return {
    name,
    summary,
    since: '3.0.0',
    group: 'cluster',
    complexity: 'O(1)',
    arity: 1,
    flags,
    acl: ['connection'],
    reply: "'OK'",
    run(c: Context): void {
      clusterOf(c);
      set(c);
      c.reply.ok();
    },
  } satisfies CommandDefinition;
}

export const cluster: readonly CommandDefinition[] = [
  {
    name: 'cluster',
    summary: 'A container for cluster commands.',
    since: '3.0.0',
    group: 'cluster',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands,
  },
  connectionMode('readonly', "Allows reads of a replica's slots.", ['fast', 'loading', 'stale'], (c) => {
    c.session.readonly = true;
  }),
  connectionMode(
    'readwrite',
    "Sends reads to the slot's master again.",
    ['fast', 'loading', 'stale'],
    (c) => {
      c.session.readonly = false;
    },
  ),
  connectionMode('asking', 'Lets the next command use a slot that is being imported.', ['fast'], (c) => {
    c.session.asking = true;
  }),
];
