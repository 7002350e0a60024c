/**
 * Scripts and functions of one node: the cache of EVAL, the function libraries, and the machine they are compiled in.
 *
 * The machine is made at first use. If it fails (WebAssembly traps, the stack overflows) it is thrown away: the script
 * gets an error, and everything is compiled anew in the next one.
 */
import type { Command } from '../../commands/command.js';
import type { Context } from '../../commands/context.js';
import type {
  RestorePolicy,
  RunningFunction,
  ScriptingFacility,
} from '../../commands/facilities/facilities.js';
import type { DumpPayloads } from '../../persistence/rdb/dump-payload.js';
import { type Bytes, equal, withView } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import type { Request } from '../../protocol/request.js';
import { FunctionStore } from './function-store.js';
import type { Library } from './libraries.js';
import { GC, LUA, type State } from './machine.js';
import { type RedisCalls, sha1Hex } from './redis-library.js';
import { commandFlags, Runner, type RunnerParts, type Task } from './runner.js';
import { readShebang, UNDECLARED } from './script.js';
import { Workshop, type World } from './workshop.js';

/** Everything that lives in one machine. */
interface Live {
  readonly workshop: Workshop;
  readonly runner: Runner;
  readonly store: FunctionStore;
  evaluation: World;
}

export interface ScriptingParts extends Omit<RunnerParts, 'failed'> {
  readonly payloads: DumpPayloads;
}

export class Scripting implements ScriptingFacility {
  /** Commands marked `noscript` are refused (DEBUG SET-DISABLE-DENY-SCRIPTS says otherwise). */
  respectsNoScript = true;
  private live: Live | undefined;
  private readonly scripts = new Map<string, Task>();
  /** The same by body, so that EVAL need not hash what it has seen. */
  private readonly byBody = new Map<string, Task>();
  /** The script that EVAL ran last, and its bytes: most often it is the next one too. */
  private last: { readonly body: Bytes; readonly script: Task } | null = null;

  constructor(private readonly parts: ScriptingParts) {}

  // What there is

  get counts(): { scripts: number; functions: number; libraries: number } {
    const libraries = this.live?.store.libraries;
    return {
      scripts: this.scripts.size,
      functions: libraries?.functionCount ?? 0,
      libraries: libraries?.byName.size ?? 0,
    };
  }

  /** Bytes that Lua holds for either world. */
  get memory(): { evaluation: number; functions: number } {
    const { live } = this;
    if (live === undefined) return { evaluation: 0, functions: 0 };
    const held = ({ main }: World) => live.workshop.lua.api.lua_gc(main, GC.count, 0) * 1024;
    return { evaluation: held(live.evaluation), functions: held(live.store.world) };
  }

  // EVAL and its cache

  evaluate(c: Context, keys: number, readOnly: boolean): void {
    this.start(c, this.scriptOf(c.request), keys, readOnly);
  }

  /** The script whose text is argument 1. */
  private scriptOf(request: Request): Task {
    const { buffer, starts, ends } = request;
    const { last } = this;
    if (last !== null && equal(last.body, 0, last.body.length, buffer, starts[1], ends[1]))
      return last.script;
    const body = request.latin1(1);
    const script = this.byBody.get(body) ?? this.define(body);
    this.last = { body: withView(request.bytes(1)), script };
    return script;
  }

  evaluateSha(c: Context, keys: number, readOnly: boolean): void {
    if (c.session.debugsScripts) {
      throw new CommandError('ERR Please use EVAL instead of EVALSHA for debugging');
    }
    const script = this.scripts.get(c.request.latin1(1).toLowerCase());
    if (script === undefined) throw new CommandError('NOSCRIPT No matching script. Please use EVAL.');
    this.start(c, script, keys, readOnly);
  }

  /** The command's flags, or those of the script or function that it runs, if that declares any. */
  flagsOf(command: Command, request: Request): number {
    const flags = this.declaredFlags(command.fullName, request);
    return flags === UNDECLARED ? command.flags : commandFlags(command.flags, flags);
  }

  private declaredFlags(name: string, request: Request): number {
    switch (name) {
      case 'eval':
      case 'eval_ro': {
        const shebang = readShebang(request.latin1(1));
        return 'error' in shebang ? UNDECLARED : shebang.flags;
      }
      case 'evalsha':
      case 'evalsha_ro':
        return this.scripts.get(request.latin1(1).toLowerCase())?.flags ?? UNDECLARED;
      case 'fcall':
      case 'fcall_ro':
        return this.live?.store.libraries.find(request.latin1(1))?.flags ?? UNDECLARED;
      default:
        return UNDECLARED;
    }
  }

  load(body: string): string {
    return (this.byBody.get(body) ?? this.define(body)).name;
  }

  exists(sha: string): boolean {
    return this.scripts.has(sha.toLowerCase());
  }

  flush(): void {
    this.forgetScripts();
    const { live } = this;
    if (live === undefined) return;
    live.workshop.destroy(live.evaluation);
    live.evaluation = live.workshop.createEvalWorld();
  }

  kill(kind: 'eval' | 'function'): string | undefined {
    return this.wake().runner.kill(kind);
  }

  get busyError(): string | undefined {
    return this.live?.runner.busyError;
  }

