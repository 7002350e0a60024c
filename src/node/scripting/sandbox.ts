/**
 * The world of scripts: a Lua state whose globals can be read and not changed.
 *
 * Lua 5.1 has no read-only tables. A table that scripts must not change is kept from them: what they see is an empty
 * table in front of it, whose metatable reads through and refuses writes. The functions that look past metatables
 * (rawset, rawget, pairs, setmetatable, getmetatable) know these fronts and treat them as the tables they stand for.
 *
 * What reaches outside the sandbox is absent (io, os, package, debug, print), and source code is the only form of code
 * that is loaded: bytecode could be forged.
 */

import type { Lua, LuaModule } from './lua.js';
import { type Address, LUA, STATUS, type State, TYPE, upvalue } from './machine.js';

const READ_ONLY = 'Attempt to modify a readonly table';
/** Globals of the base library that scripts don't get. The last three led out of the sandbox in later years. */
const REMOVED = ['dofile', 'loadfile', 'print', 'getfenv', 'setfenv', 'newproxy'];
const BYTECODE = 0x1b;

/** The functions of one machine that sandboxes need; they know the fronts of all its states. */
export class SandboxFunctions {
  /** Fronts by their address, and the state they live as long as. */
  private readonly fronts = new Map<Address, State>();
  readonly functions: LuaModule;

  constructor(
    private readonly lua: Lua,
    /** `pcall` and `yield`, see execution.ts. */
    control: LuaModule,
  ) {
    this.functions = {
      ...control,
      refuseWrite: (L) => lua.raise(L, READ_ONLY),
      refuseRead: (L) => this.refuseRead(L),
      pairs: (L) => this.pairs(L),
      nextBehind: (L) => this.nextBehind(L),
      rawset: (L) => this.rawset(L),
      rawget: (L) => this.rawget(L),
      setmetatable: (L) => this.setmetatable(L),
      getmetatable: (L) => this.getmetatable(L),
      loadstring: (L) => this.loadstring(L),
      load: (L) => this.load(L),
    };
  }

  /** Replaces the table at the top of a main state's stack by a front for it. */
  pushFront(L: State): void {
    this.coverTop(L);
    this.fronts.set(this.lua.api.lua_topointer(L, -1), L);
  }

  /** A state is closed: its addresses may come to mean something else. */
  forget(L: State): void {
    for (const [front, state] of this.fronts) if (state === L) this.fronts.delete(front);
  }

  /** Replaces the table at the top by an empty one that reads through to it and can't be written to. */
  private coverTop(L: State): void {
    const { lua } = this;
    const { api } = lua;
    api.lua_createtable(L, 0, 0);
    api.lua_createtable(L, 0, 2);
    api.lua_pushvalue(L, -3);
    api.lua_setfield(L, -2, lua.name('__index'));
    lua.pushFunction(L, this.functions.refuseWrite);
    api.lua_setfield(L, -2, lua.name('__newindex'));
    api.lua_setmetatable(L, -2);
    api.lua_remove(L, -2);
  }

  /** Makes the front at `index` stand for the table at the top, which is popped. */
  turn(L: State, index: number): void {
    const { api } = this.lua;
    api.lua_getmetatable(L, index);
    api.lua_insert(L, -2);
    api.lua_setfield(L, -2, this.lua.name('__index'));
    this.lua.pop(L);
  }

  /** Makes reading what isn't there an error, for the table at the top. */
  refuseMissing(L: State): void {
    const { lua } = this;
    lua.api.lua_createtable(L, 0, 1);
    lua.pushFunction(L, this.functions.refuseRead);
    lua.api.lua_setfield(L, -2, lua.name('__index'));
    lua.api.lua_setmetatable(L, -2);
  }

  private isFront(L: State, index: number): boolean {
    const { api } = this.lua;
    return api.lua_type(L, index) === TYPE.table && this.fronts.has(api.lua_topointer(L, index));
  }

  /** Pushes the table that the front at `index` stands for. */
  private pushBehind(L: State, index: number): void {
    const { api } = this.lua;
    api.lua_getmetatable(L, index);
    api.lua_getfield(L, -1, this.lua.name('__index'));
    api.lua_remove(L, -2);
  }

  /** As a write in C code is refused: without a position. */
  private refuse(L: State): never {
    this.lua.pushText(L, READ_ONLY);
    return this.lua.api.lua_error(L);
  }

