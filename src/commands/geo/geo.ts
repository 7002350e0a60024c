/** Places on earth: members of sorted sets whose scores are geohashes (cells.ts). Searching has a file of its own. */
import { ZSET } from '../../keyspace/record.js';
import { ZsetValue } from '../../keyspace/values/zset-value.js';
import type { Bytes } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import { format, fromDouble } from '../../protocol/long-double.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { doubleArgument } from '../input.js';
import { keyAt } from '../key-specs.js';
import { readTyped } from '../lookup.js';
import { ADD_OPTION, addMembers } from '../sorted-set/sorted-sets.js';
import { geohashText, LATITUDE, LONGITUDE, type Point, placeOf, scoreOf } from './cells.js';
import { distance } from './shapes.js';

export const geo: readonly CommandDefinition[] = [
  {
    name: 'geoadd',
    summary: 'Adds places, or moves them.',
    since: '3.2.0',
    group: 'geo',
    complexity: 'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
    arity: -5,
    flags: ['write', 'denyoom'],
    acl: ['geo'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [
      arg.key('key', 0),
      arg.oneOf('condition', [arg.word('NX'), arg.word('XX')], { optional: true, since: '6.2.0' }),
      arg.word('CH', { name: 'change', optional: true, since: '6.2.0' }),
      arg.block(
        'longitude_latitude_member',
        [arg.double('longitude'), arg.double('latitude'), arg.string('member')],
        { multiple: true },
      ),
    ],
    reply: 'number',
    history: [['6.2.0', 'Added the `CH`, `NX` and `XX` options.']],
    run: add,
  },
  {
    name: 'geodist',
    summary: 'Answers the distance between two places.',
    since: '3.2.0',
    group: 'geo',
    complexity: 'O(log(N))',
    arity: -4,
    flags: ['readonly'],
    acl: ['geo'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.string('member1'),
      arg.string('member2'),
      arg.oneOf('unit', [arg.word('M'), arg.word('KM'), arg.word('FT'), arg.word('MI')], { optional: true }),
    ],
    reply: 'Numeric | null',
    run: replyDistanceBetween,
  },
  {
    name: 'geohash',
    summary: 'Answers the geohash texts of places.',
    since: '3.2.0',
    group: 'geo',
    complexity: 'O(log(N)) for each member requested, where N is the number of elements in the sorted set.',
    arity: -2,
    flags: ['readonly'],
    acl: ['geo'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.string('member', { multiple: true })],
    reply: '(Bulk | null)[]',
    run(c) {
      const { reply } = c;
      forEachScore(
        c,
        (score) => reply.latin1(geohashText(score)),
        () => reply.nil(),
      );
    },
  },
  {
    name: 'geopos',
    summary: 'Answers the longitude and latitude of places.',
    since: '3.2.0',
    group: 'geo',
    complexity: 'O(N) where N is the number of members requested.',
    arity: -2,
    flags: ['readonly'],
    acl: ['geo'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.string('member', { multiple: true })],
    reply: '([longitude: Double, latitude: Double] | null)[]',
    run(c) {
      const { reply } = c;
      forEachScore(
        c,
        (score) => replyPlace(reply, placeOf(score)),
        () => reply.nilArray(),
      );
    },
  },
];

const zset = new ZsetValue();

/** Metres in each unit. */
const UNITS: readonly (readonly [name: string, metres: number])[] = [
  ['M', 1],
  ['KM', 1000],
  ['FT', 0.3048],
  ['MI', 1609.34],
];

/** Metres in the unit that argument i names. */
export function unitArgument({ request }: Context, i: number): number {
  for (const [name, metres] of UNITS) if (request.is(i, name)) return metres;
  throw new CommandError('ERR unsupported unit provided. please use M, KM, FT, MI');
}

/** The place whose longitude and latitude are arguments i and i + 1. */
export function placeArgument(c: Context, i: number): Point {
  const longitude = doubleArgument(c, i);
  const latitude = doubleArgument(c, i + 1);
  if (
    longitude < LONGITUDE.min ||
    longitude > LONGITUDE.max ||
    latitude < LATITUDE.min ||
    latitude > LATITUDE.max
  ) {
    const pair = `${fixed6(longitude)},${fixed6(latitude)}`;
    throw new CommandError(`ERR invalid longitude,latitude pair ${pair}`);
  }
  return { longitude, latitude };
}

/** C's `%f`. */
function fixed6(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

/** A distance, with four digits behind the point. */
export function replyDistance(reply: ReplyWriter, value: number): void {
  const units = roundToEven(value * 10_000);
  reply.latin1(`${Math.floor(units / 10_000)}.${String(units % 10_000).padStart(4, '0')}`);
}

function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

/** Longitude and latitude. */
export function replyPlace(reply: ReplyWriter, { longitude, latitude }: Point): void {
  reply.array(2);
  reply.doubleText(format(fromDouble(longitude)));
  reply.doubleText(format(fromDouble(latitude)));
}

/** GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member …]; propagated as the ZADD that it is. */
function add(c: Context): void {
  const { request } = c;
  let options = 0;
  let first = 2;
  for (; first < request.argc; first++) {
    const option = addOption(c, first);
    if (option === 0) break;
    options |= option;
  }
  const count = (request.argc - first) / 3;
  const both = ADD_OPTION.NX | ADD_OPTION.XX;
  if (count === 0 || !Number.isInteger(count) || (options & both) === both)
    throw new CommandError(SYNTAX_ERROR);
  const scores = Array.from({ length: count }, (_, n) => scoreOf(placeArgument(c, first + 3 * n)));
  addMembers(c, options, scores, count, first + 2, 3);
  if (!c.propagates) return;
  const words: (string | Bytes)[] = ['ZADD'];
  for (let i = 1; i < first; i++) words.push(request.bytes(i));
  for (const [n, score] of scores.entries()) words.push(String(score), request.bytes(first + 3 * n + 2));
  c.propagate(...words);
}

function addOption({ request }: Context, i: number): number {
  if (request.is(i, 'NX')) return ADD_OPTION.NX;
  if (request.is(i, 'XX')) return ADD_OPTION.XX;
  return request.is(i, 'CH') ? ADD_OPTION.CH : 0;
}

/** Calls `reply` with the score of each member from argument 2 on, or `none` when it isn't there. */
function forEachScore(c: Context, reply: (score: number) => void, none: () => void): void {
  const { request, db } = c;
  const ref = readTyped(c, 1, ZSET);
  if (ref !== 0) zset.open(db, ref);
  c.reply.array(request.argc - 2);
  for (let i = 2; i < request.argc; i++) {
    const score = ref === 0 ? Number.NaN : zset.find(request.buffer, request.starts[i], request.ends[i]);
    if (Number.isNaN(score)) none();
    else reply(score);
  }
}

/** GEODIST key member member [unit]. */
function replyDistanceBetween(c: Context): void {
  const { request, reply, db } = c;
  if (request.argc > 5) throw new CommandError(SYNTAX_ERROR);
  const metres = request.argc === 5 ? unitArgument(c, 4) : 1;
  const ref = readTyped(c, 1, ZSET);
  if (ref !== 0) zset.open(db, ref);
  const [a, b] = [2, 3].map((i) =>
    ref === 0 ? Number.NaN : zset.find(request.buffer, request.starts[i], request.ends[i]),
  );
  if (Number.isNaN(a) || Number.isNaN(b)) reply.nil();
  else replyDistance(reply, distance(placeOf(a), placeOf(b)) / metres);
}
