/**
 * Runs Lua functions so that they can be interrupted.
 *
 * A script that runs too long must let the node serve other clients, and it is the node's own thread that it runs on.
 * So a script is a coroutine: the count hook makes it yield, the node goes about its other work and resumes it a
 * little later. Lua 5.1 can't yield across a C function, and pcall is one; therefore pcall is made of coroutines too.
 * It yields a request to the loop in `proceed`, which runs the function in a coroutine on top of the caller's and
 * hands the outcome down. What remains are callbacks of string.gsub, table.sort and metamethods, and coroutines that a
 * script makes itself: while one of them is running the script can't be interrupted.
 *
 * Coroutines that have ended well are used again.
 */
import type { Lua, LuaModule } from './lua.js';
import {
  DEBUG_RECORD,
  HOOK_COUNT,
  HOOK_LINE,
  LUA,
  type LuaHook,
  STATUS,
  type State,
  TYPE,
} from './machine.js';

/** Instructions between two calls of the hook. */
const HOOK_INTERVAL = 100_000;

/** pcall inside pcall, as deep as Lua allows C functions to nest. */
const DEEPEST_PCALL = 200;

export type Outcome = 'done' | 'failed' | 'interrupted';

/** A coroutine, and what keeps it from being collected. */
interface Coroutine {
  readonly L: State;
  readonly ref: number;
}

export class Executor {
  /** `pcall` and `yield` for sandboxes. */
  readonly functions: LuaModule;
  private readonly hook: number;
  private readonly idle = new Map<State, Coroutine[]>();
  /** The coroutines of the script being run: the outermost first. */
  private readonly stack: Coroutine[] = [];
  /** `tick` is called at every new line as well. Set between scripts. */
  traced = false;
  /** The state of the script run last. */
  main: State = 0;
  private protecting = false;
  private interrupting = false;
  private interrupted = false;

  /**
   * @param tick called every so many instructions of a script, with the state that runs and what Lua says of it: may
   * raise an error, or call `interrupt`
   */
  constructor(
    private readonly lua: Lua,
    tick: LuaHook,
  ) {
    [this.hook] = lua.machine.register([], [tick]);
    this.functions = { pcall: (L) => this.pcall(L), yield: (L) => this.yield(L) };
  }

  /** Whether a script is being run or has been interrupted. */
  get busy(): boolean {
    return this.stack.length > 0;
  }

  /** The coroutine on which the function to run, its arguments, and at last its result are. */
  get outermost(): State {
    return this.stack[0].L;
  }

  /** The coroutine that runs, or was interrupted. */
  get current(): State {
    return this.top.L;
  }

  /** Prepares a coroutine of the main state: push the function and its arguments on `outermost`, then `proceed`. */
  begin(main: State): State {
    this.main = main;
    const { L } = this.push();
    return L;
  }

  /**
   * Runs until the function has ended or is interrupted; then call it again, without arguments. The result, or the
   * error, is at the top of `outermost`.
   */
  proceed(args: number): Outcome {
    const { api } = this.lua;
    if (this.interrupted) this.standStill(false);
    let status = api.lua_resume(this.top.L, args);
    for (;;) {
      if (status === STATUS.yield) {
        if (this.interrupting) {
          this.interrupting = false;
          this.standStill(true);
          return 'interrupted';
        }
        status = this.enterProtected();
      } else if (this.stack.length === 1) return status === STATUS.ok ? 'done' : 'failed';
      else status = this.leaveProtected(status === STATUS.ok);
    }
  }

  /** Forgets what was run. */
  end(outcome: Outcome): void {
    this.interrupted = false;
    while (this.stack.length > 1) this.pop(false);
    this.pop(outcome === 'done');
  }

  /** From the hook: leaves the script, if it can be left where it is. */
  interrupt(L: State): void {
    if (!this.canInterrupt(L)) return;
    this.interrupting = true;
    this.lua.api.lua_yield(L, 0);
  }

  canInterrupt(L: State): boolean {
    return this.busy && L === this.top.L && this.lua.canYield(L);
  }

  /** Where the running Lua code is, for a script that failed or was interrupted; undefined when it can't be said. */
  position(): { source: string; line: number } | undefined {
    const { lua } = this;
    const record = lua.scratch(DEBUG_RECORD.size);
    const { L } = this.top;
    for (let level = 0; level < 2; level++) {
      if (lua.api.lua_getstack(L, level, record) === 0) return undefined;
      lua.api.lua_getinfo(L, lua.name('Sl'), record);
      const { view } = lua.machine;
      const what = lua.cString(view.getUint32(record + DEBUG_RECORD.what, true));
      if (what === 'C' && level === 0) continue;
      return {
        source: lua.cString(view.getUint32(record + DEBUG_RECORD.source, true)),
        line: view.getInt32(record + DEBUG_RECORD.currentLine, true),
      };
    }
    return undefined;
  }

