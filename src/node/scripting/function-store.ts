/**
 * The function libraries in their Lua state.
 *
 * To load a library its code is run once, with nothing in its globals but what registers functions. Several libraries
 * that come together (FUNCTION RESTORE) are taken in all or not at all.
 */
import type { RestorePolicy } from '../../commands/facilities/facilities.js';
import { CommandError } from '../../protocol/command-error.js';
import type { Host } from '../host.js';
import { Libraries, type Library, nameComplaint, readHeader } from './libraries.js';
import { LUA, type State, TYPE } from './machine.js';
import { readRegistration } from './registration.js';
import type { FunctionWorld, Workshop } from './workshop.js';

/** Loading a library must not take longer, in milliseconds. */
const LOAD_LIMIT = 500;

export class FunctionStore {
  libraries = new Libraries();
  world: FunctionWorld;
  /** The library being loaded, and when it must be done. */
  private loading: { readonly library: Library; readonly until: number } | undefined;

  constructor(
    private readonly workshop: Workshop,
    private readonly host: Pick<Host, 'monotonicClock'>,
  ) {
    this.world = workshop.createFunctionWorld();
  }

  /**
   * Loads a library; answers its name. Throws `CommandError`, with everything as it was, when it can't be.
   * @param limited it must not take long: the code comes from a client
   */
  load(code: string, replace: boolean, limited: boolean): string {
    const { name, body } = readHeader(code);
    if (this.libraries.byName.has(name) && !replace) {
      throw new CommandError(`ERR Library '${name}' already exists`);
    }
    const old = this.libraries.byName.get(name);
    const library = this.build(name, code, body, limited);
    this.addOrRelease(this.libraries, library);
    if (old !== undefined) this.release(old);
    return name;
  }

  delete(name: string): boolean {
    const library = this.libraries.byName.get(name);
    if (library === undefined) return false;
    this.libraries.remove(library);
    this.release(library);
    return true;
  }

  flush(): void {
    this.libraries.clear();
    this.workshop.destroy(this.world);
    this.world = this.workshop.createFunctionWorld();
  }

  /** Takes in the libraries whose code is given. Throws `CommandError`, with everything as it was, when it can't. */
  restore(codes: readonly string[], policy: RestorePolicy): void {
    const fresh = new Libraries();
    try {
      for (const code of codes) {
        const { name, body } = readHeader(code);
        if (fresh.byName.has(name)) throw new CommandError(`ERR Library '${name}' already exists`);
        this.addOrRelease(fresh, this.build(name, code, body, false));
      }
      const merged = new Libraries();
      if (policy !== 'flush') this.merge(merged, fresh, policy);
      for (const library of fresh.byName.values()) merged.add(library);
      const kept = new Set(merged.byName.values());
      for (const library of this.libraries.byName.values()) if (!kept.has(library)) this.release(library);
      this.libraries = merged;
    } catch (error) {
      for (const library of fresh.byName.values()) this.release(library);
      throw error;
    }
  }

  /** redis.register_function. */
  register(L: State): number {
    const { lua } = this.workshop;
    const { loading } = this;
    if (loading === undefined) {
      return lua.raiseError(L, 'redis.register_function can only be called on FUNCTION LOAD command');
    }
    const fn = readRegistration(lua, L);
    const { functions } = loading.library;
    const complaint =
      nameComplaint(fn.name) ??
      (functions.has(fn.name) ? 'Function already exists in the library' : undefined);
    if (complaint !== undefined) {
      lua.api.luaL_unref(L, LUA.registry, fn.ref);
      lua.raiseError(L, complaint);
    }
    functions.set(fn.name, fn);
    return 0;
  }

  /** From the hook: ends what takes too long to load. */
  tick(L: State): void {
    const { loading } = this;
    if (loading !== undefined && this.host.monotonicClock() > loading.until) {
      this.workshop.lua.raiseError(L, 'FUNCTION LOAD timeout');
    }
  }

  /** Those of the present libraries that stay beside the fresh ones. */
  private merge(merged: Libraries, fresh: Libraries, policy: RestorePolicy): void {
    for (const library of this.libraries.byName.values()) {
      if (!fresh.byName.has(library.name)) merged.add(library);
      else if (policy === 'append') throw new CommandError(`ERR Library ${library.name} already exists`);
    }
  }

  private addOrRelease(libraries: Libraries, library: Library): void {
    try {
      libraries.add(library);
    } catch (error) {
      this.release(library);
      throw error;
    }
  }

  private build(name: string, code: string, body: string, limited: boolean): Library {
    const { workshop, world } = this;
    const complaint = workshop.compile(world, body, '@user_function');
    if (complaint !== undefined) throw new CommandError(`ERR Error compiling function: ${complaint}`);
    const library: Library = { name, code, functions: new Map() };
    const until = limited ? this.host.monotonicClock() + LOAD_LIMIT : Number.POSITIVE_INFINITY;
    this.loading = { library, until };
    workshop.turn(world, world.loadingGlobals);
    try {
      this.runTop();
      if (library.functions.size === 0) throw new CommandError('ERR No functions registered');
    } catch (error) {
      this.release(library);
      throw error;
    } finally {
      workshop.turn(world, world.globals);
      this.loading = undefined;
    }
    return library;
  }

  /** Runs the function at the top of the main state's stack. */
  private runTop(): void {
    const { world, workshop } = this;
    const { lua, executor } = workshop;
    const { api } = lua;
    const L = executor.begin(world.main);
    api.lua_xmove(world.main, L, 1);
    const outcome = executor.proceed(0);
    const error = outcome === 'done' ? undefined : this.errorText(L);
    executor.end(outcome);
    if (error !== undefined) throw new CommandError(`ERR Error registering functions: ${error}`);
  }

  private errorText(L: State): string {
    const { lua } = this.workshop;
    if (lua.api.lua_type(L, -1) === TYPE.table) return lua.field(L, 'err') ?? '';
    return `ERR ${lua.text(L, -1) ?? lua.typeName(L, -1)}`;
  }

  private release(library: Library): void {
    const { api } = this.workshop.lua;
    for (const { ref } of library.functions.values()) api.luaL_unref(this.world.main, LUA.registry, ref);
  }
}
