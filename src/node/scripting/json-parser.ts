/**
 * JSON text to Lua values, straight from the machine's memory to its stack.
 *
 * Behind the text there is a zero byte (Lua keeps its strings so), which ends the input like any zero inside it.
 */
import { latin1, utf8Length, writeUtf8 } from '../../protocol/bytes.js';
import { ByteBuilder } from './byte-builder.js';
import type { Lua } from './lua.js';
import type { State } from './machine.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

type Token =
  | 'T_OBJ_BEGIN'
  | 'T_OBJ_END'
  | 'T_ARR_BEGIN'
  | 'T_ARR_END'
  | 'T_STRING'
  | 'T_NUMBER'
  | 'T_BOOLEAN'
  | 'T_NULL'
  | 'T_COLON'
  | 'T_COMMA'
  | 'T_END'
  | 'T_ERROR';

const SINGLE = new Map<number, Token>([
  [0x7b, 'T_OBJ_BEGIN'],
  [0x7d, 'T_OBJ_END'],
  [0x5b, 'T_ARR_BEGIN'],
  [0x5d, 'T_ARR_END'],
  [0x2c, 'T_COMMA'],
  [0x3a, 'T_COLON'],
]);

const SIMPLE_ESCAPES = new Map<number, number>([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x2f, 0x2f],
  [0x62, 8],
  [0x74, 9],
  [0x6e, 10],
  [0x66, 12],
  [0x72, 13],
]);

/** Begins a token that isn't a single character: a literal, a number, a string. */
const BEGINNINGS = new Set([...'fiInNt"+-0123456789'].map((c) => c.charCodeAt(0)));

/** What strtod reads as a number: decimal, hexadecimal, infinities and NaN. */
const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/;
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?[0-9]+))?/;
const SPECIAL = /^([+-]?)(inf(?:inity)?|nan)/i;

/** Numbers longer than this aren't found in practice; strtod's callers pay for copying the text. */
const LONGEST_NUMBER = 400;

export class JsonParser {
  private at: number;
  /** Where the last token begins, its complaint, its value. */
  private tokenAt = 0;
  private complaint = '';
  private numberValue = 0;
  private readonly string = new ByteBuilder();
  private depth = 0;

  constructor(
    private readonly lua: Lua,
    private readonly L: State,
    private readonly start: number,
    private readonly length: number,
    private readonly maxDepth: number,
    private readonly allowInvalid: boolean,
  ) {
    this.at = start;
  }

  /** Pushes the one value that the text is. */
  document(): void {
    this.value(this.next());
    const token = this.next();
    if (token !== 'T_END') this.fail('the end', token);
  }

  private value(token: Token): void {
    const { L } = this;
    const { api } = this.lua;
    switch (token) {
      case 'T_STRING':
        this.pushString();
        break;
      case 'T_NUMBER':
        api.lua_pushnumber(L, this.numberValue);
        break;
      case 'T_BOOLEAN':
        api.lua_pushboolean(L, this.numberValue);
        break;
      case 'T_NULL':
        api.lua_pushlightuserdata(L, 0);
        break;
      case 'T_OBJ_BEGIN':
        this.object();
        break;
      case 'T_ARR_BEGIN':
        this.array();
        break;
      default:
        this.fail('value', token);
    }
  }

  private pushString(): void {
    this.lua.pushBytes(this.L, this.string.buffer, 0, this.string.length);
  }

  private descend(slots: number): void {
    const { lua, L } = this;
    this.depth++;
    if (this.depth <= this.maxDepth && lua.api.lua_checkstack(L, slots) !== 0) return;
    const position = this.at - this.start;
    lua.raise(L, `Found too many nested data structures (${this.depth}) at character ${position}`);
  }

  private object(): void {
    const { L } = this;
    const { api } = this.lua;
    this.descend(3);
    api.lua_createtable(L, 0, 0);
    let token = this.next();
    while (token !== 'T_OBJ_END') {
      if (token !== 'T_STRING') this.fail('object key string', token);
      this.pushString();
      token = this.next();
      if (token !== 'T_COLON') this.fail('colon', token);
      this.value(this.next());
      api.lua_rawset(L, -3);
      token = this.next();
      if (token === 'T_OBJ_END') break;
      if (token !== 'T_COMMA') this.fail('comma or object end', token);
      token = this.next();
      if (token === 'T_OBJ_END') this.fail('object key string', token);
    }
    this.depth--;
  }

  private array(): void {
    const { L } = this;
    const { api } = this.lua;
    this.descend(2);
    api.lua_createtable(L, 0, 0);
    let token = this.next();
    for (let i = 1; token !== 'T_ARR_END' || i > 1; i++) {
      this.value(token);
      api.lua_rawseti(L, -2, i);
      token = this.next();
      if (token === 'T_ARR_END') break;
      if (token !== 'T_COMMA') this.fail('comma or array end', token);
      token = this.next();
    }
    this.depth--;
  }

