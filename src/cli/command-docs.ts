/**
 * What the CLI knows about commands: help texts, completions and argument hints, all from the server's own
 * COMMAND DOCS, so that they are right for whatever server and modules it talks to.
 *
 * Pure but for `loadCommandDocs`, which asks the server.
 */
import { latin1 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-tree.js';
import type { ByteText } from './byte-text.js';
import { splitArguments } from './quoting.js';
import type { Output, Session } from './session.js';
import { VERSION } from './version.js';

export interface CommandDoc {
  /** Upper case; a subcommand has two words. */
  readonly name: string;
  /** The syntax of the arguments: `key [NX|XX] [EX seconds]`. */
  readonly params: string;
  readonly summary: string;
  readonly since: string;
  readonly group: string;
}

const DOCS_TIMEOUT = 5_000;

/** Asks the session's server; none when it is not connected or too old to know. */
export async function loadCommandDocs(session: Session): Promise<CommandDoc[]> {
  try {
    const reply = await session.connection?.command(['COMMAND', 'DOCS'], DOCS_TIMEOUT);
    return reply ? readCommandDocs(reply) : [];
  } catch {
    // The connection has failed; the user's next command will say so.
    return [];
  }
}

/** Reads a COMMAND DOCS reply, of RESP2 or RESP3, sorted by name. */
export function readCommandDocs(reply: Reply): CommandDoc[] {
  const docs = entriesOf(reply).flatMap(([name, doc]) => readCommand(name.toUpperCase(), doc));
  return docs.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readCommand(name: string, reply: Reply): CommandDoc[] {
  const fields = new Map(entriesOf(reply));
  const text = (field: string) => textOf(fields.get(field)) ?? '';
  const doc: CommandDoc = {
    name,
    params: joinArguments(fields.get('arguments'), ' '),
    summary: text('summary'),
    since: text('since'),
    group: text('group'),
  };
  const subcommands = entriesOf(fields.get('subcommands')).flatMap(([full, sub]) =>
    readCommand(full.replace('|', ' ').toUpperCase(), sub),
  );
  return [doc, ...subcommands];
}

function joinArguments(reply: Reply | undefined, separator: string): string {
  return itemsOf(reply).map(argumentSyntax).join(separator);
}

/** `[EX seconds]`, `key [key ...]`, `[NX|XX]`. */
function argumentSyntax(argument: Reply): string {
  const fields = new Map(entriesOf(argument));
  const type = textOf(fields.get('type'));
  const token = textOf(fields.get('token'));
  const flags = itemsOf(fields.get('flags')).map(textOf);
  const name = textOf(fields.get('name')) || '""';

  let value = name;
  if (type === 'pure-token') value = '';
  else if (type === 'oneof') value = joinArguments(fields.get('arguments'), '|');
  else if (type === 'block') value = joinArguments(fields.get('arguments'), ' ');

  const tokenPart = token === undefined ? '' : (token || '""') + (type === 'pure-token' ? '' : ' ');
  const again = (flags.includes('multiple_token') ? tokenPart : '') + value;
  const syntax = tokenPart + value + (flags.includes('multiple') ? ` [${again} ...]` : '');
  return flags.includes('optional') ? `[${syntax}]` : syntax;
}

/** The pairs of a map, or of RESP2's flat array. */
function entriesOf(reply: Reply | undefined): [name: string, value: Reply][] {
  if (reply?.type === 'map') return reply.entries.map(([name, value]) => [textOf(name) ?? '', value]);
  const items = itemsOf(reply);
  const entries: [string, Reply][] = [];
  for (let i = 0; i + 1 < items.length; i += 2) entries.push([textOf(items[i]) ?? '', items[i + 1]]);
  return entries;
}

function itemsOf(reply: Reply | undefined): readonly Reply[] {
  return reply?.type === 'array' || reply?.type === 'set' ? reply.items : [];
}

function textOf(reply: Reply | undefined): string | undefined {
  return reply?.type === 'bulk' || reply?.type === 'simple' ? latin1(reply.value) : undefined;
}

/** Full lines that the typed one may become: commands, and behind `help ` also `@group`s. */
export function completions(line: string, docs: readonly CommandDoc[]): string[] {
  const help = /^help\s+/i.exec(line)?.[0] ?? '';
  const typed = line.slice(help.length);
  const topics = docs.map((doc) => doc.name);
  if (help) topics.push(...groupsOf(docs).map((group) => `@${group}`));
  const upper = typed.toUpperCase();
  const matching = topics.filter((topic) => topic.toUpperCase().startsWith(upper));
  // Who types in lower case goes on in lower case.
  const lower = typed !== upper;
  return matching.map((topic) => help + (lower ? topic.toLowerCase() : topic));
}

function groupsOf(docs: readonly CommandDoc[]): string[] {
  return [...new Set(docs.map((doc) => doc.group))].sort();
}

/** The arguments still to type, with a space in front when the line needs one; `undefined` when unknown. */
export function hint(line: string, docs: readonly CommandDoc[]): string | undefined {
  const words = splitArguments(line)?.map((word) => word.toUpperCase());
  if (!words || words.length === 0) return undefined;
  const twoWords = docs.find((doc) => doc.name === `${words[0]} ${words[1]}`);
  const doc = twoWords ?? docs.find((one) => one.name === words[0]);
  if (!doc) return undefined;
  let rest = doc.params;
  // Optional arguments come in any order, so which of them are left is not known.
  for (let given = words.length - (twoWords ? 2 : 1); given > 0 && !rest.startsWith('['); given--)
    rest = rest.replace(/^[^ ]* ?/, '');
  if (rest === '') return undefined;
  return /\s$/.test(line) ? rest : ` ${rest}`;
}

/** The help for one command, all its subcommands, or a `@group`, in redis-cli's layout and colours. */
export function helpText(topic: readonly ByteText[], docs: readonly CommandDoc[]): string {
  let text = '';
  if (topic[0].startsWith('@')) {
    const group = topic[0].slice(1).toLowerCase();
    for (const doc of docs) if (doc.group.toLowerCase() === group) text += describe(doc);
  } else {
    const words = topic.map((word) => word.toUpperCase());
    for (const doc of docs) {
      const names = doc.name.split(' ');
      if (words.every((word, i) => word === names[i]))
        text += `${describe(doc)}  \x1b[33mgroup:\x1b[0m ${doc.group}\r\n`;
    }
  }
  return `${text}\r\n`;
}

function describe(doc: CommandDoc): string {
  return (
    `\r\n  \x1b[1m${doc.name}\x1b[0m \x1b[90m${doc.params}\x1b[0m\r\n` +
    `  \x1b[33msummary:\x1b[0m ${doc.summary}\r\n` +
    `  \x1b[33msince:\x1b[0m ${doc.since}\r\n`
  );
}

const GENERAL_HELP = `hexis cli ${VERSION}
  help COMMAND      what a command does and takes
  help @GROUP       the commands of a group, such as @string; the Tab key lists commands and groups
  N COMMAND         run a command N times
  connect HOST PORT talk to another server
  clear             clear the screen
  quit, exit        leave

  :set hints        show the arguments while typing
  :set nohints      do not
Settings in ~/.redisclirc apply to every session.
`;

export function isHelp(args: readonly ByteText[]): boolean {
  return args[0].toLowerCase() === 'help' || args[0] === '?';
}

/** Prints help about the topic, connecting first when that is needed to know it. */
export async function printHelp(
  session: Session,
  topic: readonly ByteText[],
  output: Output,
  known?: readonly CommandDoc[],
): Promise<void> {
  if (topic.length === 0) {
    output.write(GENERAL_HELP);
    return;
  }
  if (!known && !session.connection) await session.connect(true);
  output.write(helpText(topic, known ?? (await loadCommandDocs(session))));
}
