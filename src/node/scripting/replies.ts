/**
 * Replies between Redis and Lua, both ways: what redis.call answers, and what a script returns. The conversion tables
 * are those of Redis's documentation ("Lua API reference", data type conversion), for RESP2 and RESP3.
 */
import { type Bytes, latin1 } from '../../protocol/bytes.js';
import { integerIn } from '../../protocol/integers.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import type { Lua } from './lua.js';
import { type Address, type State, TYPE } from './machine.js';

const CR = 13;
const [ARRAY, BULK, INTEGER, STATUS, ERROR, NULL, BOOLEAN, DOUBLE, BIG, VERBATIM, SET, MAP, PUSH, ATTRIBUTE] =
  [...'*$:+-_#,(=~%>|'].map((c) => c.charCodeAt(0));

/** Pushes replies as Lua values. */
export class ReplyReader {
  private at: Address = 0;

  constructor(private readonly lua: Lua) {}

  /** The reply bytes[start, end), RESP in whole. There must be room for it on the stack. */
  push(L: State, bytes: Bytes, start: number, end: number): void {
    const { lua } = this;
    if (bytes[start] === INTEGER) {
      const n = integerIn(bytes, start + 1, end - 2);
      if (!Number.isNaN(n)) {
        lua.stack.pushNumber(L, n);
        return;
      }
    }
    this.at = lua.lay(bytes, start, end);
    this.value(L);
  }

  private value(L: State): void {
    const { lua } = this;
    const { api } = lua;
    const type = lua.memory[this.at++];
    switch (type) {
      case BULK: {
        const length = this.number();
        if (length < 0) api.lua_pushboolean(L, 0);
        else {
          api.lua_pushlstring(L, this.at, length);
          this.at += length + 2;
        }
        return;
      }
      case INTEGER:
        api.lua_pushnumber(L, this.number());
        return;
      case STATUS:
        api.lua_createtable(L, 0, 1);
        this.lineField(L, 'ok');
        return;
      case ERROR:
        lua.pushError(L, `-${this.line()}`);
        api.lua_pushboolean(L, 1);
        api.lua_setfield(L, -2, lua.name(COUNTED));
        return;
      case NULL:
        this.line();
        api.lua_pushnil(L);
        return;
      case BOOLEAN:
        api.lua_pushboolean(L, this.line() === 't' ? 1 : 0);
        return;
      case DOUBLE:
        api.lua_createtable(L, 0, 1);
        lua.setNumber(L, 'double', parseDouble(this.line()));
        return;
      case BIG:
        api.lua_createtable(L, 0, 1);
        this.lineField(L, 'big_number');
        return;
      case VERBATIM:
        this.verbatim(L);
        return;
      case ATTRIBUTE:
        this.attribute(L);
        return;
      default:
        this.aggregate(L, type);
    }
  }

  private aggregate(L: State, type: number): void {
    const { api } = this.lua;
    const length = this.number();
    api.lua_checkstack(L, 6);
    if (type === ARRAY || type === PUSH) {
      if (length < 0) {
        api.lua_pushboolean(L, 0);
        return;
      }
      api.lua_createtable(L, length, 0);
      for (let i = 1; i <= length; i++) {
        this.value(L);
        api.lua_rawseti(L, -2, i);
      }
      return;
    }
    api.lua_createtable(L, 0, 1);
    api.lua_createtable(L, 0, length);
    for (let i = 0; i < length; i++) {
      this.value(L);
      if (type === MAP) this.value(L);
      else api.lua_pushboolean(L, 1);
      api.lua_settable(L, -3);
    }
    api.lua_setfield(L, -2, this.lua.name(type === SET ? 'set' : 'map'));
  }

  private verbatim(L: State): void {
    const { api } = this.lua;
    const length = this.number();
    api.lua_createtable(L, 0, 1);
    api.lua_createtable(L, 0, 2);
    api.lua_pushlstring(L, this.at + 4, length - 4);
    api.lua_setfield(L, -2, this.lua.name('string'));
    api.lua_pushlstring(L, this.at, 3);
    api.lua_setfield(L, -2, this.lua.name('format'));
    api.lua_setfield(L, -2, this.lua.name('verbatim_string'));
    this.at += length + 2;
  }

  /** Attributes aren't shown to scripts: only the reply behind them is. */
  private attribute(L: State): void {
    const values = this.number() * 2;
    for (let i = 0; i < values; i++) {
      this.value(L);
      this.lua.pop(L);
    }
    this.value(L);
  }

  /** The line as a string in field `name` of the table at the top. */
  private lineField(L: State, name: string): void {
    const { lua } = this;
    const from = this.at;
    while (lua.memory[this.at] !== CR) this.at++;
    lua.api.lua_pushlstring(L, from, this.at - from);
    lua.api.lua_setfield(L, -2, lua.name(name));
    this.at += 2;
  }

  private line(): string {
    const { memory } = this.lua;
    const from = this.at;
    while (memory[this.at] !== CR) this.at++;
    const text = latin1(memory, from, this.at);
    this.at += 2;
    return text;
  }

  private number(): number {
    const { memory } = this.lua;
    const negative = memory[this.at] === 0x2d;
    if (negative) this.at++;
    let n = 0;
    while (memory[this.at] !== CR) n = n * 10 + memory[this.at++] - 0x30;
    this.at += 2;
    return negative ? -n : n;
  }
}

/** Field of an error table that says that the node has counted the error already. */
export const COUNTED = 'ignore_error_stats_update';

