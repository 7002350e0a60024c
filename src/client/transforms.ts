/**
 * Replies as typed methods promise them, where RESP2 and RESP3 differ or JavaScript programs expect another form. The
 * names are those by which `generated/table.ts` calls them.
 */
import { utf8 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-decoder.js';
import type { Transform } from './request.js';

type Text = string | Uint8Array;
/** A map; in RESP2 its names and values one after the other. */
type Flat = Map<unknown, unknown> | unknown[];

/** A number that the server may send as text, as RESP2 does with all that are not integers. */
function number(reply: unknown): unknown {
  if (typeof reply === 'number' || reply === null) return reply;
  const text = String(reply);
  return text.endsWith('inf') ? Number(text.replace('inf', 'Infinity')) : Number(text);
}

/** A number or several. */
function numeric(reply: unknown): unknown {
  return Array.isArray(reply) ? reply.map(number) : number(reply);
}

/** 1 or 0, in RESP3 sometimes true or false. */
function boolean(reply: unknown): boolean {
  return reply === 1 || reply === true;
}

/** Pairs; in RESP2 one after the other in one list. */
function pairs(reply: unknown[]): unknown[] {
  if (reply.length === 0 || Array.isArray(reply[0])) return reply;
  return Array.from({ length: reply.length / 2 }, (_, i) => [reply[2 * i], reply[2 * i + 1]]);
}

function scores(reply: unknown[]): unknown[] {
  return (pairs(reply) as [Text, unknown][]).map(([member, score]) => [member, number(score)]);
}

/** A map, in RESP2 a flat list of names and values. The names become properties of an object without prototype. */
function record(reply: Flat): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  const entries = reply instanceof Map ? reply : (pairs(reply) as [unknown, unknown][]);
  for (const [name, value] of entries) result[String(name)] = value;
  return result;
}

/**
 * A stream's entries, each with its fields as an object. One that has been deleted since has no fields; before Redis 7 it
 * may be missing.
 */
function entries(reply: ([Text, unknown[] | null] | null)[] | null): unknown[] {
  return (reply ?? []).flatMap((entry) => (entry === null ? [] : [[entry[0], record(entry[1] ?? [])]]));
}

/** The entries of several streams, by their keys. */
function streams(reply: Flat | null): Record<string, unknown> | null {
  if (reply === null) return null;
  const result = record(reply);
  for (const key of Object.keys(result)) result[key] = entries(result[key] as [Text, unknown[]][]);
  return result;
}

/** A map as an object, and all maps in it. In RESP2 nobody can tell those from lists, and lists they remain. */
function object(reply: Flat | null): Record<string, unknown> | null {
  if (reply === null) return null;
  const result = record(reply);
  for (const name of Object.keys(result)) result[name] = withoutMaps(result[name]);
  return result;
}

function withoutMaps(reply: unknown): unknown {
  if (reply instanceof Map) return object(reply);
  return Array.isArray(reply) ? reply.map(withoutMaps) : reply;
}

/** Latencies of commands, each with a map of its own. */
function histograms(reply: Flat): Record<string, unknown> {
  const result = record(reply);
  for (const name of Object.keys(result)) {
    const { calls, histogram_usec } = record(result[name] as Flat);
    result[name] = { calls, histogram_usec: record(histogram_usec as Flat) };
  }
  return result;
}

/** A shard's slots, and its nodes as objects. */
function shard(reply: Flat): Record<string, unknown> {
  const { slots, nodes } = record(reply);
  return { slots, nodes: (nodes as Flat[]).map(record) };
}

/** A connection's tracking, whose flags are a set. */
function tracking(reply: Flat): Record<string, unknown> {
  const { flags, redirect, prefixes } = record(reply);
  return { flags: new Set(flags as Iterable<unknown>), redirect, prefixes };
}

/** The reply with all bytes in it as text. */
export function textOf(reply: Reply): Reply {
  if (reply instanceof Uint8Array) return utf8(reply);
  if (Array.isArray(reply)) return reply.map(textOf);
  if (reply instanceof Map) return new Map([...reply].map(([name, value]) => [textOf(name), textOf(value)]));
  return reply;
}

export const transforms = {
  boolean,
  booleans: (reply: unknown[]) => reply.map(boolean),
  number,
  numbers: (reply: unknown[]) => reply.map(number),
  pairs,
  record,
  object,
  objects: (reply: Flat[]) => reply.map(object),
  scores,
  /** A cursor, and fields with their values. */
  scannedFields: ([cursor, fields]: [Text, unknown[]]) => [cursor, pairs(fields)],
  /** A cursor, and members with their scores. */
  scannedScores: ([cursor, members]: [Text, unknown[]]) => [cursor, scores(members)],
  entries,
  streams,
  /** The entries that were claimed, between where to go on and what is no more. */
  claimed: ([next, claimed, deleted = []]: [Text, [Text, unknown[]][], Text[]?]) => [
    next,
    entries(claimed),
    deleted, // since Redis 7
  ],
  /** What a group has not acknowledged, and how much of it each consumer has. */
  pending: ([count, first, last, consumers]: [number, Text, Text, unknown[] | null]) => [
    count,
    first,
    last,
    consumers && scores(consumers),
  ],
  histograms,
  shards: (reply: Flat[]) => reply.map(shard),
  tracking,
  /** A set, in RESP2 a list. */
  set: (reply: Set<unknown> | unknown[]) => (reply instanceof Set ? reply : new Set(reply)),
  /** A member and its score, or nothing. */
  score: (reply: unknown[]) => (reply.length === 0 ? null : [reply[0], number(reply[1])]),
  keyAndScore: (reply: unknown[] | null) => reply && [reply[0], reply[1], number(reply[2])],
  keyAndScores: (reply: [unknown, unknown[]] | null) => reply && [reply[0], scores(reply[1])],
  positions: (reply: (unknown[] | null)[]) => reply.map((position) => position && numeric(position)),
  /** Members with what was asked for besides: a distance, a hash, a position. */
  places: (reply: [Text, ...unknown[]][]) => reply.map(([member, ...more]) => [member, ...more.map(numeric)]),
} as const satisfies Record<string, Transform>;