  private fail(expected: string, token: Token): never {
    const found = token === 'T_ERROR' ? this.complaint : token;
    const position = this.tokenAt - this.start + 1;
    return this.lua.raise(this.L, `Expected ${expected} but found ${found} at character ${position}`);
  }

  private error(complaint: string): Token {
    this.complaint = complaint;
    this.tokenAt = this.at;
    return 'T_ERROR';
  }

  // Tokens

  private next(): Token {
    const { memory } = this.lua;
    let ch = memory[this.at];
    while (ch === 0x20 || (ch >= 9 && ch <= 13 && ch !== 11 && ch !== 12)) ch = memory[++this.at];
    this.tokenAt = this.at;
    if (ch === 0) return 'T_END';
    const single = SINGLE.get(ch);
    if (single !== undefined) {
      this.at++;
      return single;
    }
    if (!BEGINNINGS.has(ch)) return this.error('invalid token');
    if (ch === QUOTE) return this.readString();
    if (ch === 0x2d || (ch >= 0x30 && ch <= 0x39)) {
      if (!this.allowInvalid && this.isInvalidNumber()) return this.error('invalid number');
      return this.readNumber();
    }
    if (this.literal('true')) {
      this.numberValue = 1;
      return 'T_BOOLEAN';
    }
    if (this.literal('false')) {
      this.numberValue = 0;
      return 'T_BOOLEAN';
    }
    if (this.literal('null')) return 'T_NULL';
    if (this.allowInvalid && this.isInvalidNumber()) return this.readNumber();
    return this.error('invalid token');
  }

  private ahead(length: number): string {
    return latin1(this.lua.memory, this.at, Math.min(this.at + length, this.start + this.length));
  }

  private literal(word: string): boolean {
    if (this.ahead(word.length) !== word) return false;
    this.at += word.length;
    return true;
  }

  /** Whether it is a number that strtod knows and JSON doesn't. */
  private isInvalidNumber(): boolean {
    return /^(\+|-?0[xX0-9]|-?(inf|nan))/i.test(this.ahead(5));
  }

  private readNumber(): Token {
    const text = this.ahead(LONGEST_NUMBER);
    const special = SPECIAL.exec(text);
    if (special !== null) {
      const size = special[2].toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
      this.numberValue = special[1] === '-' ? -size : size;
      this.at += special[0].length;
      return 'T_NUMBER';
    }
    const hexadecimal = HEXADECIMAL.exec(text);
    if (hexadecimal !== null && (hexadecimal[2] || hexadecimal[3])) {
      const [whole, sign, integer, fraction = '', exponent = '0'] = hexadecimal;
      const size = Number.parseInt(integer + fraction, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
      this.numberValue = sign === '-' ? -size : size;
      this.at += whole.length;
      return 'T_NUMBER';
    }
    const decimal = DECIMAL.exec(text);
    if (decimal === null) return this.error('invalid number');
    this.numberValue = Number(decimal[0]);
    this.at += decimal[0].length;
    return 'T_NUMBER';
  }

  private readString(): Token {
    const { memory } = this.lua;
    const { string } = this;
    string.length = 0;
    this.at++;
    for (;;) {
      const from = this.at;
      let ch = memory[this.at];
      while (ch !== QUOTE && ch !== BACKSLASH && ch !== 0) ch = memory[++this.at];
      string.bytes(memory, from, this.at);
      if (ch === QUOTE) break;
      if (ch === 0) return this.error('unexpected end of string');
      const escape = memory[this.at + 1];
      if (escape === 0x75) {
        if (!this.readUnicodeEscape()) return this.error('invalid unicode escape code');
        continue;
      }
      const plain = SIMPLE_ESCAPES.get(escape);
      if (plain === undefined) return this.error('invalid escape code');
      string.byte(plain);
      this.at += 2;
    }
    this.at++;
    return 'T_STRING';
  }

  /** `\uXXXX`, or two of them for what lies beyond 16 bits. */
  private readUnicodeEscape(): boolean {
    let code = this.hexadecimal(this.at + 2);
    let size = 6;
    if (code < 0) return false;
    if ((code & 0xf800) === 0xd800) {
      if (code & 0x400) return false;
      if (latin1(this.lua.memory, this.at + 6, this.at + 8) !== '\\u') return false;
      const low = this.hexadecimal(this.at + 8);
      if (low < 0 || (low & 0xfc00) !== 0xdc00) return false;
      code = (((code & 0x3ff) << 10) | (low & 0x3ff)) + 0x10000;
      size = 12;
    }
    const text = String.fromCodePoint(code);
    this.string.reserve(utf8Length(text));
    this.string.length += writeUtf8(this.string.buffer, text, this.string.length);
    this.at += size;
    return true;
  }

  private hexadecimal(at: number): number {
    const text = latin1(this.lua.memory, at, at + 4);
    return /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : -1;
  }
}
