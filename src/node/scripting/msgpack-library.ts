/**
 * The `cmsgpack` library of scripts: Lua values to and from MessagePack. A table whose keys are 1 … n becomes an
 * array, any other a map; what has no counterpart becomes nil, and so does what is nested too deep.
 */
import { ByteBuilder } from './byte-builder.js';
import type { Lua, LuaModule } from './lua.js';
import { type State, TYPE } from './machine.js';

const DEEPEST = 16;

export function msgpackLibrary(lua: Lua): LuaModule {
  const { api } = lua;

  // Encoding

  /** Encodes the value at the top of the stack and pops it. */
  function encode(L: State, out: ByteBuilder, depth: number): void {
    const type = api.lua_type(L, -1);
    if (type === TYPE.string) encodeString(L, out);
    else if (type === TYPE.boolean) out.byte(api.lua_toboolean(L, -1) !== 0 ? 0xc3 : 0xc2);
    else if (type === TYPE.number) encodeNumber(out, api.lua_tonumber(L, -1));
    else if (type === TYPE.table && depth < DEEPEST) encodeTable(L, out, depth);
    else out.byte(0xc0);
    lua.pop(L);
  }

  function encodeString(L: State, out: ByteBuilder): void {
    const address = lua.string(L, -1);
    const { length } = lua;
    if (length < 32) out.byte(0xa0 | length);
    else if (length <= 0xff) header(out, 0xd9, length, 1);
    else if (length <= 0xffff) header(out, 0xda, length, 2);
    else header(out, 0xdb, length, 4);
    out.bytes(lua.memory, address, address + length);
  }

  function encodeTable(L: State, out: ByteBuilder, depth: number): void {
    if (isArray(L)) {
      const length = api.lua_objlen(L, -1);
      aggregate(out, length, 0x90, 0xdc);
      api.luaL_checkstack(L, 1, lua.name('in function mp_encode_lua_table_as_array'));
      for (let i = 1; i <= length; i++) {
        api.lua_pushnumber(L, i);
        api.lua_gettable(L, -2);
        encode(L, out, depth + 1);
      }
      return;
    }
    api.luaL_checkstack(L, 3, lua.name('in function mp_encode_lua_table_as_map'));
    let length = 0;
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      lua.pop(L);
      length++;
    }
    aggregate(out, length, 0x80, 0xde);
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      api.lua_pushvalue(L, -2);
      encode(L, out, depth + 1);
      encode(L, out, depth + 1);
    }
  }

  /** Whether the keys of the table at the top are 1 … n without a gap. */
  function isArray(L: State): boolean {
    const top = api.lua_gettop(L);
    let count = 0;
    let largest = 0;
    api.luaL_checkstack(L, 2, lua.name('in function table_is_an_array'));
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      lua.pop(L);
      const n = api.lua_type(L, -1) === TYPE.number ? api.lua_tonumber(L, -1) : 0;
      if (n <= 0 || n !== (n | 0)) {
        api.lua_settop(L, top);
        return false;
      }
      largest = Math.max(largest, n);
      count++;
    }
    return largest === count;
  }

  function pack(L: State): number {
    const count = api.lua_gettop(L);
    lua.checkArgument(L, count > 0, 0, 'MessagePack pack needs input.');
    const out = new ByteBuilder();
    for (let i = 1; i <= count; i++) {
      api.luaL_checkstack(L, 1, lua.name('in function mp_check'));
      api.lua_pushvalue(L, i);
      encode(L, out, 0);
    }
    lua.pushBytes(L, out.buffer, 0, out.length);
    return 1;
  }

  // Decoding

  function unpackAll(L: State, limit: number, offset: number): number {
    const data = lua.checkString(L, 1);
    const { length } = lua;
    if (offset < 0 || limit < 0) {
      lua.raise(L, `Invalid request to unpack with offset of ${offset} and limit of ${length}.`);
    }
    if (offset > length) {
      lua.raise(L, `Start offset ${offset} greater than input length ${length}.`);
    }
    const all = limit === 0 && offset === 0;
    const decoder = new Decoder(lua, L, data + offset, data + length);
    let count = 0;
    while (decoder.at < decoder.end && (all || count < limit)) {
      decoder.value();
      count++;
    }
    if (all) return count;
    api.luaL_checkstack(L, 1, lua.name('in function mp_unpack_full'));
    api.lua_pushnumber(L, decoder.at === decoder.end ? -1 : decoder.at - data);
    api.lua_insert(L, 2);
    return count + 1;
  }

  return {
    pack,
    unpack: (L) => unpackAll(L, 0, 0),
    unpack_one(L) {
      const offset = api.luaL_optinteger(L, 2, 0);
      api.lua_settop(L, 1);
      return unpackAll(L, 1, offset);
    },
    unpack_limit(L) {
      const limit = api.luaL_checkinteger(L, 2);
      const offset = api.luaL_optinteger(L, 3, 0);
      api.lua_settop(L, 1);
      return unpackAll(L, limit, offset);
    },
  };
}

function header(out: ByteBuilder, type: number, length: number, size: number): void {
  out.byte(type);
  out.bigEndian(BigInt(length), size);
}

/** The head of an array or map: `small` holds up to 15, the type `large` 16 bits, the one behind it 32. */
function aggregate(out: ByteBuilder, length: number, small: number, large: number): void {
  if (length <= 15) out.byte(small | length);
  else if (length <= 0xffff) header(out, large, length, 2);
  else header(out, large + 1, length, 4);
}