function parseDouble(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  if (text === '-inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}

/**
 * Tables are nested no deeper in a reply. Redis gives up where Lua's stack does, some thousand levels deeper; ours would
 * end before that.
 */
const DEEPEST_REPLY = 1000;

/** Writes what scripts return. */
export class ReplyMaker {
  /** Whether the error written last had been counted when it came up. */
  counted = false;
  private depth = 0;

  constructor(
    private readonly lua: Lua,
    private readonly writer: ReplyWriter,
  ) {}

  /**
   * Writes the value at the top of the stack and pops it.
   * @param resp the protocol that the script has chosen: what false means depends on it
   */
  write(L: State, resp: 2 | 3): void {
    const { lua, writer } = this;
    const { stack } = lua;
    this.counted = false;
    const top = stack.at(L, -1);
    switch (stack.type(top)) {
      case TYPE.string: {
        const address = stack.string(top);
        writer.bulk(lua.memory, address, address + stack.stringLength(top));
        break;
      }
      case TYPE.number:
        writeInteger(writer, stack.number(top));
        break;
      case TYPE.boolean: {
        const value = lua.api.lua_toboolean(L, -1) !== 0;
        if (resp === 3) writer.boolean(value);
        else if (value) writer.integer(1);
        else writer.nil();
        break;
      }
      case TYPE.table:
        if (this.depth >= DEEPEST_REPLY || lua.api.lua_checkstack(L, 4) === 0) {
          writer.error('ERR reached lua stack limit');
          break;
        }
        this.depth++;
        this.table(L, resp);
        this.depth--;
        break;
      default:
        writer.nil();
    }
    lua.pop(L);
  }

  /** Writes an error table's text, at the top of the stack, and `where` behind it. */
  error(L: State, where = ''): void {
    const { lua } = this;
    const text = lua.field(L, 'err') ?? '';
    lua.api.lua_getfield(L, -1, lua.name(COUNTED));
    this.counted = lua.api.lua_toboolean(L, -1) !== 0;
    lua.pop(L);
    this.writer.error(`${untilZero(text)}${where}`);
  }

  private table(L: State, resp: 2 | 3): void {
    const { lua, writer } = this;
    const { api } = lua;
    if (this.find(L, 'err', TYPE.string)) {
      lua.pop(L);
      this.error(L);
    } else if (this.find(L, 'ok', TYPE.string)) {
      writer.status(untilZero(lua.text(L, -1)!).replace(/[\r\n]/g, ' '));
      lua.pop(L);
    } else if (this.find(L, 'double', TYPE.number)) {
      writer.double(api.lua_tonumber(L, -1));
      lua.pop(L);
    } else if (this.find(L, 'big_number', TYPE.string)) {
      writer.bigNumber(lua.text(L, -1)!.replace(/[\r\n]/g, ' '));
      lua.pop(L);
    } else if (this.find(L, 'verbatim_string', TYPE.table) && this.verbatim(L)) lua.pop(L);
    else if (this.find(L, 'map', TYPE.table)) this.pairs(L, 'map', resp);
    else if (this.find(L, 'set', TYPE.table)) this.pairs(L, 'set', resp);
    else this.array(L, resp);
  }

  /** Pushes the field when it is of this type. */
  private find(L: State, name: string, type: number): boolean {
    const { lua } = this;
    lua.api.lua_pushlstring(L, lua.name(name), name.length);
    lua.api.lua_rawget(L, -2);
    if (lua.stack.type(lua.stack.at(L, -1)) === type) return true;
    lua.pop(L);
    return false;
  }

  /** Answers false, the table popped, when it isn't a whole verbatim string. */
  private verbatim(L: State): boolean {
    const { lua, writer } = this;
    if (this.find(L, 'format', TYPE.string)) {
      const format = lua.text(L, -1)!;
      lua.pop(L);
      if (this.find(L, 'string', TYPE.string)) {
        writer.verbatimLatin1(`${format}\0\0\0`.slice(0, 3), lua.text(L, -1)!);
        lua.pop(L);
        return true;
      }
    }
    lua.pop(L);
    return false;
  }

  private pairs(L: State, type: 'map' | 'set', resp: 2 | 3): void {
    const { lua, writer } = this;
    const { api } = lua;
    const mark = writer.open();
    let count = 0;
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      if (type === 'set') lua.pop(L);
      api.lua_pushvalue(L, type === 'set' ? -1 : -2);
      this.write(L, resp);
      if (type === 'map') this.write(L, resp);
      count++;
    }
    writer.close(mark, type, count);
    lua.pop(L);
  }

  private array(L: State, resp: 2 | 3): void {
    const { api, stack } = this.lua;
    const mark = this.writer.open();
    let count = 0;
    for (;;) {
      api.lua_rawgeti(L, -1, count + 1);
      if (stack.type(stack.at(L, -1)) === TYPE.nil) break;
      this.write(L, resp);
      count++;
    }
    this.lua.pop(L);
    this.writer.close(mark, 'array', count);
  }
}

/** A Lua number as an integer, cut off and within 64 bits as C's conversion leaves it. */
function writeInteger(writer: ReplyWriter, n: number): void {
  const whole = Math.trunc(n);
  if (Number.isSafeInteger(whole)) writer.integer(whole === 0 ? 0 : whole);
  else if (whole >= -(2 ** 63) && whole < 2 ** 63) writer.bigint(BigInt(whole));
  else writer.bigint(-(2n ** 63n));
}

/** C strings end at the first zero byte. */
function untilZero(text: string): string {
  const zero = text.indexOf('\0');
  return zero < 0 ? text : text.slice(0, zero);
}
