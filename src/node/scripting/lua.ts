/**
 * The Lua machine, as this folder's code speaks to it: byte strings in and out, errors with a position, arguments
 * checked, tables of functions.
 *
 * Bytes for the machine are laid out in a scratch area inside its memory, which is used again and again; names (field
 * names, messages) become C strings once and are kept.
 */
import { type Bytes, copy, latin1, writeLatin1 } from '../../protocol/bytes.js';
import { type Address, type LuaApi, type LuaFunction, type LuaMachine, type State, TYPE } from './machine.js';
import { Stack } from './stack.js';

const FIRST_SCRATCH = 4096;
/** A larger scratch area is given back once it isn't needed. */
const KEPT_SCRATCH = 1 << 20;

/** Where savedpc is in a lua_State of a 32-bit build, and the size of an instruction: see `shiftPlace`. */
const SAVED_PLACE = 24;
const INSTRUCTION_BYTES = 4;

/** Where nCcalls and baseCcalls are in a lua_State of a 32-bit build: see `canYield`. */
const C_CALLS = 52;
const BASE_C_CALLS = 54;

/** A module of functions for scripts, by name. */
export type LuaModule = Readonly<Record<string, LuaFunction>>;

export class Lua {
  readonly api: LuaApi;
  readonly stack: Stack;
  private readonly names = new Map<string, Address>();
  private readonly addresses = new Map<LuaFunction, number>();
  private scratchAt: Address;
  private scratchSize = FIRST_SCRATCH;
  /** Where the C API writes lengths. */
  private readonly lengthAt: Address;

  constructor(readonly machine: LuaMachine) {
    this.api = machine.api;
    this.stack = new Stack(machine);
    this.scratchAt = this.api.malloc(FIRST_SCRATCH);
    this.lengthAt = this.api.malloc(8);
  }

  /** All of the machine's memory: fetch it anew after every call into the machine. */
  get memory(): Bytes {
    return this.machine.memory;
  }

  /** Makes functions callable; `pushFunction` takes only those. */
  register(functions: readonly LuaFunction[]): void {
    const fresh = functions.filter((fn) => !this.addresses.has(fn));
    this.machine.register(fresh, []).forEach((address, i) => {
      this.addresses.set(fresh[i], address);
    });
  }

  /** Room for `size` bytes until the next call of `scratch`. */
  scratch(size: number): Address {
    if (size > this.scratchSize || (this.scratchSize > KEPT_SCRATCH && size < FIRST_SCRATCH)) {
      this.api.free(this.scratchAt);
      this.scratchSize = Math.max(FIRST_SCRATCH, size <= FIRST_SCRATCH ? 0 : size * 2);
      this.scratchAt = this.api.malloc(this.scratchSize);
      if (this.scratchAt === 0) throw new Error('Lua is out of memory');
    }
    return this.scratchAt;
  }

  /** Bytes copied to scratch memory. */
  lay(bytes: Bytes, start: number, end: number): Address {
    const address = this.scratch(end - start + 1);
    const { memory } = this.machine;
    memory[copy(memory, address, bytes, start, end)] = 0;
    return address;
  }

  /** A C string that is kept for ever: for names and messages known in advance. */
  name(text: string): Address {
    let address = this.names.get(text);
    if (address === undefined) {
      address = this.api.malloc(text.length + 1);
      const { memory } = this.machine;
      memory[address + writeLatin1(memory, text, address)] = 0;
      this.names.set(text, address);
    }
    return address;
  }

  // Pushing

  /** A string from bytes[start, end). */
  pushBytes(L: State, bytes: Bytes, start = 0, end = bytes.length): void {
    this.api.lua_pushlstring(L, this.lay(bytes, start, end), end - start);
  }

  /** A string from text with one byte per character. */
  pushText(L: State, text: string): void {
    const address = this.scratch(text.length + 1);
    writeLatin1(this.machine.memory, text, address);
    this.api.lua_pushlstring(L, address, text.length);
  }

  /** A function known from `register`. The topmost `upvalues` values become its own. */
  pushFunction(L: State, fn: LuaFunction, upvalues = 0): void {
    const address = this.addresses.get(fn);
    if (address === undefined) throw new Error('function is not registered');
    this.api.lua_pushcclosure(L, address, upvalues);
  }

