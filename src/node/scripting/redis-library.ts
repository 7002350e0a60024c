/** The `redis` table of scripts: its functions and constants. What they do with the node is behind `RedisCalls`. */
import { allocate, fromLatin1 } from '../../protocol/bytes.js';
import { REDIS_VERSION } from '../../protocol/redis-version.js';
import { SHA1_BYTES, sha1 } from '../../protocol/sha1.js';
import type { LogLevel } from '../host.js';
import { TARGET } from '../propagation.js';
import type { Lua, LuaModule } from './lua.js';
import type { State } from './machine.js';

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];

/** What the `redis` functions need of who runs the script. */
export interface RedisCalls {
  /** Whether a script is running: not while a library is being loaded. */
  running(): boolean;
  /** redis.call and redis.pcall: runs the command in the arguments; `raising` says what becomes of errors. */
  call(L: State, raising: boolean): number;
  /** Whether the caller may run the command in the arguments; undefined when there is no such command. */
  maySend(L: State): boolean | undefined;
  setProtocol(resp: 2 | 3): void;
  /** A sum of `TARGET`. */
  setPropagation(targets: number): void;
  log(level: LogLevel, text: string): void;
  /** redis.breakpoint: whether there is a debugger, which will stop. */
  breakpoint(): boolean;
  /** redis.debug, with its arguments on the stack. */
  show(L: State): void;
  /** redis.register_function, with its arguments on the stack. */
  registerFunction(L: State): number;
}

export interface RedisLibrary {
  readonly functions: LuaModule;
  /** Pushes the table for scripts; `kind` says which of the two sorts. */
  push(L: State, kind: 'eval' | 'function' | 'loading'): void;
}

export function redisLibrary(lua: Lua, calls: RedisCalls): RedisLibrary {
  const { api } = lua;

  const requireScript = (L: State, name: string) => {
    if (!calls.running()) {
      lua.raiseError(L, `redis.${name} can only be called inside a script invocation`);
    }
  };

  /** The one string argument; undefined when there isn't exactly one. */
  const onlyText = (L: State) => (api.lua_gettop(L) === 1 && lua.isString(L, 1) ? lua.text(L, 1) : undefined);

  const wrongArguments = (L: State) => {
    lua.pushError(L, 'wrong number or type of arguments');
    return 1;
  };

  const functions = {
    call: (L: State) => calls.call(L, true),
    pcall: (L: State) => calls.call(L, false),
    log(L: State) {
      const count = api.lua_gettop(L);
      if (count < 2) lua.raiseError(L, 'redis.log() requires two arguments or more.');
      if (api.lua_isnumber(L, 1) === 0) {
        lua.raiseError(L, 'First argument must be a number (log level).');
      }
      const level = LEVELS[Math.trunc(api.lua_tonumber(L, 1))];
      if (level === undefined) lua.raiseError(L, 'Invalid debug level.');
      const words: string[] = [];
      for (let i = 2; i <= count; i++) {
        const text = lua.text(L, i);
        if (text !== undefined) words.push(text);
      }
      calls.log(level, words.join(' '));
      return 0;
    },
    setresp(L: State) {
      requireScript(L, 'setresp');
      if (api.lua_gettop(L) !== 1) lua.raiseError(L, 'redis.setresp() requires one argument.');
      const resp = Math.trunc(api.lua_tonumber(L, 1));
      if (resp !== 2 && resp !== 3) lua.raiseError(L, 'RESP version must be 2 or 3.');
      calls.setProtocol(resp as 2 | 3);
      return 0;
    },
    sha1hex(L: State) {
      if (api.lua_gettop(L) !== 1) lua.raiseError(L, 'wrong number of arguments');
      lua.pushText(L, sha1Hex(lua.text(L, 1) ?? ''));
      return 1;
    },
    error_reply(L: State) {
      const text = onlyText(L);
      if (text === undefined) return wrongArguments(L);
      lua.pushError(L, text.startsWith('-') ? text : `-${text}`);
      return 1;
    },
    status_reply(L: State) {
      if (onlyText(L) === undefined) return wrongArguments(L);
      api.lua_createtable(L, 0, 1);
      api.lua_pushvalue(L, 1);
      api.lua_setfield(L, -2, lua.name('ok'));
      return 1;
    },
    set_repl(L: State) {
      requireScript(L, 'set_repl');
      if (api.lua_gettop(L) !== 1) lua.raiseError(L, 'redis.set_repl() requires two arguments.');
      const targets = Math.trunc(api.lua_tonumber(L, 1));
      if ((targets & ~TARGET.all) !== 0) {
        lua.raiseError(L, 'Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.');
      }
      calls.setPropagation(targets);
      return 0;
    },
    acl_check_cmd(L: State) {
      requireScript(L, 'acl_check_cmd');
      const may = calls.maySend(L);
      if (may === undefined) lua.raiseError(L, 'Invalid command passed to redis.acl_check_cmd()');
      api.lua_pushboolean(L, may ? 1 : 0);
      return 1;
    },
  };

  const evalFunctions = {
    breakpoint(L: State) {
      api.lua_pushboolean(L, calls.breakpoint() ? 1 : 0);
      return 1;
    },
    debug(L: State) {
      calls.show(L);
      return 0;
    },
    replicate_commands(L: State) {
      api.lua_pushboolean(L, 1);
      return 1;
    },
  };

  const loadingFunctions = {
    register_function: (L: State) => calls.registerFunction(L),
    log: functions.log,
  };

  function push(L: State, kind: 'eval' | 'function' | 'loading'): void {
    const chosen: LuaModule =
      kind === 'loading'
        ? loadingFunctions
        : kind === 'eval'
          ? { ...functions, ...evalFunctions }
          : functions;
    lua.pushModule(L, chosen);
    LEVELS.forEach((level, i) => {
      lua.setNumber(L, `LOG_${level.toUpperCase()}`, i);
    });
    const [major, minor, patch] = REDIS_VERSION.split('.').map(Number);
    lua.setNumber(L, 'REDIS_VERSION_NUM', (major << 16) | (minor << 8) | patch);
    lua.setText(L, 'REDIS_VERSION', REDIS_VERSION);
    if (kind === 'loading') return;
    lua.setNumber(L, 'REPL_NONE', 0);
    lua.setNumber(L, 'REPL_AOF', TARGET.log);
    lua.setNumber(L, 'REPL_SLAVE', TARGET.replicas);
    lua.setNumber(L, 'REPL_REPLICA', TARGET.replicas);
    lua.setNumber(L, 'REPL_ALL', TARGET.all);
  }

  return { functions: { ...functions, ...evalFunctions, ...loadingFunctions }, push };
}

const digest = allocate(SHA1_BYTES);

/** SHA-1 of Latin-1 text, in hexadecimal. */
export function sha1Hex(text: string): string {
  const bytes = fromLatin1(text);
  sha1(digest, bytes, 0, bytes.length);
  let hex = '';
  for (let i = 0; i < SHA1_BYTES; i++) hex += (digest[i] | 0x100).toString(16).slice(1);
  return hex;
}
