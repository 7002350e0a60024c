/** The quoting rules of redis-cli: how a line becomes arguments, and how bytes become a quoted string. */
import { fromLatin1, latin1 } from '../protocol/bytes.js';
import { splitArguments as splitBytes } from '../protocol/inline-arguments.js';
import type { ByteText } from './byte-text.js';

/** The arguments of a line; `undefined` for unbalanced quotes or text straight behind a closing quote. */
export function splitArguments(line: ByteText): ByteText[] | undefined {
  return splitBytes(fromLatin1(line), 0, line.length)?.map((word) => latin1(word));
}

/** One argument given in quoted form (`--quoted-input`), or `undefined` when it is not exactly one. */
export function unquote(text: ByteText): ByteText | undefined {
  const words = splitArguments(text);
  return words?.length === 1 ? words[0] : undefined;
}

const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

/** The bytes in double quotes, everything unprintable escaped; `splitArguments` reads it back. */
export function quote(text: ByteText): ByteText {
  return `"${text.replace(
    /[^ -~]|["\\]/g,
    (character) => NAMED[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )}"`;
}
