/** The quoting rules of redis-cli: how a line becomes arguments, and how bytes become a quoted string. */
import type { ByteText } from './byte-text.js';

const SPACE = /[ \t\n\v\f\r]/;
const END_OF_WORD = /[ \t\n\r\0]/;
const HEX_ESCAPE = /^\\x[0-9a-fA-F]{2}/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/**
 * Splits a line into arguments. Inside double quotes `\xHH`, `\n \r \t \b \a` and `\` before anything else are
 * escapes; inside single quotes only `\'` is. A closing quote must end its argument.
 * Answers `undefined` for unbalanced quotes or text straight behind a closing quote.
 */
export function splitArguments(line: ByteText): ByteText[] | undefined {
  const found: ByteText[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && SPACE.test(line[at])) at++;
    if (at >= line.length) return found;
    let argument = '';
    while (at < line.length && !END_OF_WORD.test(line[at])) {
      const quote = line[at];
      if (quote !== '"' && quote !== "'") {
        argument += line[at++];
        continue;
      }
      const quoted = readQuoted(line, at);
      if (!quoted) return undefined;
      argument += quoted.text;
      at = quoted.end;
      if (at < line.length && !SPACE.test(line[at])) return undefined;
      break;
    }
    found.push(argument);
  }
}

/** The quoted text that begins with the quote at `start`; `end` is the offset behind its closing quote. */
function readQuoted(line: ByteText, start: number): { text: ByteText; end: number } | undefined {
  const quote = line[start];
  let text = '';
  let at = start + 1;
  while (at < line.length) {
    const character = line[at];
    if (character === quote) return { text, end: at + 1 };
    if (character !== '\\' || at + 1 >= line.length) {
      text += character;
      at++;
    } else if (quote === "'") {
      const escaped = line[at + 1] === "'";
      text += escaped ? "'" : '\\';
      at += escaped ? 2 : 1;
    } else if (HEX_ESCAPE.test(line.slice(at, at + 4))) {
      text += String.fromCharCode(Number.parseInt(line.slice(at + 2, at + 4), 16));
      at += 4;
    } else {
      text += ESCAPES[line[at + 1]] ?? line[at + 1];
      at += 2;
    }
  }
  return undefined;
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
