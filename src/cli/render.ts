/**
 * Replies as redis-cli prints them. Pure: a reply and a format in, bytes as text out.
 *
 * The formats are redis-cli 7.0's to the byte, odd corners included (a raw error ends with an empty line, CSV
 * flattens nesting, `--quoted-json` doubles backslashes), because scripts parse them.
 */
import { latin1 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-tree.js';
import type { ByteText } from './byte-text.js';
import { quote } from './quoting.js';

export type OutputFormat = 'standard' | 'raw' | 'csv' | 'json' | 'quoted-json';

export interface OutputStyle {
  readonly format: OutputFormat;
  /** Between the elements of a reply, raw format only (`-d`). */
  readonly elementDelimiter: ByteText;
  /** Behind each reply, raw format only (`-D`). */
  readonly replyDelimiter: ByteText;
}

/** The whole output for one reply, with what ends it. */
export function renderReply(reply: Reply, style: OutputStyle): ByteText {
  switch (style.format) {
    case 'standard':
      return renderStandard(reply, '');
    case 'raw':
      return renderRaw(reply, style.elementDelimiter) + style.replyDelimiter;
    case 'csv':
      return `${renderCsv(reply)}\n`;
    case 'json':
      return `${renderJson(reply, escapeJson)}\n`;
    case 'quoted-json':
      return `${renderJson(reply, quoteForJson)}\n`;
  }
}

const EMPTY_AGGREGATE = {
  array: '(empty array)',
  map: '(empty hash)',
  set: '(empty set)',
  push: '(empty push)',
};
const INDEX_MARK = { array: ')', map: '#', set: '~', push: ')' };

/** For people: typed, numbered, indented by `prefix` from the second line on. */
function renderStandard(reply: Reply, prefix: string): ByteText {
  switch (reply.type) {
    case 'error':
      return `(error) ${latin1(reply.value)}\n`;
    case 'simple':
    case 'verbatim':
      return `${latin1(reply.value)}\n`;
    case 'bulk':
      return `${quote(latin1(reply.value))}\n`;
    case 'integer':
      return `(integer) ${reply.value}\n`;
    case 'double':
      return `(double) ${reply.text}\n`;
    case 'big-number':
      return `(big number) ${reply.value}\n`;
    case 'boolean':
      return reply.value ? '(true)\n' : '(false)\n';
    case 'null':
      return '(nil)\n';
  }
  const elements = reply.type === 'map' ? reply.entries : reply.items;
  if (elements.length === 0) return `${EMPTY_AGGREGATE[reply.type]}\n`;

  const indexWidth = String(elements.length).length;
  const inner = prefix + ' '.repeat(indexWidth + 2);
  let output = '';
  elements.forEach((element, i) => {
    const index = `${String(i + 1).padStart(indexWidth)}${INDEX_MARK[reply.type]} `;
    output += (i === 0 ? '' : prefix) + index;
    if (!isEntry(element)) {
      output += renderStandard(element, inner);
      return;
    }
    const [key, value] = element;
    const keyLines = renderStandard(key, inner).slice(0, -1);
    output += `${keyLines} => ${isMultiline(value) ? `\n${inner}` : ''}${renderStandard(value, inner)}`;
  });
  return output;
}

function isEntry(element: Reply | readonly [Reply, Reply]): element is readonly [Reply, Reply] {
  return Array.isArray(element);
}

/** Whether the standard format needs several lines: a map's value then starts on a line of its own. */
function isMultiline(reply: Reply): boolean {
  switch (reply.type) {
    case 'array':
    case 'set':
    case 'push':
      return reply.items.length > 1 || (reply.items.length === 1 && isMultiline(reply.items[0]));
    case 'map':
      return reply.entries.length > 1 || (reply.entries.length === 1 && isMultiline(reply.entries[0][1]));
    default:
      return false;
  }
}

/** The bare values, for pipes; without the delimiter behind the reply. */
export function renderRaw(reply: Reply, delimiter: ByteText): ByteText {
  switch (reply.type) {
    case 'null':
      return '';
    case 'error':
      return `${latin1(reply.value)}\n`;
    case 'simple':
    case 'bulk':
    case 'verbatim':
      return latin1(reply.value);
    case 'boolean':
      return reply.value ? '(true)' : '(false)';
    case 'integer':
    case 'big-number':
      return String(reply.value);
    case 'double':
      return reply.text;
    case 'map':
      return reply.entries
        .map(([key, value]) => `${renderRaw(key, delimiter)} ${renderRaw(value, delimiter)}`)
        .join(delimiter);
    default:
      return reply.items.map((item) => renderRaw(item, delimiter)).join(delimiter);
  }
}

function renderCsv(reply: Reply): ByteText {
  switch (reply.type) {
    case 'error':
      return `ERROR,${quote(latin1(reply.value))}`;
    case 'simple':
    case 'bulk':
    case 'verbatim':
      return quote(latin1(reply.value));
    case 'null':
      return 'NULL';
    case 'boolean':
      return String(reply.value);
    case 'integer':
    case 'big-number':
      return String(reply.value);
    case 'double':
      return reply.text;
    case 'map':
      return reply.entries.flat().map(renderCsv).join(',');
    default:
      return reply.items.map(renderCsv).join(',');
  }
}

type StringEscape = (text: ByteText) => ByteText;

function renderJson(reply: Reply, encode: StringEscape): ByteText {
  switch (reply.type) {
    case 'error':
      return `error:${encode(latin1(reply.value))}`;
    case 'simple':
    case 'bulk':
    case 'verbatim':
      return encode(latin1(reply.value));
    case 'null':
      return 'null';
    case 'boolean':
      return String(reply.value);
    case 'integer':
    case 'big-number':
      return String(reply.value);
    case 'double':
      return reply.text;
    case 'map': {
      const members = reply.entries.map(
        ([key, value]) => `${renderJsonKey(key, encode)}:${renderJson(value, encode)}`,
      );
      return `{${members.join(',')}}`;
    }
    default:
      return `[${reply.items.map((item) => renderJson(item, encode)).join(',')}]`;
  }
}

/** Keys must be strings in JSON; in RESP3 they can be anything. */
function renderJsonKey(key: Reply, encode: StringEscape): ByteText {
  const text = renderJson(key, encode);
  return key.type === 'error' || text.startsWith('"') ? text : `"${text}"`;
}

const JSON_NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
};

