/** A command as COMMAND INFO and COMMAND DOCS describe it, written from its entry in the table. */
import type { ReplyWriter } from '../protocol/reply-writer.js';
import { type Argument, type Command, FLAG } from './command.js';
import type { KeySpec } from './key-specs.js';

/** Flags as COMMAND INFO lists them, in its order; the others are nobody's business. */
const SHOWN_FLAGS = [
  'write',
  'readonly',
  'denyoom',
  'module',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
  'movablekeys',
  'allow_busy',
] as const satisfies readonly (keyof typeof FLAG)[];

/** COMMAND INFO's ten fields. */
export function writeInfo(reply: ReplyWriter, command: Command): void {
  const { definition, subcommands } = command;
  const { tips = [], keys = [] } = definition;
  reply.array(10);
  reply.text(command.fullName);
  reply.integer(command.arity);
  writeStatuses(
    reply,
    SHOWN_FLAGS.filter((flag) => command.flags & FLAG[flag]),
  );
  reply.integer(command.firstKey);
  reply.integer(command.lastKey);
  reply.integer(command.keyStep);
  writeStatuses(
    reply,
    command.categories.map((category) => `@${category}`),
  );
  reply.set(tips.length);
  for (const tip of tips) reply.text(tip);
  reply.set(keys.length);
  for (const spec of keys) writeKeySpec(reply, spec);
  if (subcommands.size === 0) reply.set(0);
  else reply.array(subcommands.size);
  for (const subcommand of subcommands.values()) writeInfo(reply, subcommand);
}

/** What a key specification, or COMMAND GETKEYSANDFLAGS, says about a key. */
export function writeStatuses(reply: ReplyWriter, statuses: readonly string[]): void {
  reply.set(statuses.length);
  for (const status of statuses) reply.status(status);
}

function writeKeySpec(reply: ReplyWriter, { notes, flags, begin, find }: KeySpec): void {
  reply.map(notes === undefined ? 3 : 4);
  if (notes !== undefined) writeFields(reply, { notes });
  reply.text('flags');
  writeStatuses(reply, flags);
  reply.text('begin_search');
  if ('index' in begin) writeSearch(reply, 'index', { index: begin.index });
  else if ('keyword' in begin) {
    writeSearch(reply, 'keyword', { keyword: begin.keyword, startfrom: begin.from });
  } else writeSearch(reply, 'unknown', {});
  reply.text('find_keys');
  if ('lastKey' in find) {
    writeSearch(reply, 'range', { lastkey: find.lastKey, keystep: find.step, limit: find.limit });
  } else if ('countAt' in find) {
    const { countAt, firstKey, step } = find;
    writeSearch(reply, 'keynum', { keynumidx: countAt, firstkey: firstKey, keystep: step });
  } else writeSearch(reply, 'unknown', {});
}

function writeSearch(reply: ReplyWriter, type: string, spec: Record<string, string | number>): void {
  reply.map(2);
  writeFields(reply, { type });
  reply.text('spec');
  reply.map(Object.keys(spec).length);
  writeFields(reply, spec);
}

function writeFields(reply: ReplyWriter, fields: Record<string, string | number | undefined>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    reply.text(name);
    if (typeof value === 'number') reply.integer(value);
    else reply.text(value);
  }
}

/** COMMAND DOCS's map. */
export function writeDocs(reply: ReplyWriter, command: Command): void {
  const { definition, subcommands } = command;
  const { summary, since, group, complexity, deprecated, history, args } = definition;
  const mark = reply.open();
  const fields = { summary, since, group, complexity };
  writeFields(reply, fields);
  let count = Object.values(fields).filter((value) => value !== undefined).length;
  const docFlags: string[] = [];
  if (deprecated) docFlags.push('deprecated');
  if (definition.systemCommand) docFlags.push('syscmd');
  if (docFlags.length > 0) {
    count++;
    reply.text('doc_flags');
    writeStatuses(reply, docFlags);
  }
  if (deprecated) {
    count += 2;
    writeFields(reply, { deprecated_since: deprecated.since, replaced_by: deprecated.replacedBy });
  }
  if (history) {
    count++;
    reply.text('history');
    reply.set(history.length);
    for (const change of history) reply.texts(change);
  }
  if (args) {
    count++;
    reply.text('arguments');
    writeArguments(reply, args);
  }
  if (subcommands.size > 0) {
    count++;
    reply.text('subcommands');
    reply.map(subcommands.size);
    for (const subcommand of subcommands.values()) {
      reply.text(subcommand.fullName);
      writeDocs(reply, subcommand);
    }
  }
  reply.close(mark, 'map', count);
}

function writeArguments(reply: ReplyWriter, args: readonly Argument[]): void {
  reply.array(args.length);
  for (const argument of args) {
    const { name, type, keySpec, token, since, deprecatedSince, arguments: parts } = argument;
    const flags: string[] = [];
    if (argument.optional) flags.push('optional');
    if (argument.multiple) flags.push('multiple');
    if (argument.multipleToken) flags.push('multiple_token');
    const fields = { name, type, key_spec_index: keySpec, token, since, deprecated_since: deprecatedSince };
    const count = Object.values(fields).filter((value) => value !== undefined).length;
    reply.map(count + (flags.length > 0 ? 1 : 0) + (parts ? 1 : 0));
    writeFields(reply, fields);
    if (flags.length > 0) {
      reply.text('flags');
      writeStatuses(reply, flags);
    }
    if (parts) {
      reply.text('arguments');
      writeArguments(reply, parts);
    }
  }
}
