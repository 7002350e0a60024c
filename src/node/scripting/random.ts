/**
 * math.random of scripts: the 48-bit linear congruential generator of lrand48, from a fixed seed, so that a script's
 * random numbers are the same everywhere and every time the node starts.
 */
import type { Lua, LuaModule } from './lua.js';
import type { State } from './machine.js';

const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK = (1n << 48n) - 1n;
const FIRST_STATE = 0x1234abcd330en;
/** Every seed's lowest 16 bits. */
const SEED_LOW = 0x330en;
const LARGEST = 0x7fffffff;

export class Random48 {
  private state = FIRST_STATE;

  seed(seed: number): void {
    this.state = (BigInt(seed >>> 0) << 16n) | SEED_LOW;
  }

  /** 31 random bits. */
  next(): number {
    this.state = (this.state * MULTIPLIER + INCREMENT) & MASK;
    return Number(this.state >> 17n);
  }
}

/** `random` and `randomseed` of the `math` library; `running` tells whether a script is. */
export function randomFunctions(lua: Lua, running: () => boolean): LuaModule {
  const { api } = lua;
  const generator = new Random48();
  const requireScript = (L: State, name: string) => {
    if (!running()) lua.raise(L, `math.${name} can only be called inside a script invocation`);
  };
  return {
    random(L) {
      requireScript(L, 'random');
      const fraction = (generator.next() % LARGEST) / LARGEST;
      const count = api.lua_gettop(L);
      if (count > 2) lua.raise(L, 'wrong number of arguments');
      if (count === 0) {
        api.lua_pushnumber(L, fraction);
        return 1;
      }
      const low = count === 1 ? 1 : api.luaL_checkinteger(L, 1);
      const high = api.luaL_checkinteger(L, count);
      lua.checkArgument(L, low <= high, count, 'interval is empty');
      api.lua_pushnumber(L, Math.floor(fraction * (high - low + 1)) + low);
      return 1;
    },
    randomseed(L) {
      requireScript(L, 'randomseed');
      generator.seed(api.luaL_checkinteger(L, 1));
      return 0;
    },
  };
}
