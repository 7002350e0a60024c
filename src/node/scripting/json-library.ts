/**
 * The `cjson` library of scripts: Lua values to and from JSON, with the results, limits and errors of Mark Pulford's
 * lua-cjson 2.1. JSON's null is a null light userdata (`cjson.null`); a table with the keys 1 … n becomes an array.
 *
 * `cjson.new` makes another module with settings of its own. A module's functions carry the number of their settings.
 */
import { ByteBuilder } from './byte-builder.js';
import { JsonParser } from './json-parser.js';
import type { Lua, LuaModule } from './lua.js';
import { type State, TYPE, upvalue } from './machine.js';
import { formatGeneral } from './number-text.js';

const INT_MAX = 0x7fffffff;

/** What the functions of one module are set to. */
interface Settings {
  sparseConvert: boolean;
  sparseRatio: number;
  sparseSafe: number;
  encodeDepth: number;
  decodeDepth: number;
  precision: number;
  keepBuffer: boolean;
  /** NaN and infinities when encoding: refused, written, or written as null. */
  encodeInvalid: number;
  decodeInvalid: boolean;
}

const INVALID = { refuse: 0, write: 1, null: 2 } as const;
const INVALID_NAMES = ['off', 'on', 'null'];

function defaults(): Settings {
  return {
    sparseConvert: false,
    sparseRatio: 2,
    sparseSafe: 10,
    encodeDepth: 1000,
    decodeDepth: 1000,
    precision: 14,
    keepBuffer: true,
    encodeInvalid: INVALID.refuse,
    decodeInvalid: true,
  };
}

export interface JsonLibrary {
  /** The functions, to be registered. */
  readonly functions: LuaModule;
  /** Pushes a module with settings of its own. */
  pushModule(L: State): void;
}

export function jsonLibrary(lua: Lua): JsonLibrary {
  const { api } = lua;
  const allSettings: Settings[] = [];
  const settingsOf = (L: State) => allSettings[api.lua_tonumber(L, upvalue(1))];

  /** The settings, the arguments filled up with nil. */
  function configure(L: State, args: number): Settings {
    lua.checkArgument(L, api.lua_gettop(L) <= args, args + 1, 'found too many arguments');
    api.lua_settop(L, args);
    return settingsOf(L);
  }

  function integerOption(L: State, index: number, current: number, min: number, max: number): number {
    let value = current;
    if (api.lua_type(L, index) !== TYPE.nil) {
      value = api.luaL_checkinteger(L, index);
      lua.checkArgument(L, min <= value && value <= max, 1, `expected integer between ${min} and ${max}`);
    }
    api.lua_pushnumber(L, value);
    return value;
  }

  function choice(L: State, index: number, current: number, names: readonly string[]): number {
    let value = current;
    if (api.lua_type(L, index) === TYPE.boolean) value = api.lua_toboolean(L, index);
    else if (api.lua_type(L, index) !== TYPE.nil) {
      lua.checkString(L, index);
      const name = lua.text(L, index)!;
      value = names.indexOf(name);
      lua.checkArgument(L, value >= 0, index, `invalid option '${name}'`);
    }
    if (value <= 1) api.lua_pushboolean(L, value);
    else lua.pushText(L, names[value]);
    return value;
  }

  const flag = (L: State, index: number, current: boolean) =>
    choice(L, index, current ? 1 : 0, ['off', 'on']) === 1;

  const functions: LuaModule = {
    encode(L) {
      lua.checkArgument(L, api.lua_gettop(L) === 1, 1, 'expected 1 argument');
      const encoder = new Encoder(lua, L, settingsOf(L));
      encoder.value(0);
      lua.pushBytes(L, encoder.out.buffer, 0, encoder.out.length);
      return 1;
    },
    decode(L) {
      lua.checkArgument(L, api.lua_gettop(L) === 1, 1, 'expected 1 argument');
      const address = lua.checkString(L, 1);
      const { length } = lua;
      const { memory } = lua;
      if (length >= 2 && (memory[address] === 0 || memory[address + 1] === 0)) {
        lua.raise(L, 'JSON parser does not support UTF-16 or UTF-32');
      }
      const { decodeDepth, decodeInvalid } = settingsOf(L);
      new JsonParser(lua, L, address, length, decodeDepth, decodeInvalid).document();
      return 1;
    },
    encode_sparse_array(L) {
      const settings = configure(L, 3);
      settings.sparseConvert = flag(L, 1, settings.sparseConvert);
      settings.sparseRatio = integerOption(L, 2, settings.sparseRatio, 0, INT_MAX);
      settings.sparseSafe = integerOption(L, 3, settings.sparseSafe, 0, INT_MAX);
      return 3;
    },
    encode_max_depth(L) {
      const settings = configure(L, 1);
      settings.encodeDepth = integerOption(L, 1, settings.encodeDepth, 1, INT_MAX);
      return 1;
    },
    decode_max_depth(L) {
      const settings = configure(L, 1);
      settings.decodeDepth = integerOption(L, 1, settings.decodeDepth, 1, INT_MAX);
      return 1;
    },
    encode_number_precision(L) {
      const settings = configure(L, 1);
      settings.precision = integerOption(L, 1, settings.precision, 1, 14);
      return 1;
    },
    encode_keep_buffer(L) {
      const settings = configure(L, 1);
      settings.keepBuffer = flag(L, 1, settings.keepBuffer);
      return 1;
    },
    encode_invalid_numbers(L) {
      const settings = configure(L, 1);
      settings.encodeInvalid = choice(L, 1, settings.encodeInvalid, INVALID_NAMES);
      return 1;
    },
    decode_invalid_numbers(L) {
      const settings = configure(L, 1);
      settings.decodeInvalid = flag(L, 1, settings.decodeInvalid);
      return 1;
    },
    new(L) {
      pushModule(L);
      return 1;
    },
  };

  function pushModule(L: State): void {
    const number = allSettings.push(defaults()) - 1;
    api.lua_createtable(L, 0, 13);
    for (const [name, fn] of Object.entries(functions)) {
      api.lua_pushnumber(L, number);
      lua.pushFunction(L, fn, 1);
      api.lua_setfield(L, -2, lua.name(name));
    }
    api.lua_pushlightuserdata(L, 0);
    api.lua_setfield(L, -2, lua.name('null'));
    lua.setText(L, '_NAME', 'cjson');
    lua.setText(L, '_VERSION', '2.1.0');
  }

  return { functions, pushModule };
}

