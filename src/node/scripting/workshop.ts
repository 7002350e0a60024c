/**
 * Everything there is once per machine: made at the first script, thrown away when the machine fails.
 *
 * The states for EVAL and for functions share it, as they share its memory; they have nothing else in common.
 */
import { bitLibrary } from './bit-library.js';
import { Executor } from './execution.js';
import { jsonLibrary } from './json-library.js';
import { Lua } from './lua.js';
import { LUA, type LuaHook, type LuaMachine, STATUS, type State } from './machine.js';
import { msgpackLibrary } from './msgpack-library.js';
import { randomFunctions } from './random.js';
import { type RedisCalls, redisLibrary } from './redis-library.js';
import { createState, protectState, SandboxFunctions } from './sandbox.js';
import { structLibrary } from './struct-library.js';

/** A state and where in its registry its true globals are. */
export interface World {
  readonly main: State;
  readonly globals: number;
}

/** The world of functions has two sets of globals: while a library is loaded there is little in them. */
export interface FunctionWorld extends World {
  readonly loadingGlobals: number;
}

export class Workshop {
  readonly lua: Lua;
  readonly executor: Executor;
  private readonly sandbox: SandboxFunctions;
  private readonly createState: (kind: 'eval' | 'function') => State;
  private readonly pushLoadingRedis: (L: State) => void;

  constructor(machine: LuaMachine, calls: RedisCalls, tick: LuaHook) {
    const lua = new Lua(machine);
    this.lua = lua;
    this.executor = new Executor(lua, tick);
    const sandbox = new SandboxFunctions(lua, this.executor.functions);
    this.sandbox = sandbox;
    const redis = redisLibrary(lua, calls);
    const json = jsonLibrary(lua);
    const random = randomFunctions(lua, () => calls.running());
    const modules = { bit: bitLibrary(lua), struct: structLibrary(lua), cmsgpack: msgpackLibrary(lua) };
    const all = [sandbox.functions, redis.functions, json.functions, random, ...Object.values(modules)];
    lua.register(all.flatMap((functions) => Object.values(functions)));
    this.createState = (kind) =>
      createState(lua, {
        sandbox,
        random,
        libraries: {
          redis: (L) => redis.push(L, kind),
          cjson: (L) => json.pushModule(L),
          bit: (L) => lua.pushModule(L, modules.bit),
          struct: (L) => lua.pushModule(L, modules.struct),
          cmsgpack(L) {
            lua.pushModule(L, modules.cmsgpack);
            lua.setText(L, '_NAME', 'cmsgpack');
            lua.setText(L, '_VERSION', 'lua-cmsgpack 0.4.0');
            lua.setText(L, '_COPYRIGHT', 'Copyright (C) 2012, Salvatore Sanfilippo');
            lua.setText(L, '_DESCRIPTION', 'MessagePack C implementation for Lua');
          },
        },
      });
    this.pushLoadingRedis = (L) => redis.push(L, 'loading');
  }

  createEvalWorld(): World {
    const main = this.createState('eval');
    return { main, globals: protectState(this.lua, main, this.sandbox) };
  }

  createFunctionWorld(): FunctionWorld {
    const { lua, sandbox } = this;
    const { api } = lua;
    const main = this.createState('function');
    const globals = protectState(lua, main, sandbox);
    api.lua_createtable(main, 0, 1);
    this.pushLoadingRedis(main);
    sandbox.refuseMissing(main);
    sandbox.pushFront(main);
    api.lua_setfield(main, -2, lua.name('redis'));
    sandbox.refuseMissing(main);
    return { main, globals, loadingGlobals: api.luaL_ref(main, LUA.registry) };
  }

  /** Sets what the globals of a world are: one of its two tables. */
  turn(world: World, globals: number): void {
    const { api } = this.lua;
    api.lua_pushvalue(world.main, LUA.globals);
    api.lua_rawgeti(world.main, LUA.registry, globals);
    this.sandbox.turn(world.main, -2);
    this.lua.pop(world.main);
  }

  destroy({ main }: World): void {
    this.executor.forget(main);
    this.sandbox.forget(main);
    this.lua.api.lua_close(main);
  }

  /** Compiles code to a function at the top of the main state's stack; answers the complaint if it can't. */
  compile({ main }: World, code: string, name: string): string | undefined {
    const { lua } = this;
    lua.pushText(main, code);
    const status = lua.api.luaL_loadbuffer(main, lua.string(main, -1), code.length, lua.name(name));
    lua.api.lua_remove(main, -2);
    if (status === STATUS.ok) return undefined;
    const complaint = lua.text(main, -1) ?? 'not enough memory';
    lua.pop(main);
    return complaint;
  }
}
