/**
 * Where a command's first key is, from the server's own COMMAND table, so that it is right for whatever commands and
 * modules the server has. Pure. One key is enough to find the node: a server refuses keys of several slots.
 */
import { latin1 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-tree.js';
import type { ByteText } from './byte-text.js';

/** How to find the first key among the words, the command's name being word 0; -1 for none. */
type FindFirstKey = (words: readonly ByteText[]) => number;

export class CommandKeys {
  private readonly finders = new Map<string, FindFirstKey>();

  /** Takes the reply to COMMAND, of RESP2 or RESP3. */
  constructor(table: Reply) {
    for (const command of listOf(table)) this.add(command);
  }

  /** The first key of a command, or `undefined` when it has none, or the server does not know it. */
  firstKey(words: readonly ByteText[]): ByteText | undefined {
    const name = words[0].toLowerCase();
    const find = this.finders.get(`${name}|${words[1]?.toLowerCase()}`) ?? this.finders.get(name);
    return find && words[find(words)];
  }

  private add(command: Reply): void {
    const [name, , , first, , , , , specs, subcommands] = listOf(command);
    const find = finderOf(listOf(specs)[0]) ?? fixed(numberOf(first));
    if (find) this.finders.set(textOf(name), find);
    for (const subcommand of listOf(subcommands)) this.add(subcommand);
  }
}

/** Servers before 7.0 tell no more than a position, 0 for no key. */
function fixed(position: number): FindFirstKey | undefined {
  return position > 0 ? () => position : undefined;
}

/** The finder that a key specification describes. */
function finderOf(specification: Reply | undefined): FindFirstKey | undefined {
  const begin = beginOf(fieldOf(specification, 'begin_search'));
  if (!begin) return undefined;
  const search = fieldOf(specification, 'find_keys');
  if (textOf(fieldOf(search, 'type')) !== 'keynum') return begin;
  const spec = fieldOf(search, 'spec');
  const count = numberOf(fieldOf(spec, 'keynumidx'));
  const first = numberOf(fieldOf(spec, 'firstkey'));
  return (words) => {
    const start = begin(words);
    return start >= 0 && Number(words[start + count]) > 0 ? start + first : -1;
  };
}

/** Keys begin at a fixed word, or behind a keyword such as STREAMS. */
function beginOf(search: Reply | undefined): FindFirstKey | undefined {
  const spec = fieldOf(search, 'spec');
  switch (textOf(fieldOf(search, 'type'))) {
    case 'index':
      return fixed(numberOf(fieldOf(spec, 'index')));
    case 'keyword': {
      const keyword = textOf(fieldOf(spec, 'keyword')).toLowerCase();
      const from = numberOf(fieldOf(spec, 'startfrom'));
      return (words) => {
        const names = words.map((word) => word.toLowerCase());
        // A negative start counts from the end, and the search goes backwards from there.
        const at = from < 0 ? names.lastIndexOf(keyword, from) : names.indexOf(keyword, from);
        return at < 0 ? -1 : at + 1;
      };
    }
    default:
      return undefined;
  }
}

function listOf(reply: Reply | undefined): readonly Reply[] {
  return reply !== undefined && 'items' in reply ? reply.items : [];
}

/** A field of a map, or of RESP2's flat array. */
function fieldOf(reply: Reply | undefined, name: string): Reply | undefined {
  if (reply?.type === 'map') return reply.entries.find(([key]) => textOf(key) === name)?.[1];
  const items = listOf(reply);
  for (let i = 0; i + 1 < items.length; i += 2) if (textOf(items[i]) === name) return items[i + 1];
  return undefined;
}

function textOf(reply: Reply | undefined): ByteText {
  return reply?.type === 'bulk' || reply?.type === 'simple' ? latin1(reply.value) : '';
}

function numberOf(reply: Reply | undefined): number {
  return reply?.type === 'integer' ? Number(reply.value) : 0;
}
