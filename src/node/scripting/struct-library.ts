/**
 * The `struct` library of scripts (Roberto Ierusalimschy's): values to and from bytes, laid out by a format such as
 * `>I2i4s`. Long integers are 8 bytes, as on the machines Redis runs on.
 */
import { ByteBuilder } from './byte-builder.js';
import type { Lua, LuaModule } from './lua.js';
import type { State } from './machine.js';

const LARGEST_INTEGER_SIZE = 32;
const LARGEST_ALIGNMENT = 8;
const INT_MAX = 0x7fffffff;
const FIXED_SIZES: Readonly<Record<string, number>> = {
  B: 1,
  b: 1,
  H: 2,
  h: 2,
  L: 8,
  l: 8,
  T: 8,
  f: 4,
  d: 8,
  x: 1,
};
const INTEGERS = 'bBhHlLTiI';

/** One option of a format and what it implies. */
class Format {
  option = '';
  /** Bytes the option stands for; 0 for one that only sets something. */
  size = 0;
  littleEndian = true;
  private alignment = 1;
  private at = 0;

  constructor(
    private readonly lua: Lua,
    private readonly L: State,
    private readonly text: string,
  ) {}

  /** Moves to the next option; answers false at the end. */
  next(): boolean {
    if (this.at >= this.text.length) return false;
    this.option = this.text[this.at++];
    this.size = this.readSize();
    return true;
  }

  /** Padding before an element at `position`. */
  padding(position: number): number {
    if (this.size === 0 || this.option === 'c') return 0;
    const size = Math.min(this.size, this.alignment);
    return (size - (position & (size - 1))) & (size - 1);
  }

  /** An option that isn't an element. */
  control(): void {
    const { option, lua, L } = this;
    if (option === ' ') return;
    if (option === '>') this.littleEndian = false;
    else if (option === '<') this.littleEndian = true;
    else if (option === '!') {
      const alignment = this.number(LARGEST_ALIGNMENT);
      if (alignment <= 0 || (alignment & (alignment - 1)) !== 0) {
        lua.raise(L, `alignment ${alignment} is not a power of 2`);
      }
      this.alignment = alignment;
    } else lua.checkArgument(L, false, 1, `invalid format option '${option}'`);
  }

  private readSize(): number {
    const { option } = this;
    if (option === 'c') return this.number(1);
    if (option !== 'i' && option !== 'I') return FIXED_SIZES[option] ?? 0;
    const size = this.number(4);
    if (size > LARGEST_INTEGER_SIZE) {
      this.lua.raise(this.L, `integral size ${size} is larger than limit of ${LARGEST_INTEGER_SIZE}`);
    }
    return size;
  }

  private number(fallback: number): number {
    const digits = /^[0-9]+/.exec(this.text.slice(this.at))?.[0];
    if (digits === undefined) return fallback;
    this.at += digits.length;
    const value = Number(digits);
    if (value > INT_MAX) this.lua.raise(this.L, 'integral size overflow');
    return value;
  }
}