function encodeNumber(out: ByteBuilder, n: number): void {
  if (Number.isInteger(n) && n >= -(2 ** 63) && n < 2 ** 63) {
    encodeInteger(out, n);
    return;
  }
  const view = new DataView(new ArrayBuffer(8));
  const single = Math.fround(n) === n;
  out.byte(single ? 0xca : 0xcb);
  if (single) view.setFloat32(0, n);
  else view.setFloat64(0, n);
  out.bytes(new Uint8Array(view.buffer), 0, single ? 4 : 8);
}

function encodeInteger(out: ByteBuilder, n: number): void {
  const value = BigInt(n);
  if (n >= 0) {
    if (n <= 127) out.byte(n);
    else {
      const size = n <= 0xff ? 0 : n <= 0xffff ? 1 : n <= 0xffffffff ? 2 : 3;
      out.byte(0xcc + size);
      out.bigEndian(value, 1 << size);
    }
    return;
  }
  if (n >= -32) out.byte(n & 0xff);
  else {
    const size = n >= -128 ? 0 : n >= -32768 ? 1 : n >= -2147483648 ? 2 : 3;
    out.byte(0xd0 + size);
    out.bigEndian(value, 1 << size);
  }
}

/** Pushes the values that the bytes at [at, end) of the machine's memory stand for. */
class Decoder {
  constructor(
    private readonly lua: Lua,
    private readonly L: State,
    public at: number,
    readonly end: number,
  ) {}

  /** One value. */
  value(): void {
    const { lua, L } = this;
    const { api } = lua;
    const { view } = lua.machine;
    this.need(1);
    api.luaL_checkstack(
      L,
      1,
      lua.name('too many return values at once; use unpack_one or unpack_limit instead.'),
    );
    const type = view.getUint8(this.at);
    if (type < 0x80) this.number(type, 1);
    else if (type >= 0xe0) this.number(type - 0x100, 1);
    else if ((type & 0xe0) === 0xa0) this.string(type & 0x1f, 1);
    else if ((type & 0xf0) === 0x90) this.array(type & 0x0f, 1);
    else if ((type & 0xf0) === 0x80) this.map(type & 0x0f, 1);
    else this.wide(type);
  }

  /** A type whose length or value follows it. */
  private wide(type: number): void {
    const { lua, L } = this;
    const { api } = lua;
    const { view } = lua.machine;
    const from = this.at + 1;
    if (type === 0xc0) {
      api.lua_pushnil(L);
      this.at++;
    } else if (type === 0xc2 || type === 0xc3) {
      api.lua_pushboolean(L, type - 0xc2);
      this.at++;
    } else if (type >= 0xca && type <= 0xd3) {
      const size = type === 0xca ? 4 : type === 0xcb ? 8 : 1 << ((type - 0xcc) & 3);
      this.need(1 + size);
      this.number(scalar(view, type, from), 1 + size);
    } else if (type >= 0xd9 && type <= 0xdf) {
      const size = type === 0xd9 ? 1 : [0xda, 0xdc, 0xde].includes(type) ? 2 : 4;
      this.need(1 + size);
      const length =
        size === 1 ? view.getUint8(from) : size === 2 ? view.getUint16(from) : view.getUint32(from);
      if (type <= 0xdb) this.string(length, 1 + size);
      else if (type <= 0xdd) this.array(length, 1 + size);
      else this.map(length, 1 + size);
    } else lua.raise(L, 'Bad data format in input.');
  }

  private need(size: number): void {
    if (this.end - this.at < size) this.lua.raise(this.L, 'Missing bytes in input.');
  }

  private number(n: number, size: number): void {
    this.lua.api.lua_pushnumber(this.L, n);
    this.at += size;
  }

  private string(length: number, head: number): void {
    this.need(head + length);
    this.lua.api.lua_pushlstring(this.L, this.at + head, length);
    this.at += head + length;
  }

  private array(length: number, head: number): void {
    const { L } = this;
    const { api } = this.lua;
    this.at += head;
    api.lua_createtable(L, 0, 0);
    api.luaL_checkstack(L, 1, this.lua.name('in function mp_decode_to_lua_array'));
    for (let i = 1; i <= length; i++) {
      api.lua_pushnumber(L, i);
      this.value();
      api.lua_settable(L, -3);
    }
  }

  private map(length: number, head: number): void {
    this.at += head;
    this.lua.api.lua_createtable(this.L, 0, 0);
    for (let i = 0; i < length; i++) {
      this.value();
      this.value();
      this.lua.api.lua_settable(this.L, -3);
    }
  }
}

function scalar(view: DataView, type: number, at: number): number {
  switch (type) {
    case 0xca:
      return view.getFloat32(at);
    case 0xcb:
      return view.getFloat64(at);
    case 0xcc:
      return view.getUint8(at);
    case 0xcd:
      return view.getUint16(at);
    case 0xce:
      return view.getUint32(at);
    case 0xcf:
      return Number(view.getBigUint64(at));
    case 0xd0:
      return view.getInt8(at);
    case 0xd1:
      return view.getInt16(at);
    case 0xd2:
      return view.getInt32(at);
    default:
      return Number(view.getBigInt64(at));
  }
}
