/** redis.register_function: its arguments, by name in a table or by place. */
import type { LibraryFunction } from './libraries.js';
import type { Lua } from './lua.js';
import { LUA, type State, TYPE } from './machine.js';
import { scriptFlag, scriptFlagNames } from './script.js';

/** The function described by the arguments on the stack; raises an error when they don't. */
export function readRegistration(lua: Lua, L: State): LibraryFunction {
  const { api } = lua;
  const count = api.lua_gettop(L);
  if (count < 1 || count > 2) {
    lua.raiseError(L, 'wrong number of arguments to redis.register_function');
  }
  if (count === 1) return readNamed(lua, L);
  const name = api.lua_isstring(L, 1) !== 0 ? lua.text(L, 1) : undefined;
  if (name === undefined) {
    return lua.raiseError(L, 'first argument to redis.register_function must be a string');
  }
  if (api.lua_type(L, 2) !== TYPE.function) {
    lua.raiseError(L, 'second argument to redis.register_function must be a function');
  }
  return { name, description: undefined, flags: 0, flagNames: [], ref: api.luaL_ref(L, LUA.registry) };
}

function readNamed(lua: Lua, L: State): LibraryFunction {
  const { api } = lua;
  if (api.lua_type(L, 1) !== TYPE.table) {
    lua.raiseError(
      L,
      'calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).',
    );
  }
  let name: string | undefined;
  let description: string | undefined;
  let flags = 0;
  let ref: number | undefined;
  const fail = (text: string): never => {
    if (ref !== undefined) api.luaL_unref(L, LUA.registry, ref);
    return lua.raiseError(L, text);
  };
  const textOf = (argument: string) => {
    if (api.lua_isstring(L, -1) !== 0) return lua.text(L, -1);
    return fail(`${argument} argument given to redis.register_function must be a string`);
  };
  api.lua_pushnil(L);
  while (api.lua_next(L, 1) !== 0) {
    if (!lua.isString(L, -2)) fail('named argument key given to redis.register_function is not a string');
    switch (lua.text(L, -2)!.toLowerCase()) {
      case 'function_name':
        name = textOf('function_name');
        break;
      case 'description':
        description = textOf('description');
        break;
      case 'callback':
        if (api.lua_type(L, -1) !== TYPE.function) {
          fail('callback argument given to redis.register_function must be a function');
        }
        api.lua_pushvalue(L, -1);
        ref = api.luaL_ref(L, LUA.registry);
        break;
      case 'flags':
        if (api.lua_type(L, -1) !== TYPE.table) {
          fail('flags argument to redis.register_function must be a table representing function flags');
        }
        flags = readFlags(lua, L) ?? fail('unknown flag given');
        break;
      default:
        fail('unknown argument given to redis.register_function');
    }
    lua.pop(L);
  }
  if (name === undefined) return fail('redis.register_function must get a function name argument');
  if (ref === undefined) return fail('redis.register_function must get a callback argument');
  return { name, description, flags, flagNames: scriptFlagNames(flags), ref };
}

/** The flags in the array at the top; undefined when one isn't known. */
function readFlags(lua: Lua, L: State): number | undefined {
  const { api } = lua;
  let flags = 0;
  for (let i = 1; ; i++) {
    api.lua_rawgeti(L, -1, i);
    if (api.lua_type(L, -1) === TYPE.nil) break;
    const flag = api.lua_isstring(L, -1) !== 0 ? scriptFlag(lua.text(L, -1)!.toLowerCase()) : undefined;
    lua.pop(L);
    if (flag === undefined) return undefined;
    flags |= flag;
  }
  lua.pop(L);
  return flags;
}