export function structLibrary(lua: Lua): LuaModule {
  const { api } = lua;

  function format(L: State): Format {
    const address = lua.checkString(L, 1);
    return new Format(lua, L, lua.cString(address));
  }

  function packFloat(out: ByteBuilder, n: number, { size, littleEndian }: Format): void {
    const view = new DataView(new ArrayBuffer(size));
    if (size === 4) view.setFloat32(0, n, littleEndian);
    else view.setFloat64(0, n, littleEndian);
    out.bytes(new Uint8Array(view.buffer), 0, size);
  }

  function pack(L: State): number {
    const out = new ByteBuilder();
    const fmt = format(L);
    api.lua_pushnil(L); // what a missing argument is taken for
    let argument = 2;
    while (fmt.next()) {
      const { option, size } = fmt;
      for (let pad = fmt.padding(out.length); pad > 0; pad--) out.byte(0);
      if (INTEGERS.includes(option)) packInteger(out, api.luaL_checknumber(L, argument++), fmt);
      else if (option === 'x') out.byte(0);
      else if (option === 'f' || option === 'd') {
        packFloat(out, api.luaL_checknumber(L, argument++), fmt);
      } else if (option === 'c' || option === 's') {
        const address = lua.checkString(L, argument++);
        const { length } = lua;
        const count = size === 0 ? length : size;
        lua.checkArgument(L, length >= count, argument, 'string too short');
        out.bytes(lua.memory, address, address + count);
        if (option === 's') out.byte(0);
      } else fmt.control();
    }
    lua.pushBytes(L, out.buffer, 0, out.length);
    return 1;
  }

  function unpack(L: State): number {
    const fmt = format(L);
    const data = lua.checkString(L, 2);
    const { length } = lua;
    let position = api.luaL_optinteger(L, 3, 1);
    lua.checkArgument(L, position > 0, 3, 'offset must be 1 or greater');
    position--;
    let results = 0;
    const need = (size: number) =>
      lua.checkArgument(L, size <= length && position <= length - size, 2, 'data string too short');
    while (fmt.next()) {
      const { option, littleEndian } = fmt;
      let { size } = fmt;
      position += fmt.padding(position);
      need(size);
      api.luaL_checkstack(L, 2, lua.name('too many results'));
      const at = data + position;
      results++;
      if (INTEGERS.includes(option)) {
        const signed = option >= 'a';
        api.lua_pushnumber(L, unpackInteger(lua.memory, at, size, littleEndian, signed));
      } else if (option === 'f') api.lua_pushnumber(L, lua.machine.view.getFloat32(at, littleEndian));
      else if (option === 'd') api.lua_pushnumber(L, lua.machine.view.getFloat64(at, littleEndian));
      else if (option === 'c') {
        if (size === 0) {
          if (results === 1 || api.lua_isnumber(L, -1) === 0) {
            lua.raise(L, "format 'c0' needs a previous size");
          }
          size = Math.trunc(api.lua_tonumber(L, -1)) >>> 0;
          lua.pop(L);
          results--;
          need(size);
        }
        api.lua_pushlstring(L, at, size);
      } else if (option === 's') {
        const end = lua.memory.indexOf(0, at);
        if (end < 0 || end >= data + length) lua.raise(L, 'unfinished string in data');
        api.lua_pushlstring(L, at, end - at);
        size = end - at + 1;
      } else {
        results--;
        if (option !== 'x') fmt.control();
      }
      position += size;
    }
    api.lua_pushnumber(L, position + 1);
    return results + 1;
  }

  function size(L: State): number {
    const fmt = format(L);
    let position = 0;
    while (fmt.next()) {
      position += fmt.padding(position);
      lua.checkArgument(L, fmt.option !== 's', 1, "option 's' has no fixed size");
      lua.checkArgument(L, fmt.option !== 'c' || fmt.size > 0, 1, "option 'c0' has no fixed size");
      if (!/[0-9A-Za-z]/.test(fmt.option)) fmt.control();
      position += fmt.size;
    }
    api.lua_pushnumber(L, position);
    return 1;
  }

  return { pack, unpack, size };
}

function packInteger(out: ByteBuilder, n: number, { size, littleEndian }: Format): void {
  const finite = Number.isFinite(n) ? Math.trunc(n) : 0;
  const value = BigInt.asUintN(64, BigInt(finite));
  out.reserve(size);
  const { buffer, length } = out;
  for (let i = 0; i < size; i++) {
    buffer[length + (littleEndian ? i : size - 1 - i)] = i < 8 ? Number((value >> BigInt(8 * i)) & 0xffn) : 0;
  }
  out.length += size;
}

function unpackInteger(
  bytes: Uint8Array,
  at: number,
  size: number,
  littleEndian: boolean,
  signed: boolean,
): number {
  let value = 0n;
  for (let i = 0; i < size; i++) {
    const byte = bytes[littleEndian ? at + size - 1 - i : at + i];
    value = BigInt.asUintN(64, (value << 8n) | BigInt(byte));
  }
  return Number(signed ? BigInt.asIntN(Math.min(64, size * 8), value) : value);
}
