/** Searching for places in circles and boxes: GEOSEARCH, and GEORADIUS, which came before it. */
import { ZSET } from '../../keyspace/record.js';
import { LargeZset } from '../../keyspace/values/zset-large.js';
import { ZsetValue } from '../../keyspace/values/zset-value.js';
import { type Bytes, slice } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { Argument, CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { doubleArgument, integerArgument } from '../input.js';
import { keyAt, keysAfter } from '../key-specs.js';
import { readTyped } from '../lookup.js';
import { storeZset } from '../sorted-set/store.js';
import { type Point, placeOf, scoresIn } from './cells.js';
import { placeArgument, replyDistance, replyPlace, unitArgument } from './geo.js';
import { cellsAround, distanceWithin, type Shape } from './shapes.js';

/** Members, with their distance, hash or position if these are asked for. */
const PLACES = {
  'withcoord|withdist|withhash':
    '[member: Bulk, ...(Double | number | [longitude: Double, latitude: Double])[]][]',
  otherwise: 'Bulk[]',
};

const SHAPE_COMPLEXITY =
  'O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape';
const CIRCLE_COMPLEXITY =
  'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.';

// Arguments that several of the commands take

const UNIT = arg.oneOf('unit', [arg.word('M'), arg.word('KM'), arg.word('FT'), arg.word('MI')]);
const FROM = arg.oneOf('from', [
  arg.string('member', { token: 'FROMMEMBER' }),
  arg.block('longitude_latitude', [arg.double('longitude'), arg.double('latitude')], { token: 'FROMLONLAT' }),
]);
const BY = arg.oneOf('by', [
  arg.block('circle', [arg.double('radius', { token: 'BYRADIUS' }), UNIT]),
  arg.block('box', [arg.double('width', { token: 'BYBOX' }), arg.double('height'), UNIT]),
]);
const ORDER = arg.oneOf('order', [arg.word('ASC'), arg.word('DESC')], { optional: true });
const COUNT = countWith(arg.word('ANY', { optional: true }));
const COUNT_WITH_ANY_LATER = countWith(arg.word('ANY', { optional: true, since: '6.2.0' }));
const DETAILS = ['WITHCOORD', 'WITHDIST', 'WITHHASH'].map((token) => arg.word(token, { optional: true }));
const STORE = [
  arg.key('key', 1, { token: 'STORE', optional: true }),
  arg.key('key', 2, { token: 'STOREDIST', optional: true }),
];

function countWith(any: Argument): Argument {
  return arg.block('count', [arg.integer('count', { token: 'COUNT' }), any], { optional: true });
}

export const geoSearch: readonly CommandDefinition[] = [
  {
    name: 'geosearch',
    summary: 'Answers the places within a circle or a box.',
    since: '6.2.0',
    group: 'geo',
    complexity: SHAPE_COMPLEXITY,
    arity: -7,
    flags: ['readonly'],
    acl: ['geo'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), FROM, BY, ORDER, COUNT, ...DETAILS],
    reply: PLACES,
    history: [['7.0.0', 'Added support for uppercase unit names.']],
    run: (c) => searchShape(c, 1),
  },
  {
    name: 'geosearchstore',
    summary: 'Stores the places within a circle or a box.',
    since: '6.2.0',
    group: 'geo',
    complexity: SHAPE_COMPLEXITY,
    arity: -8,
    flags: ['write', 'denyoom'],
    acl: ['geo'],
    keys: [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')],
    args: [
      arg.key('destination', 0),
      arg.key('source', 1),
      FROM,
      BY,
      ORDER,
      COUNT,
      arg.word('STOREDIST', { optional: true }),
    ],
    reply: 'number',
    history: [['7.0.0', 'Added support for uppercase unit names.']],
    run: (c) => searchShape(c, 2),
  },
  {
    name: 'georadius',
    summary: 'Answers or stores the places within a distance of a point.',
    since: '3.2.0',
    group: 'geo',
    complexity: CIRCLE_COMPLEXITY,
    arity: -6,
    flags: ['write', 'denyoom'],
    acl: ['geo'],
    keys: [
      keyAt(1, 'RO', 'access'),
      keysAfter('STORE', 6, { lastKey: 0, step: 1, limit: 0 }, 'OW', 'update'),
      keysAfter('STOREDIST', 6, { lastKey: 0, step: 1, limit: 0 }, 'OW', 'update'),
    ],
    args: [
      arg.key('key', 0),
      arg.double('longitude'),
      arg.double('latitude'),
      arg.double('radius'),
      UNIT,
      ...DETAILS,
      COUNT_WITH_ANY_LATER,
      ORDER,
      ...STORE,
    ],
    reply: { 'store|storedist': 'number', ...PLACES },
    history: [
      ['6.2.0', 'Added the `ANY` option for `COUNT`.'],
      ['7.0.0', 'Added support for uppercase unit names.'],
    ],
    deprecated: {
      since: '6.2.0',
      replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument',
    },
    run: (c) => radius(c, 'from a point', false),
  },
  {
    name: 'georadius_ro',
    summary: 'Answers the places within a distance of a point.',
    since: '3.2.10',
    group: 'geo',
    complexity: CIRCLE_COMPLEXITY,
    arity: -6,
    flags: ['readonly'],
    acl: ['geo'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.double('longitude'),
      arg.double('latitude'),
      arg.double('radius'),
      UNIT,
      ...DETAILS,
      COUNT_WITH_ANY_LATER,
      ORDER,
    ],
    reply: PLACES,
    history: [['6.2.0', 'Added the `ANY` option for `COUNT`.']],
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with the `BYRADIUS` argument' },
    run: (c) => radius(c, 'from a point', true),
  },
  {
    name: 'georadiusbymember',
    summary: 'Answers or stores the places within a distance of a place.',
    since: '3.2.0',
    group: 'geo',
    complexity: CIRCLE_COMPLEXITY,
    arity: -5,
    flags: ['write', 'denyoom'],
    acl: ['geo'],
    keys: [
      keyAt(1, 'RO', 'access'),
      keysAfter('STORE', 5, { lastKey: 0, step: 1, limit: 0 }, 'OW', 'update'),
      keysAfter('STOREDIST', 5, { lastKey: 0, step: 1, limit: 0 }, 'OW', 'update'),
    ],
    args: [
      arg.key('key', 0),
      arg.string('member'),
      arg.double('radius'),
      UNIT,
      ...DETAILS,
      COUNT,
      ORDER,
      ...STORE,
    ],
    reply: { 'store|storedist': 'number', ...PLACES },
    history: [['7.0.0', 'Added support for uppercase unit names.']],
    deprecated: {
      since: '6.2.0',
      replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments',
    },
    run: (c) => radius(c, 'from a member', false),
  },
  {
    name: 'georadiusbymember_ro',
    summary: 'Answers the places within a distance of a place.',
    since: '3.2.10',
    group: 'geo',
    complexity: CIRCLE_COMPLEXITY,
    arity: -5,
    flags: ['readonly'],
    acl: ['geo'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.string('member'), arg.double('radius'), UNIT, ...DETAILS, COUNT, ORDER],
    reply: PLACES,
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments' },
    run: (c) => radius(c, 'from a member', true),
  },
];

const zset = new ZsetValue();

/** What a search is asked for. */
interface Query {
  centre?: Point;
  /** In units of `metres`. */
  size?: { readonly radius: number } | { readonly width: number; readonly height: number };
  /** Metres in the unit of the size, and of the distances answered. */
  metres: number;
  order?: 'near first' | 'far first';
  /** 0: all. */
  count: number;
  /** Whichever are found first will do. */
  any: boolean;
  withDistance: boolean;
  withScore: boolean;
  withPlace: boolean;
  /** The argument that names where to store the result, 0 for a reply. */
  destination: number;
  /** Store distances as scores. */
  storeDistance: boolean;
}

/** A place that was found. */
interface Hit {
  readonly member: Bytes;
  readonly score: number;
  readonly place: Point;
  /** In metres. */
  readonly distance: number;
}

/** GEORADIUS key longitude latitude radius unit …, GEORADIUSBYMEMBER key member radius unit …; `readonly`: no STORE. */
function radius(c: Context, from: 'from a point' | 'from a member', readonly: boolean): void {
  const exists = open(c, 1);
  const query = emptyQuery();
  const sizeAt = from === 'from a point' ? 4 : 3;
  if (from === 'from a point') {
    query.centre = placeArgument(c, 2);
    takeRadius(c, sizeAt, query);
  } else if (exists) {
    query.centre = placeOfMember(c, 2);
    takeRadius(c, sizeAt, query);
  }
  for (let i = sizeAt + 2; i < c.request.argc; i++) {
    const left = c.request.argc - i - 1;
    if (takeOption(c, i, query)) {
      if (c.request.is(i, 'COUNT')) i++;
    } else if (!readonly && left >= 1 && (c.request.is(i, 'STORE') || c.request.is(i, 'STOREDIST'))) {
      query.storeDistance = c.request.is(i, 'STOREDIST');
      query.destination = ++i;
    } else throw new CommandError(SYNTAX_ERROR);
  }
  if (query.destination !== 0) refuseDetails(query, 'STORE option in GEORADIUS');
  search(c, exists, query, 'georadiusstore');
}

/** GEOSEARCH key … (`at` is 1) and GEOSEARCHSTORE destination key … (`at` is 2). */
function searchShape(c: Context, at: number): void {
  const { request } = c;
  const exists = open(c, at);
  const query = emptyQuery();
  const storing = at > 1;
  if (storing) query.destination = 1;
  let fromMember = false;
  for (let i = at + 1; i < request.argc; i++) {
    const left = request.argc - i - 1;
    const { centre, size } = query;
    if (takeOption(c, i, query)) {
      if (request.is(i, 'COUNT')) i++;
    } else if (storing && request.is(i, 'STOREDIST')) query.storeDistance = true;
    else if (left >= 1 && request.is(i, 'FROMMEMBER') && (centre === undefined || fromMember)) {
      i++;
      fromMember = true;
      query.centre = exists ? placeOfMember(c, i) : { longitude: 0, latitude: 0 };
    } else if (left >= 2 && request.is(i, 'FROMLONLAT') && !fromMember) {
      query.centre = placeArgument(c, i + 1);
      i += 2;
    } else if (left >= 2 && request.is(i, 'BYRADIUS') && (size === undefined || 'radius' in size)) {
      takeRadius(c, i + 1, query);
      i += 2;
    } else if (left >= 3 && request.is(i, 'BYBOX') && (size === undefined || 'width' in size)) {
      takeBox(c, i + 1, query);
      i += 3;
    } else throw new CommandError(SYNTAX_ERROR);
  }
  if (storing) refuseDetails(query, 'GEOSEARCHSTORE');
  const name = request.latin1(0);
  if (query.centre === undefined) {
    throw new CommandError(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`);
  }
  if (query.size === undefined) {
    throw new CommandError(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`);
  }
  search(c, exists, query, 'geosearchstore');
}

function emptyQuery(): Query {
  return {
    metres: 1,
    count: 0,
    any: false,
    withDistance: false,
    withScore: false,
    withPlace: false,
    destination: 0,
    storeDistance: false,
  };
}

/** Points `zset` at the key in argument i; answers whether it exists. */
function open(c: Context, i: number): boolean {
  const ref = readTyped(c, i, ZSET);
  if (ref !== 0) zset.open(c.db, ref);
  return ref !== 0;
}

function placeOfMember({ request }: Context, i: number): Point {
  const score = zset.find(request.buffer, request.starts[i], request.ends[i]);
  if (Number.isNaN(score)) throw new CommandError('ERR could not decode requested zset member');
  return placeOf(score);
}

/** `radius unit` from argument i on. */
function takeRadius(c: Context, i: number, query: Query): void {
  const radius = doubleArgument(c, i, 'ERR need numeric radius');
  if (radius < 0) throw new CommandError('ERR radius cannot be negative');
  query.metres = unitArgument(c, i + 1);
  query.size = { radius };
}

/** `width height unit` from argument i on. */
function takeBox(c: Context, i: number, query: Query): void {
  const width = doubleArgument(c, i, 'ERR need numeric width');
  const height = doubleArgument(c, i + 1, 'ERR need numeric height');
  if (width < 0 || height < 0) throw new CommandError('ERR height or width cannot be negative');
  query.metres = unitArgument(c, i + 2);
  query.size = { width, height };
}

/** The options that all searches have. Answers false when argument i is none of them. */
function takeOption(c: Context, i: number, query: Query): boolean {
  const { request } = c;
  if (request.is(i, 'WITHDIST')) query.withDistance = true;
  else if (request.is(i, 'WITHHASH')) query.withScore = true;
  else if (request.is(i, 'WITHCOORD')) query.withPlace = true;
  else if (request.is(i, 'ANY')) query.any = true;
  else if (request.is(i, 'ASC')) query.order = 'near first';
  else if (request.is(i, 'DESC')) query.order = 'far first';
  else if (request.is(i, 'COUNT') && i + 1 < request.argc) {
    query.count = integerArgument(c, i + 1);
    if (query.count <= 0) throw new CommandError('ERR COUNT must be > 0');
  } else return false;
  return true;
}

/** What is stored has no room for them. */
function refuseDetails({ withDistance, withScore, withPlace }: Query, where: string): void {
  if (!withDistance && !withScore && !withPlace) return;
  throw new CommandError(`ERR ${where} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
}

/** Answers or stores what is found in the set that `zset` is pointed at, if it exists. */
function search(c: Context, exists: boolean, query: Query, event: string): void {
  if (query.any && query.count === 0) throw new CommandError('ERR the ANY argument requires COUNT argument');
  const hits = exists ? find(query) : [];
  if (query.destination === 0) answer(c, hits, query);
  else store(c, hits, query, event);
}

/** The hits in the order and number asked for. */
function find({ centre, size, metres, order, count, any }: Query): Hit[] {
  const hits = hitsIn(shapeOf(centre!, size!, metres), any ? count : Number.POSITIVE_INFINITY);
  // The nearest ones are meant by a count alone.
  if (order === 'near first' || (order === undefined && count > 0 && !any)) {
    hits.sort((a, b) => a.distance - b.distance);
  } else if (order === 'far first') hits.sort((a, b) => b.distance - a.distance);
  return count > 0 ? hits.slice(0, count) : hits;
}

function shapeOf(centre: Point, size: NonNullable<Query['size']>, metres: number): Shape {
  if ('radius' in size) return { centre, radius: size.radius * metres };
  return { centre, width: size.width * metres, height: size.height * metres };
}

/** Members are looked at so many at a time, so that a search for any few ends soon. */
const STRIDE = 64;

/** The places in the shape, at most `limit`. */
function hitsIn(shape: Shape, limit: number): Hit[] {
  const hits: Hit[] = [];
  for (const cell of cellsAround(shape)) {
    const { min, max } = scoresIn(cell);
    const end = zset.countBelow(max, false);
    for (let rank = zset.countBelow(min, false); rank < end && hits.length < limit; rank += STRIDE) {
      zset.visit(rank, Math.min(STRIDE, end - rank), false, (member, score) => {
        const place = placeOf(score);
        const distance = distanceWithin(shape, place);
        if (Number.isNaN(distance) || hits.length === limit) return;
        hits.push({ member: slice(member.bytes, member.start, member.end), score, place, distance });
      });
    }
  }
  return hits;
}

function answer({ reply }: Context, hits: readonly Hit[], query: Query): void {
  const { withDistance, withScore, withPlace, metres } = query;
  const details = Number(withDistance) + Number(withScore) + Number(withPlace);
  reply.array(hits.length);
  for (const { member, score, place, distance } of hits) {
    if (details > 0) reply.array(details + 1);
    reply.bulk(member);
    if (withDistance) replyDistance(reply, distance / metres);
    if (withScore) reply.integer(Math.trunc(score));
    if (withPlace) replyPlace(reply, place);
  }
}

function store(
  c: Context,
  hits: readonly Hit[],
  { storeDistance, metres, destination }: Query,
  event: string,
): void {
  const result = new LargeZset(c.keyspace.arena);
  for (const { member, score, distance } of hits) {
    result.add(member, 0, member.length, storeDistance ? distance / metres : score);
  }
  storeZset(c, destination, result, event);
}