/** Bytes above 0x1f pass through as they are: UTF-8 stays UTF-8. */
function escapeJson(text: ByteText): ByteText {
  return `"${text.replace(
    /[\0-\x1f"\\]/g,
    (character) => JSON_NAMED[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}"`;
}

function quoteForJson(text: ByteText): ByteText {
  return quote(text).replaceAll('\\', '\\\\');
}

/** A RESP3 push that arrived between replies; key invalidations get a line of their own kind. */
export function renderPush(push: Reply, style: OutputStyle): ByteText {
  if (style.format === 'standard' && push.type === 'push' && push.items.length === 2) {
    const [kind, keys] = push.items;
    if (kind.type === 'bulk' && latin1(kind.value) === 'invalidate' && keys.type === 'array') {
      const names = keys.items.map((key) => `'${renderRaw(key, ' ')}'`);
      return `-> invalidate: ${names.join(', ')}\n`;
    }
  }
  return renderReply(push, style);
}

/** Commands whose reply is text for people, printed as it is in every format, with nothing behind it. */
export function printsText(args: readonly ByteText[]): boolean {
  const [name, sub] = args.map((arg) => arg.toLowerCase());
  switch (name) {
    case 'info':
    case 'lolwut':
      return true;
    case 'debug':
      return sub === 'htstats' || sub === 'htstats-key' || sub === 'client-eviction';
    case 'memory':
      return sub === 'malloc-stats' || sub === 'doctor';
    case 'cluster':
      return args.length === 2 && (sub === 'nodes' || sub === 'info');
    case 'client':
      return sub === 'list' || sub === 'info';
    case 'latency':
      return (args.length === 3 && sub === 'graph') || (args.length === 2 && sub === 'doctor');
    case 'proxy':
      return sub === 'info';
    default:
      return false;
  }
}