  /** A main state is about to be closed. */
  forget(main: State): void {
    this.idle.delete(main);
  }

  /** While it is interrupted the script is seen where the hook has seen it. */
  private standStill(interrupted: boolean): void {
    this.interrupted = interrupted;
    this.lua.shiftPlace(this.top.L, interrupted ? 1 : -1);
  }

  private get top(): Coroutine {
    return this.stack[this.stack.length - 1];
  }

  private push(): Coroutine {
    const { api } = this.lua;
    const { main } = this;
    let coroutine = this.traced ? undefined : this.idle.get(main)?.pop();
    if (coroutine === undefined) {
      const L = api.lua_newthread(main);
      coroutine = { L, ref: api.luaL_ref(main, LUA.registry) };
      api.lua_sethook(L, this.hook, this.traced ? HOOK_COUNT | HOOK_LINE : HOOK_COUNT, HOOK_INTERVAL);
    }
    this.stack.push(coroutine);
    return coroutine;
  }

  /** @param reusable it has come to its end */
  private pop(reusable: boolean): void {
    const { api } = this.lua;
    const { main } = this;
    const coroutine = this.stack.pop()!;
    if (!reusable || this.traced) {
      api.luaL_unref(main, LUA.registry, coroutine.ref);
      return;
    }
    this.lua.stack.cut(coroutine.L, 0);
    const idle = this.idle.get(main);
    if (idle === undefined) this.idle.set(main, [coroutine]);
    else idle.push(coroutine);
  }

  // pcall

  /**
   * The function to call and its arguments are all there is on the caller's stack. C functions are called directly:
   * they can't be interrupted anyway, and one that is a coroutine's own function can't yield in Lua 5.1.
   */
  private pcall(L: State): number {
    const { lua } = this;
    const { api } = lua;
    const count = api.lua_gettop(L);
    if (count === 0) return 0;
    const direct = api.lua_iscfunction(L, 1) !== 0;
    if (!direct && this.busy && L === this.top.L && lua.canYield(L)) {
      if (this.stack.length >= DEEPEST_PCALL) lua.raise(L, 'C stack overflow');
      this.protecting = true;
      return api.lua_yield(L, count);
    }
    const status = api.lua_pcall(L, count - 1, LUA.multipleResults, 0);
    if (status !== STATUS.ok) this.unwrap(L);
    api.lua_pushboolean(L, status === STATUS.ok ? 1 : 0);
    api.lua_insert(L, 1);
    return api.lua_gettop(L);
  }

  private enterProtected(): number {
    const { api } = this.lua;
    if (!this.protecting) throw new Error('a script yielded unexpectedly');
    this.protecting = false;
    const caller = this.top.L;
    const { L } = this.push();
    const count = api.lua_gettop(caller);
    api.lua_checkstack(L, count);
    api.lua_xmove(caller, L, count);
    return api.lua_resume(L, count - 1);
  }

  private leaveProtected(ok: boolean): number {
    const { api } = this.lua;
    const { L } = this.top;
    const caller = this.stack[this.stack.length - 2].L;
    if (!ok) this.unwrap(L);
    const count = ok ? api.lua_gettop(L) : 1;
    api.lua_checkstack(caller, count + 1);
    api.lua_pushboolean(caller, ok ? 1 : 0);
    api.lua_xmove(L, caller, count);
    this.pop(ok);
    return api.lua_resume(caller, count + 1);
  }

  /** An error table at the top becomes its text, as scripts written for Redis 6 expect. */
  private unwrap(L: State): void {
    const { lua } = this;
    if (lua.api.lua_type(L, -1) !== TYPE.table) return;
    lua.api.lua_getfield(L, -1, lua.name('err'));
    if (lua.api.lua_isstring(L, -1) !== 0) lua.api.lua_replace(L, -2);
    else lua.pop(L);
  }

  /** coroutine.yield: in coroutines of the script's own it does what it says, elsewhere there is none to yield. */
  private yield(L: State): number {
    const { lua } = this;
    if (this.stack.some((coroutine) => coroutine.L === L)) {
      lua.pushText(L, 'attempt to yield across metamethod/C-call boundary');
      lua.api.lua_error(L);
    }
    return lua.api.lua_yield(L, lua.api.lua_gettop(L));
  }
}