  /** A table of registered functions. */
  pushModule(L: State, module: LuaModule): void {
    this.api.lua_createtable(L, 0, Object.keys(module).length);
    for (const [name, fn] of Object.entries(module)) {
      this.pushFunction(L, fn);
      this.api.lua_setfield(L, -2, this.name(name));
    }
  }

  setNumber(L: State, name: string, value: number): void {
    this.api.lua_pushnumber(L, value);
    this.api.lua_setfield(L, -2, this.name(name));
  }

  setText(L: State, name: string, text: string): void {
    this.pushText(L, text);
    this.api.lua_setfield(L, -2, this.name(name));
  }

  pop(L: State, count = 1): void {
    this.stack.pop(L, count);
  }

  // Reading

  /** Address of the string at `index` (numbers become strings), 0 when it is none; `length` tells how long it is. */
  string(L: State, index: number): Address {
    return this.api.lua_tolstring(L, index, this.lengthAt);
  }

  /** Length of the string that `string` or `checkString` found last. */
  get length(): number {
    return this.machine.view.getUint32(this.lengthAt, true);
  }

  /** The string at `index`, one character per byte; undefined when it is none. */
  text(L: State, index: number): string | undefined {
    const address = this.string(L, index);
    return address === 0 ? undefined : latin1(this.machine.memory, address, address + this.length);
  }

  /** The C string at an address. */
  cString(address: Address): string {
    const { memory } = this.machine;
    let end = address;
    while (memory[end] !== 0) end++;
    return latin1(memory, address, end);
  }

  /** The string in field `name` of the table at the top, or undefined. */
  field(L: State, name: string): string | undefined {
    const { api } = this;
    api.lua_getfield(L, -1, this.name(name));
    const text = api.lua_isstring(L, -1) !== 0 ? this.text(L, -1) : undefined;
    this.pop(L);
    return text;
  }

  typeName(L: State, index: number): string {
    return this.cString(this.api.lua_typename(L, this.api.lua_type(L, index)));
  }

  // Arguments

  /** As `string`, of an argument that must be one. */
  checkString(L: State, argument: number): Address {
    return this.api.luaL_checklstring(L, argument, this.lengthAt);
  }

  checkArgument(L: State, condition: boolean, argument: number, message: string): void {
    if (!condition) this.api.luaL_argerror(L, argument, this.name(message));
  }

  // Errors

  /** Raises an error whose text begins with the position of the calling Lua code. */
  raise(L: State, text: string): never {
    this.api.luaL_where(L, 1);
    this.pushText(L, text);
    this.api.lua_concat(L, 2);
    return this.api.lua_error(L);
  }

  /**
   * An error in the form that redis.pcall answers: a table with the field `err`. The text of an error reply
   * (`-CODE text`) is taken as it is, any other gets the code ERR.
   */
  pushError(L: State, text: string): void {
    let full = `ERR ${text}`;
    if (text.startsWith('-')) full = text.includes(' ') ? text.slice(1) : `ERR ${text.slice(1)}`;
    this.api.lua_createtable(L, 0, 2);
    this.setText(L, 'err', full.replace(/[\r\n]+$/, ''));
  }

  /** Raises an error of that form. */
  raiseError(L: State, text: string): never {
    this.pushError(L, text);
    return this.api.lua_error(L);
  }

  /**
   * Whether a coroutine may yield here: not across a metamethod, a callback of string.gsub and the like. The C API has
   * no function for it, but lua_yield compares these two counters.
   */
  canYield(L: State): boolean {
    const { view } = this.machine;
    return view.getUint16(L + C_CALLS, true) <= view.getUint16(L + BASE_C_CALLS, true);
  }

  /**
   * Moves the place at which a coroutine stands. One that yields in a hook stands before the instruction at which it will
   * go on, and Lua's answers about it are those of the instruction before.
   */
  shiftPlace(L: State, instructions: number): void {
    const { view } = this.machine;
    const at = L + SAVED_PLACE;
    view.setUint32(at, view.getUint32(at, true) + instructions * INSTRUCTION_BYTES, true);
  }

  isString(L: State, index: number): boolean {
    return this.api.lua_type(L, index) === TYPE.string;
  }
}
