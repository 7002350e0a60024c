import { describe, expect, it } from 'vitest';
import { createLuaMachine } from '../../io/lua-machine.js';
import { fromLatin1, latin1 } from '../../protocol/bytes.js';
import { Lua } from './lua.js';
import { TYPE } from './machine.js';

describe('values on a Lua stack', () => {
  const lua = new Lua(createLuaMachine());
  const { api, stack } = lua;
  const main = api.luaL_newstate();

  const fill = (L: number) => {
    lua.pushBytes(L, fromLatin1('hello\0there'));
    api.lua_pushnumber(L, -2.5);
    api.lua_pushboolean(L, 1);
    api.lua_pushnil(L);
    api.lua_createtable(L, 0, 0);
    lua.pushBytes(L, fromLatin1(''));
  };

  it.each([
    ['a main state', main],
    ['a coroutine', api.lua_newthread(main)],
  ])('are found where the C API finds them, in %s', (_, L) => {
    const before = api.lua_gettop(L);
    fill(L);
    expect(stack.size(L)).toBe(api.lua_gettop(L));
    for (let index = 1; index <= api.lua_gettop(L); index++) {
      const value = stack.at(L, index);
      expect(stack.at(L, index - api.lua_gettop(L) - 1)).toBe(value);
      const type = stack.type(value);
      expect(type).toBe(api.lua_type(L, index));
      if (type === TYPE.number) expect(stack.number(value)).toBe(api.lua_tonumber(L, index));
      if (type !== TYPE.string) continue;
      expect(stack.string(value)).toBe(lua.string(L, index));
      expect(stack.stringLength(value)).toBe(lua.length);
    }
    stack.pop(L, 6);
    expect(api.lua_gettop(L)).toBe(before);
  });

  it('are pushed and taken away as the C API does it', () => {
    const L = api.lua_newthread(main);
    fill(L);
    stack.pushNumber(L, 0.1);
    expect(api.lua_gettop(L)).toBe(7);
    expect(api.lua_type(L, 7)).toBe(TYPE.number);
    expect(api.lua_tonumber(L, 7)).toBe(0.1);
    stack.cut(L, 1);
    expect(api.lua_gettop(L)).toBe(1);
    const value = stack.at(L, -1);
    const at = stack.string(value);
    expect(latin1(lua.memory, at, at + stack.stringLength(value))).toBe('hello\0there');
    stack.cut(L, 0);
    expect(api.lua_gettop(L)).toBe(0);
  });
});
