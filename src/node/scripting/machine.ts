/**
 * A Lua 5.1 virtual machine as the host hands it in: the C API of the reference implementation, compiled to
 * WebAssembly, over one linear memory.
 *
 * Scripts get at nothing but what this folder puts into their globals: no value of the host's ever enters the
 * machine, only numbers and bytes cross. Addresses stay valid when the memory grows, `memory` itself is replaced.
 *
 * A call across the border costs some 20 ns; an error raised on either side unwinds through the other (longjmp is a
 * JavaScript exception here), so a function between `call` and its callee must not hold anything that needs cleaning up.
 */
import type { Bytes } from '../../protocol/bytes.js';

/** Address of a lua_State: of a main state or a coroutine. */
export type State = number;

/** Address of bytes in the machine's memory. */
export type Address = number;

export const LUA = {
  registry: -10000,
  globals: -10002,
  multipleResults: -1,
} as const;

/** The `n`th value a C function was created with. */
export function upvalue(n: number): number {
  return LUA.globals - n;
}

export const TYPE = {
  none: -1,
  nil: 0,
  boolean: 1,
  lightUserdata: 2,
  number: 3,
  string: 4,
  table: 5,
  function: 6,
} as const;

/** What `lua_resume` and `lua_pcall` answer: anything above `yield` is an error. */
export const STATUS = { ok: 0, yield: 1 } as const;

/** Masks of lua_sethook, and what a record says of a hook that a line has called. */
export const HOOK_LINE = 4;
export const HOOK_COUNT = 8;
export const LINE_EVENT = 2;

export const GC = { count: 3, step: 5 } as const;

/** Fields of a lua_Debug, by their offset in bytes; `size` is that of the whole. */
export const DEBUG_RECORD = { event: 0, name: 4, what: 12, source: 16, currentLine: 20, size: 104 } as const;

/** The part of the C API that is used here; see the Lua 5.1 reference manual, sections 3.7 and 4.1. */
export interface LuaApi {
  malloc(size: number): Address;
  free(address: Address): void;
  luaL_newstate(): State;
  lua_close(L: State): void;
  luaopen_base(L: State): number;
  luaopen_table(L: State): number;
  luaopen_string(L: State): number;
  luaopen_math(L: State): number;
  lua_newthread(L: State): State;
  lua_resume(L: State, args: number): number;
  lua_yield(L: State, results: number): number;
  lua_pcall(L: State, args: number, results: number, handler: number): number;
  lua_call(L: State, args: number, results: number): void;
  lua_error(L: State): never;
  lua_gettop(L: State): number;
  lua_settop(L: State, index: number): void;
  lua_checkstack(L: State, slots: number): number;
  lua_xmove(from: State, to: State, count: number): void;
  lua_insert(L: State, index: number): void;
  lua_remove(L: State, index: number): void;
  lua_replace(L: State, index: number): void;
  lua_pushvalue(L: State, index: number): void;
  lua_type(L: State, index: number): number;
  lua_typename(L: State, type: number): Address;
  lua_isnumber(L: State, index: number): number;
  lua_iscfunction(L: State, index: number): number;
  lua_isstring(L: State, index: number): number;
  lua_toboolean(L: State, index: number): number;
  lua_tonumber(L: State, index: number): number;
  lua_tolstring(L: State, index: number, length: Address): Address;
  lua_topointer(L: State, index: number): Address;
  lua_touserdata(L: State, index: number): Address;
  lua_objlen(L: State, index: number): number;
  lua_pushnil(L: State): void;
  lua_pushboolean(L: State, value: number): void;
  lua_pushnumber(L: State, value: number): void;
  lua_pushlstring(L: State, address: Address, length: number): void;
  lua_pushlightuserdata(L: State, address: Address): void;
  lua_pushcclosure(L: State, fn: number, upvalues: number): void;
  lua_concat(L: State, count: number): void;
  lua_createtable(L: State, elements: number, fields: number): void;
  lua_gettable(L: State, index: number): void;
  lua_settable(L: State, index: number): void;
  lua_getfield(L: State, index: number, name: Address): void;
  lua_setfield(L: State, index: number, name: Address): void;
  lua_rawget(L: State, index: number): void;
  lua_rawset(L: State, index: number): void;
  lua_rawgeti(L: State, index: number, n: number): void;
  lua_rawseti(L: State, index: number, n: number): void;
  lua_next(L: State, index: number): number;
  lua_getmetatable(L: State, index: number): number;
  lua_setmetatable(L: State, index: number): number;
  lua_getstack(L: State, level: number, record: Address): number;
  lua_getinfo(L: State, what: Address, record: Address): number;
  lua_getlocal(L: State, record: Address, n: number): Address;
  lua_sethook(L: State, hook: number, mask: number, count: number): number;
  lua_gc(L: State, what: number, data: number): number;
  luaL_loadbuffer(L: State, code: Address, length: number, name: Address): number;
  luaL_ref(L: State, table: number): number;
  luaL_unref(L: State, table: number, ref: number): void;
  luaL_where(L: State, level: number): void;
  luaL_argerror(L: State, argument: number, message: Address): never;
  luaL_typerror(L: State, argument: number, expected: Address): never;
  luaL_checknumber(L: State, argument: number): number;
  luaL_checkinteger(L: State, argument: number): number;
  luaL_optinteger(L: State, argument: number, fallback: number): number;
  luaL_checklstring(L: State, argument: number, length: Address): Address;
  luaL_checkstack(L: State, slots: number, message: Address): void;
}

/** A function that Lua can call: takes its arguments from the stack, leaves results there, answers how many. */
export type LuaFunction = (L: State) => number;

/** Called every so many instructions; a lua_Hook. */
export type LuaHook = (L: State, record: Address) => void;

export interface LuaMachine {
  readonly api: LuaApi;
  /** All of the linear memory. Replaced when it grows: never keep it across a call into the machine. */
  readonly memory: Bytes;
  /** The same, for numbers (little-endian). */
  readonly view: DataView;
  /** Makes functions known to the machine; answers what `lua_pushcclosure` and `lua_sethook` take for each. */
  register(functions: readonly LuaFunction[], hooks: readonly LuaHook[]): number[];
}