  /** A request of the session whose script stands still. */
  debug(request: Request): void {
    this.live?.runner.debug(request);
  }

  /** That session has gone. */
  debuggerLeft(): void {
    this.live?.runner.debuggerLeft();
  }

  private forgetScripts(): void {
    this.scripts.clear();
    this.byBody.clear();
    this.last = null;
  }

  private define(body: string): Task {
    const shebang = readShebang(body);
    if ('error' in shebang) throw new CommandError(`ERR ${shebang.error}`);
    const { workshop, evaluation } = this.wake();
    const complaint = workshop.compile(evaluation, body.slice(shebang.length), '@user_script');
    if (complaint !== undefined) {
      throw new CommandError(`ERR Error compiling script (new function): ${complaint}`);
    }
    const ref = workshop.lua.api.luaL_ref(evaluation.main, LUA.registry);
    const script: Task = { name: sha1Hex(body), kind: 'eval', flags: shebang.flags, ref };
    this.scripts.set(script.name, script);
    this.byBody.set(body, script);
    return script;
  }

  private start(c: Context, script: Task, keys: number, readOnly: boolean): void {
    const { runner, evaluation } = this.wake();
    runner.caller.respectsNoScript = this.respectsNoScript;
    runner.start(c, evaluation, script, keys, readOnly);
  }

  // Functions

  callFunction(c: Context, name: string, keys: () => number, readOnly: boolean): void {
    const fn = this.live?.store.libraries.find(name);
    if (fn === undefined) throw new CommandError('ERR Function not found');
    const count = keys();
    const { runner, store } = this.live!;
    runner.caller.respectsNoScript = this.respectsNoScript;
    runner.start(c, store.world, { ...fn, kind: 'function' }, count, readOnly);
  }

  loadLibrary(code: string, replace: boolean, limited: boolean): string {
    return this.guarded(({ store }) => store.load(code, replace, limited));
  }

  deleteLibrary(name: string): boolean {
    return this.live?.store.delete(name) ?? false;
  }

  flushLibraries(): void {
    this.live?.store.flush();
  }

  dumpLibraries(): Bytes {
    return this.parts.payloads.dumpLibraries(this.libraryCodes);
  }

  restoreLibraries(bytes: Bytes, start: number, end: number, policy: RestorePolicy): void {
    const { payloads } = this.parts;
    if (!payloads.isSound(bytes, start, end)) {
      throw new CommandError('ERR DUMP payload version or checksum are wrong');
    }
    const codes = payloads.readLibraries(bytes, start, end);
    if ('error' in codes) throw new CommandError(`ERR ${codes.error}`);
    this.guarded(({ store }) => store.restore(codes, policy));
  }

  get libraries(): Library[] {
    return [...(this.live?.store.libraries.byName.values() ?? [])];
  }

  /** The function (not script) that is running. */
  get runningFunction(): RunningFunction | undefined {
    return this.live?.runner.runningFunction;
  }

  /** The code of every library, for snapshots. */
  get libraryCodes(): string[] {
    return this.libraries.map(({ code }) => code);
  }

  // The machine

  private wake(): Live {
    if (this.live !== undefined) return this.live;
    const { parts } = this;
    const calls: RedisCalls = {
      running: () => live.runner.run !== undefined,
      call: (L, raising) => this.call(live, L, raising),
      maySend: (L) => live.runner.caller.maySend(L),
      setProtocol: (resp) => {
        live.runner.run!.resp = resp;
      },
      setPropagation: (targets) => {
        live.runner.run!.targets = targets;
      },
      log: parts.log,
      breakpoint: () => live.runner.breakpoint(),
      show: (L) => live.runner.show(L),
      registerFunction: (L) => live.store.register(L),
    };
    const workshop = new Workshop(parts.host.createLuaMachine(), calls, (L, record) => {
      live.store.tick(L);
      live.runner.tick(L, record);
    });
    const live: Live = {
      workshop,
      evaluation: workshop.createEvalWorld(),
      runner: new Runner(workshop, { ...parts, failed: (error) => this.replaceMachine(error) }),
      store: new FunctionStore(workshop, parts.host),
    };
    this.live = live;
    return live;
  }

  /** Has the machine replaced when it fails in `work`. */
  private guarded<Result>(work: (live: Live) => Result): Result {
    try {
      return work(this.wake());
    } catch (error) {
      if (error instanceof CommandError) throw error;
      this.replaceMachine(error);
      throw new CommandError('ERR Error registering functions: the Lua machine failed');
    }
  }

  /** redis.call of whoever calls it: there must be a script that runs. */
  private call({ runner, workshop }: Live, L: State, raising: boolean): number {
    if (runner.run === undefined) {
      workshop.lua.raiseError(L, 'redis.call/pcall can only be called inside a script invocation');
    }
    return runner.caller.call(L, runner.run!, raising);
  }

  private replaceMachine(error: unknown): void {
    this.parts.log('warning', `The Lua machine failed and is replaced: ${String(error)}`);
    const bodies = [...this.byBody.keys()];
    const { libraryCodes } = this;
    this.live = undefined;
    this.forgetScripts();
    for (const body of bodies) this.define(body);
    for (const code of libraryCodes) this.loadLibrary(code, true, false);
  }
}