  private checkTable(L: State, argument: number): void {
    const { api } = this.lua;
    if (api.lua_type(L, argument) !== TYPE.table) {
      api.luaL_typerror(L, argument, this.lua.name('table'));
    }
  }

  private checkAny(L: State, argument: number): void {
    const present = this.lua.api.lua_type(L, argument) !== TYPE.none;
    this.lua.checkArgument(L, present, argument, 'value expected');
  }

  private refuseRead(L: State): number {
    const name = this.lua.text(L, 2);
    if (name === undefined) {
      return this.lua.raise(L, 'Second argument to luaProtectedTableError must be a string or number');
    }
    return this.lua.raise(L, `Script attempted to access nonexistent global variable '${name}'`);
  }

  // Replacements of base functions. Those with an upvalue got the original `next`.

  private pairs(L: State): number {
    const { api } = this.lua;
    this.checkTable(L, 1);
    if (this.isFront(L, 1)) this.lua.pushFunction(L, this.functions.nextBehind);
    else api.lua_pushvalue(L, upvalue(1));
    api.lua_pushvalue(L, 1);
    api.lua_pushnil(L);
    return 3;
  }

  private nextBehind(L: State): number {
    const { api } = this.lua;
    api.lua_settop(L, 2);
    if (!this.isFront(L, 1)) return 0;
    this.pushBehind(L, 1);
    api.lua_insert(L, 2);
    if (api.lua_next(L, 2) !== 0) return 2;
    api.lua_pushnil(L);
    return 1;
  }

  private rawset(L: State): number {
    const { api } = this.lua;
    this.checkTable(L, 1);
    this.checkAny(L, 2);
    this.checkAny(L, 3);
    api.lua_settop(L, 3);
    if (this.isFront(L, 1)) this.refuse(L);
    api.lua_rawset(L, 1);
    return 1;
  }

  private rawget(L: State): number {
    const { api } = this.lua;
    this.checkTable(L, 1);
    this.checkAny(L, 2);
    api.lua_settop(L, 2);
    if (this.isFront(L, 1)) {
      this.pushBehind(L, 1);
      api.lua_replace(L, 1);
    }
    api.lua_rawget(L, 1);
    return 1;
  }

  private setmetatable(L: State): number {
    const { lua } = this;
    const { api } = lua;
    this.checkTable(L, 1);
    const type = api.lua_type(L, 2);
    lua.checkArgument(L, type === TYPE.nil || type === TYPE.table, 2, 'nil or table expected');
    if (this.isFront(L, 1)) this.refuse(L);
    if (this.pushProtection(L, 1)) lua.raise(L, 'cannot change a protected metatable');
    api.lua_settop(L, 2);
    api.lua_setmetatable(L, 1);
    return 1;
  }

  private getmetatable(L: State): number {
    const { api } = this.lua;
    this.checkAny(L, 1);
    if (this.isFront(L, 1) || api.lua_type(L, 1) === TYPE.string) {
      // The real one could be changed; this one says as little as it can.
      api.lua_createtable(L, 0, 0);
      this.coverTop(L);
      return 1;
    }
    if (this.pushProtection(L, 1)) return 1;
    if (api.lua_getmetatable(L, 1) === 0) api.lua_pushnil(L);
    return 1;
  }

  /** Pushes the field `__metatable` of the value's metatable, when there is one. */
  private pushProtection(L: State, index: number): boolean {
    const { api } = this.lua;
    if (api.lua_getmetatable(L, index) === 0) return false;
    this.lua.api.lua_pushlstring(L, this.lua.name('__metatable'), '__metatable'.length);
    api.lua_rawget(L, -2);
    if (api.lua_type(L, -1) !== TYPE.nil) return true;
    this.lua.pop(L, 2);
    return false;
  }

  private loadstring(L: State): number {
    const { lua } = this;
    const address = lua.checkString(L, 1);
    const { length } = lua;
    const named = lua.api.lua_type(L, 2) > TYPE.nil;
    const name = named ? lua.checkString(L, 2) : address;
    return this.compile(L, address, length, name);
  }

