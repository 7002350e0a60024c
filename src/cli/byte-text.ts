/**
 * Text of the CLI, as bytes: a string with one character (U+0000 to U+00FF) per byte.
 *
 * Keys, values and replies are arbitrary bytes, while everything a command line does with them (splitting,
 * quoting, comparing names, laying out) is string work. Text comes in through `fromUnicode` or as latin1 from a
 * stream, and leaves as latin1, so no byte is ever lost or replaced.
 */
import { fromLatin1, fromUtf8, latin1, utf8 } from '../protocol/bytes.js';

export type ByteText = string;

/** What the terminal or the shell gave us, as its UTF-8 bytes. */
export function fromUnicode(text: string): ByteText {
  return latin1(fromUtf8(text));
}

/** For interfaces that take Unicode; bytes that are not UTF-8 become U+FFFD. */
export function toUnicode(text: ByteText): string {
  return utf8(fromLatin1(text));
}
