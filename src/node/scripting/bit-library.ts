/** The `bit` library of scripts: operations on 32-bit integers, with the results of Mike Pall's BitOp. */
import type { Lua, LuaModule } from './lua.js';
import type { State } from './machine.js';

/** Adding it leaves a number's lowest 32 bits, rounded, in the lowest bits of the double. */
const ROUNDING = 2 ** 52 + 2 ** 51;
const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

export function bitLibrary(lua: Lua): LuaModule {
  const { api } = lua;

  function operand(L: State, index: number): number {
    const n = api.lua_tonumber(L, index);
    if (n === 0 && api.lua_isnumber(L, index) === 0) api.luaL_typerror(L, index, lua.name('number'));
    double[0] = n + ROUNDING;
    return words[0];
  }

  function answer(L: State, result: number): number {
    api.lua_pushnumber(L, result | 0);
    return 1;
  }

  const fold = (combine: (a: number, b: number) => number) => (L: State) => {
    let result = operand(L, 1);
    for (let i = api.lua_gettop(L); i > 1; i--) result = combine(result, operand(L, i));
    return answer(L, result);
  };

  const shift = (move: (bits: number, by: number) => number) => (L: State) => {
    const bits = operand(L, 1);
    return answer(L, move(bits, operand(L, 2) & 31));
  };

  return {
    tobit: (L) => answer(L, operand(L, 1)),
    bnot: (L) => answer(L, ~operand(L, 1)),
    band: fold((a, b) => a & b),
    bor: fold((a, b) => a | b),
    bxor: fold((a, b) => a ^ b),
    lshift: shift((bits, by) => bits << by),
    rshift: shift((bits, by) => bits >>> by),
    arshift: shift((bits, by) => bits >> by),
    rol: shift((bits, by) => (bits << by) | (bits >>> (32 - by))),
    ror: shift((bits, by) => (bits << (32 - by)) | (bits >>> by)),
    bswap(L) {
      const b = operand(L, 1);
      return answer(L, (b >>> 24) | ((b >>> 8) & 0xff00) | ((b & 0xff00) << 8) | (b << 24));
    },
    tohex(L) {
      const b = operand(L, 1);
      let digits = api.lua_gettop(L) < 2 ? 8 : operand(L, 2);
      const upper = digits < 0;
      if (upper) digits = -digits;
      if (digits < 0 || digits > 8) digits = 8;
      const text = (b >>> 0)
        .toString(16)
        .padStart(8, '0')
        .slice(8 - digits);
      lua.pushText(L, upper ? text.toUpperCase() : text);
      return 1;
    },
  };
}