  private load(L: State): number {
    const { lua } = this;
    const { api } = lua;
    if (api.lua_type(L, 1) !== TYPE.function) api.luaL_typerror(L, 1, lua.name('function'));
    const name = api.lua_type(L, 2) > TYPE.nil ? lua.checkString(L, 2) : lua.name('=(load)');
    let code = '';
    for (;;) {
      api.lua_pushvalue(L, 1);
      api.lua_call(L, 0, 1);
      const type = api.lua_type(L, -1);
      if (type !== TYPE.nil && type !== TYPE.string) {
        return lua.raise(L, 'reader function must return a string');
      }
      const piece = type === TYPE.nil ? '' : lua.text(L, -1)!;
      lua.pop(L);
      if (piece === '') break;
      code += piece;
    }
    lua.pushText(L, code);
    const address = lua.string(L, -1);
    return this.compile(L, address, code.length, name);
  }

  private compile(L: State, address: Address, length: number, name: Address): number {
    const { lua } = this;
    if (length > 0 && lua.memory[address] === BYTECODE) {
      lua.api.lua_pushnil(L);
      lua.pushText(L, 'bytecode is not allowed');
      return 2;
    }
    if (lua.api.luaL_loadbuffer(L, address, length, name) === STATUS.ok) return 1;
    lua.api.lua_pushnil(L);
    lua.api.lua_insert(L, -2);
    return 2;
  }
}

/** What a state is made of. */
export interface SandboxContents {
  readonly sandbox: SandboxFunctions;
  /** `random` and `randomseed`. */
  readonly random: LuaModule;
  /** Pushes the tables of scripts' libraries. */
  readonly libraries: Readonly<Record<string, (L: State) => void>>;
}

/** Globals that are replaced by a function of `SandboxFunctions`; `next` becomes its upvalue. */
const REPLACED = ['pcall', 'pairs', 'rawset', 'rawget', 'setmetatable', 'getmetatable', 'loadstring', 'load'];

/** Makes a state with all that scripts may use in its globals, not yet behind a front. */
export function createState(lua: Lua, { sandbox, random, libraries }: SandboxContents): State {
  const { api } = lua;
  const L = api.luaL_newstate();
  if (L === 0) throw new Error('Lua is out of memory');
  for (const open of [api.luaopen_base, api.luaopen_table, api.luaopen_string, api.luaopen_math]) open(L);
  api.lua_settop(L, 0);
  for (const name of REMOVED) {
    api.lua_pushnil(L);
    setGlobal(lua, L, name);
  }
  for (const name of REPLACED) {
    api.lua_getfield(L, LUA.globals, lua.name('next'));
    lua.pushFunction(L, sandbox.functions[name], 1);
    setGlobal(lua, L, name);
  }
  api.lua_getfield(L, LUA.globals, lua.name('coroutine'));
  lua.pushFunction(L, sandbox.functions.yield);
  api.lua_setfield(L, -2, lua.name('yield'));
  api.lua_getfield(L, LUA.globals, lua.name('math'));
  for (const [name, fn] of Object.entries(random)) {
    lua.pushFunction(L, fn);
    api.lua_setfield(L, -2, lua.name(name));
  }
  lua.pop(L, 2);
  for (const [name, push] of Object.entries(libraries)) {
    push(L);
    setGlobal(lua, L, name);
  }
  return L;
}

/**
 * Puts a front before every table in the globals, and leaves one for the globals themselves in their place. Answers
 * where the globals are in the registry.
 */
export function protectState(lua: Lua, L: State, sandbox: SandboxFunctions): number {
  const { api } = lua;
  for (const name of [
    'string',
    'table',
    'math',
    'coroutine',
    'redis',
    'cjson',
    'cmsgpack',
    'struct',
    'bit',
  ]) {
    api.lua_getfield(L, LUA.globals, lua.name(name));
    sandbox.pushFront(L);
    setGlobal(lua, L, name);
  }
  api.lua_pushvalue(L, LUA.globals);
  sandbox.refuseMissing(L);
  api.lua_pushvalue(L, -1);
  const globals = api.luaL_ref(L, LUA.registry);
  sandbox.pushFront(L);
  api.lua_pushvalue(L, -1);
  setGlobal(lua, L, '_G');
  api.lua_replace(L, LUA.globals);
  return globals;
}

function setGlobal(lua: Lua, L: State, name: string): void {
  lua.api.lua_setfield(L, LUA.globals, lua.name(name));
}