const ESCAPES = new Map<number, string>([
  ...Array.from({ length: 32 }, (_, i) => [i, `\\u00${i.toString(16).padStart(2, '0')}`] as const),
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [12, '\\f'],
  [13, '\\r'],
  [0x22, '\\"'],
  [0x2f, '\\/'],
  [0x5c, '\\\\'],
  [0x7f, '\\u007f'],
]);

class Encoder {
  readonly out = new ByteBuilder();

  constructor(
    private readonly lua: Lua,
    private readonly L: State,
    private readonly settings: Settings,
  ) {}

  /** The value at the top of the stack, which stays there. */
  value(depth: number): void {
    const { lua, L, out } = this;
    const { api } = lua;
    switch (api.lua_type(L, -1)) {
      case TYPE.string:
        this.string(-1);
        break;
      case TYPE.number:
        this.number(-1);
        break;
      case TYPE.boolean:
        out.text(api.lua_toboolean(L, -1) !== 0 ? 'true' : 'false');
        break;
      case TYPE.table:
        this.table(depth + 1);
        break;
      case TYPE.nil:
        out.text('null');
        break;
      default:
        if (api.lua_type(L, -1) !== TYPE.lightUserdata || api.lua_touserdata(L, -1) !== 0) {
          this.refuse(-1, 'type not supported');
        }
        out.text('null');
    }
  }

  private refuse(index: number, reason: string): never {
    const { lua, L } = this;
    return lua.raise(L, `Cannot serialise ${lua.typeName(L, index)}: ${reason}`);
  }

  private table(depth: number): void {
    const { lua, L, settings } = this;
    if (depth > settings.encodeDepth || lua.api.lua_checkstack(L, 3) === 0) {
      lua.raise(L, `Cannot serialise, excessive nesting (${depth})`);
    }
    const length = this.arrayLength();
    if (length > 0) this.array(depth, length);
    else this.object(depth);
  }

  /** The largest key when all are positive integers and not too sparse, 0 without keys, else -1. */
  private arrayLength(): number {
    const { lua, L, settings } = this;
    const { api } = lua;
    let max = 0;
    let items = 0;
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      const key = api.lua_type(L, -2) === TYPE.number ? api.lua_tonumber(L, -2) : 0;
      if (!(key >= 1) || Math.floor(key) !== key) {
        lua.pop(L, 2);
        return -1;
      }
      if (key > max) max = key;
      items++;
      lua.pop(L);
    }
    const { sparseRatio, sparseSafe } = settings;
    if (sparseRatio > 0 && max > items * sparseRatio && max > sparseSafe) {
      if (!settings.sparseConvert) this.refuse(-1, 'excessively sparse array');
      return -1;
    }
    return max;
  }

  private array(depth: number, length: number): void {
    const { lua, L, out } = this;
    out.text('[');
    for (let i = 1; i <= length; i++) {
      if (i > 1) out.text(',');
      lua.api.lua_rawgeti(L, -1, i);
      this.value(depth);
      lua.pop(L);
    }
    out.text(']');
  }

  private object(depth: number): void {
    const { lua, L, out } = this;
    const { api } = lua;
    out.text('{');
    let first = true;
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      if (!first) out.text(',');
      first = false;
      const type = api.lua_type(L, -2);
      if (type === TYPE.string) this.string(-2);
      else if (type === TYPE.number) {
        out.text('"');
        this.number(-2);
        out.text('"');
      } else this.refuse(-2, 'table key must be a number or string');
      out.text(':');
      this.value(depth);
      lua.pop(L);
    }
    out.text('}');
  }

  private string(index: number): void {
    const { lua, out } = this;
    const address = lua.string(this.L, index);
    const end = address + lua.length;
    const { memory } = lua;
    out.text('"');
    let from = address;
    for (let at = address; at < end; at++) {
      const escape = ESCAPES.get(memory[at]);
      if (escape === undefined) continue;
      out.bytes(memory, from, at);
      out.text(escape);
      from = at + 1;
    }
    out.bytes(memory, from, end);
    out.text('"');
  }

  private number(index: number): void {
    const n = this.lua.api.lua_tonumber(this.L, index);
    const { encodeInvalid, precision } = this.settings;
    if (!Number.isFinite(n)) {
      if (encodeInvalid === INVALID.refuse) this.refuse(index, 'must not be NaN or Inf');
      if (encodeInvalid === INVALID.null) {
        this.out.text('null');
        return;
      }
    }
    this.out.text(formatGeneral(n, precision));
  }
}
