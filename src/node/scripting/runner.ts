/**
 * Runs scripts, one at a time, and answers for them.
 *
 * What a script changes is propagated as one unit. If it takes longer than `busy-reply-threshold` it is interrupted
 * every few milliseconds (execution.ts): the node serves what may be served meanwhile (SCRIPT KILL, SHUTDOWN NOSAVE …)
 * and refuses the rest with BUSY, until the script ends. Not interrupted are scripts inside a transaction and those
 * that a master or the append-only file sent.
 */
import { type Command, FLAG } from '../../commands/command.js';
import type { Context } from '../../commands/context.js';
import type { RunningFunction } from '../../commands/facilities/facilities.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { Bytes } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import { keySlot } from '../../protocol/key-slot.js';
import type { Request } from '../../protocol/request.js';
import type { Blocking } from '../blocking.js';
import { busyError } from '../gatekeeper.js';
import type { Host, Log, Schedule } from '../host.js';
import type { Outbox } from '../outbox.js';
import type { Session } from '../session.js';
import { Debugger } from './debugger.js';
import type { Executor, Outcome } from './execution.js';
import type { Lua } from './lua.js';
import { type Address, GC, LUA, type State, TYPE } from './machine.js';
import { ReplyMaker } from './replies.js';
import { Run, SCRIPT_FLAG, UNDECLARED } from './script.js';
import { type CallerParts, ScriptCaller } from './script-caller.js';
import type { Workshop, World } from './workshop.js';

/** An interrupted script goes on for so long before others are served again, in milliseconds. */
const SLICE = 20;
/** The collector takes a step every so many scripts, beside what allocations cause. */
const COLLECT_EVERY = 50;

/** A script that is debugged is stopped after so long, when `busy-reply-threshold` doesn't say when. */
const PATIENCE = 5000;

const KILLED = 'ERR Script killed by user with SCRIPT KILL...';
const ABORTED = 'ERR script aborted for user request';

export interface RunnerParts extends CallerParts {
  readonly host: Pick<Host, 'monotonicClock' | 'createLuaMachine'>;
  readonly keyspace: Keyspace;
  readonly outbox: Outbox;
  readonly blocking: Blocking;
  readonly schedule: Schedule;
  readonly log: Log;
  /** `busy-reply-threshold`, in milliseconds; 0 for never. */
  readonly threshold: () => number;
  readonly clusterMode: boolean;
  /** Evicts under maxmemory, and notes whether that was enough, for what the script may do. */
  readonly makeRoom: () => void;
  /** A script has been interrupted: the data must not change but by it. In the debugger everybody else waits, too. */
  readonly hold: (whom: 'replication' | 'everybody') => void;
  /** It is over. */
  readonly letGo: () => void;
  /** A script has written in the caller's name. */
  readonly wrote: (caller: Session) => void;
  /** The machine has failed. */
  readonly failed: (error: unknown) => void;
}

/** What is to be run. */
export interface Task {
  /** The script's SHA-1, or the function's name. */
  readonly name: string;
  readonly kind: 'eval' | 'function';
  /** Bits of `SCRIPT_FLAG`, or `UNDECLARED`. */
  readonly flags: number;
  /** The compiled function, in its world's registry. */
  readonly ref: number;
}

export class Runner {
  readonly caller: ScriptCaller;
  /** The script that is running, interrupted or not. */
  run: Run | undefined;
  private command!: Command;
  private readonly lua: Lua;
  private readonly executor: Executor;
  private readonly replies: ReplyMaker;
  private readonly keysName: Address;
  private readonly argvName: Address;
  /** In what the script runs step by step. */
  private debugger: Debugger | undefined;
  private sliceEnd = 0;
  private untilCollection = COLLECT_EVERY;
  /** The words of an interrupted function's request. */
  private words: Bytes[] = [];

  constructor(
    private readonly workshop: Workshop,
    private readonly parts: RunnerParts,
  ) {
    const { lua, executor } = workshop;
    this.lua = lua;
    this.executor = executor;
    this.keysName = lua.name('KEYS');
    this.argvName = lua.name('ARGV');
    this.caller = new ScriptCaller(lua, parts);
    this.replies = new ReplyMaker(lua, parts.outbox.writer);
  }

  /** The function that is running, for FUNCTION STATS. */
  get runningFunction(): RunningFunction | undefined {
    const { run, words } = this;
    if (run === undefined) return undefined;
    return {
      name: run.name,
      words,
      milliseconds: Math.floor(this.parts.host.monotonicClock() - run.startedAt),
    };
  }

  /** Why another command may not run now, as BUSY says it; undefined when no script is in the way. */
  get busyError(): string | undefined {
    return this.run === undefined ? undefined : busyError(this.run.kind === 'eval' ? 'script' : 'function');
  }

  /** Runs a script whose keys and arguments are words 3 and up of the request, and writes its reply, sooner or later. */
  start(c: Context, world: World, task: Task, keys: number, readOnly: boolean): void {
    const { parts, executor } = this;
    const { dispatcher } = parts;
    const { command, request, session, db } = dispatcher;
    if (!session.isObeyed) parts.makeRoom();
    this.admit(command, session, task.flags, readOnly);
    const run = new Run(task, session, readOnly, dispatcher.begunAt, c.now);
    if (parts.clusterMode && keys > 0) run.slot = keySlot(request.buffer, request.starts[3], request.ends[3]);
    parts.session.database = session.database;
    parts.session.speakFor(session.user, true);
    parts.session.mayBlock = false;
    const interruptible = session.mayBlock && !session.isMaster && session.id !== 0;
    this.run = run;
    this.command = command;
    this.sliceEnd = interruptible ? 0 : Number.POSITIVE_INFINITY;
    if (interruptible && session.debugsScripts && task.kind === 'eval') {
      this.beginDebugging(world, request.latin1(1));
    }
    parts.propagation.begin();
    const { errors } = c.reply;
    try {
      const L = executor.begin(world.main);
      this.lua.api.lua_rawgeti(L, LUA.registry, task.ref);
      const outcome = executor.proceed(this.pushArguments(L, world, run, request, keys));
      if (outcome === 'interrupted') this.suspend(run, request);
      else {
        this.answer(run, outcome);
        if (this.replies.counted) {
          parts.statistics.failed[command.id]++;
          c.reply.errors = errors;
        }
        this.end(outcome);
      }
    } catch (error) {
      this.abandon(error);
    }
    dispatcher.command = command;
    dispatcher.request = request;
    dispatcher.session = session;
    dispatcher.db = db;
  }

  /** From the hook: looks at the time. */
  tick(L: State, record: Address): void {
    const { run, parts } = this;
    if (run === undefined) return;
    const now = parts.host.monotonicClock();
    if (this.debugger !== undefined) {
      if (this.debugger.stopsAt(L, record, now >= this.sliceEnd)) this.executor.interrupt(L);
      return;
    }
    if (!run.overtime) {
      const threshold = parts.threshold();
      const elapsed = Math.floor(now - run.startedAt);
      if (threshold === 0 || elapsed < threshold) return;
      run.overtime = true;
      const kill = run.kind === 'eval' ? 'SCRIPT KILL' : 'FUNCTION KILL';
      parts.log(
        'warning',
        `Slow script detected: still in execution after ${elapsed} milliseconds. ` +
          `You can try killing the script using the ${kill} command. Script name is: ${run.name}.`,
      );
    }
    if (now >= this.sliceEnd) this.executor.interrupt(L);
  }

  /** SCRIPT KILL and FUNCTION KILL. Answers the complaint, or undefined. */
  kill(kind: 'eval' | 'function'): string | undefined {
    const { run } = this;
    if (run === undefined) return 'NOTBUSY No scripts in execution right now.';
    if (run.caller.isObeyed) {
      return 'UNKILLABLE The busy script was sent by a master instance in the context of replication and cannot be killed.';
    }
    if (run.wrote) {
      return (
        'UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the ' +
        'script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.'
      );
    }
    if (run.kind !== kind) return this.busyError;
    this.parts.log('warning', 'Lua script killed by user with SCRIPT KILL.');
    run.fatal = KILLED;
    if (this.debugger !== undefined) this.continueSoon(run);
    return undefined;
  }

  // Debugging

  /** A request of the session whose script stands still. */
  debug(request: Request): void {
    const { run } = this;
    if (run === undefined || this.debugger === undefined) return;
    const words = Array.from({ length: request.argc }, (_, i) => request.latin1(i));
    const verdict = this.debugger.command(words);
    if (verdict === 'stays') {
      this.parts.outbox.compose(run.caller, () => this.tell());
      return;
    }
    if (verdict === 'is aborted') run.fatal = ABORTED;
    this.continue(run);
  }

  /** The session has gone: the script runs on without stops, at once: who comes next finds it done. */
  debuggerLeft(): void {
    const { run } = this;
    if (run === undefined || this.debugger === undefined) return;
    this.debugger = undefined;
    this.caller.watcher = undefined;
    this.continue(run);
  }

  /** redis.breakpoint: whether there is somebody to stop for. */
  breakpoint(): boolean {
    this.debugger?.breakpoint();
    return this.debugger !== undefined;
  }

  /** redis.debug. */
  show(L: State): void {
    this.debugger?.show(L);
  }

  private beginDebugging(world: World, source: string): void {
    this.parts.log('warning', 'Redis synchronous debugging eval session started');
    this.debugger = new Debugger(this.workshop, world, source);
    this.caller.watcher = this.debugger;
    this.executor.traced = true;
    this.sliceEnd = this.parts.host.monotonicClock() + this.slice;
  }

  /** For how long the script may go on until it is interrupted, or stopped by the debugger because it may never end. */
  private get slice(): number {
    return this.debugger === undefined ? SLICE : this.parts.threshold() || PATIENCE;
  }

  /** What the debugger has to say, as a reply. */
  private tell(...more: string[]): void {
    const { writer } = this.parts.outbox;
    const lines = [...this.debugger!.takeLines(), ...more];
    writer.array(lines.length);
    for (const line of lines) writer.status(line);
  }

  /** The script is over: the rest of what there is to say goes in front of its reply. */
  private endDebugging({ caller }: Run): void {
    this.parts.log('warning', 'Redis synchronous debugging eval session ended');
    this.tell('<endsession>');
    caller.isDebugging = false;
    caller.closeAfterReply();
  }

  // Before

  /** Throws when the script may not run, given what it declares and how the node is. */
  private admit(command: Command, session: Session, flags: number, readOnly: boolean): void {
    const { gatekeeper, clusterMode } = this.parts;
    if (!session.isObeyed) {
      const refusal = gatekeeper.refusal(command, commandFlags(command.flags, flags));
      if (refusal !== null) throw new CommandError(refusal);
    }
    if (flags === UNDECLARED) return;
    if (flags & SCRIPT_FLAG['no-cluster'] && clusterMode) {
      throw new CommandError("ERR Can not run script on cluster, 'no-cluster' flag is set.");
    }
    if (readOnly && !(flags & SCRIPT_FLAG['no-writes'])) {
      throw new CommandError('ERR Can not execute a script with write flag using *_ro command.');
    }
  }

  /** KEYS and ARGV: globals of a script, arguments of a function. Answers the number of arguments. */
  private pushArguments(L: State, world: World, run: Run, request: Request, keys: number): number {
    const { api } = this.lua;
    const first = 3 + keys;
    const base = request.argc > 3 ? request.starts[3] : 0;
    const laid =
      request.argc > 3 ? this.lua.lay(request.buffer, base, request.ends[request.argc - 1]) - base : 0;
    const push = (from: number, to: number) => {
      api.lua_createtable(L, to - from, 0);
      for (let i = from; i < to; i++) {
        api.lua_pushlstring(L, laid + request.starts[i], request.ends[i] - request.starts[i]);
        api.lua_rawseti(L, -2, i - from + 1);
      }
    };
    if (run.kind === 'function') {
      push(3, first);
      push(first, request.argc);
      return 2;
    }
    api.lua_rawgeti(L, LUA.registry, world.globals);
    push(3, first);
    api.lua_setfield(L, -2, this.keysName);
    push(first, request.argc);
    api.lua_setfield(L, -2, this.argvName);
    this.lua.pop(L);
    return 0;
  }

  // Between

  private suspend(run: Run, request: Request): void {
    const { gatekeeper } = this.parts;
    run.suspended = true;
    this.words = [];
    for (let i = 0; i < request.argc; i++) this.words.push(request.bytes(i));
    if (this.debugger === undefined) {
      gatekeeper.set({ busy: run.kind === 'eval' ? 'script' : 'function' });
      this.parts.hold('replication');
      run.caller.suspended = true;
      this.continueSoon(run);
    } else {
      this.parts.hold('everybody');
      run.caller.isDebugging = true;
      this.tell();
    }
  }

  private continueSoon(run: Run): void {
    this.parts.schedule(1, () => this.continue(run));
  }

  private continue(run: Run): void {
    const { parts, executor } = this;
    const { dispatcher, keyspace, host } = parts;
    if (this.run !== run) return;
    keyspace.now = run.now;
    dispatcher.now = run.now;
    this.sliceEnd = host.monotonicClock() + this.slice;
    try {
      const outcome = run.fatal === undefined ? executor.proceed(0) : 'failed';
      if (outcome !== 'interrupted') this.answerLate(run, outcome);
      else if (this.debugger === undefined) this.continueSoon(run);
      else parts.outbox.compose(run.caller, () => this.tell());
    } catch (error) {
      this.abandon(error);
    }
  }

  // After

  /** Writes the reply to the caller. */
  private answer(run: Run, outcome: Outcome): void {
    const { lua, replies } = this;
    const L = this.executor.outermost;
    if (this.debugger !== undefined) this.endDebugging(run);
    if (outcome === 'done') {
      if (lua.stack.size(L) !== 1) lua.api.lua_settop(L, 1);
      replies.write(L, run.resp);
      return;
    }
    if (run.fatal !== undefined) lua.pushError(L, `-${run.fatal}`);
    const place = this.executor.position();
    if (lua.api.lua_type(L, -1) !== TYPE.table) lua.pushError(L, this.errorText(L));
    const where = place === undefined ? '' : ` script: ${run.name}, on ${place.source}:${place.line}.`;
    replies.error(L, where);
  }

  /** What tostring makes of an error that is no table. */
  private errorText(L: State): string {
    const { lua } = this;
    const { api } = lua;
    const text = lua.text(L, -1);
    if (text !== undefined) return text;
    if (api.lua_type(L, -1) === TYPE.boolean) return api.lua_toboolean(L, -1) !== 0 ? 'true' : 'false';
    return lua.typeName(L, -1);
  }

  private answerLate(run: Run, outcome: Outcome): void {
    const { outbox, statistics } = this.parts;
    const { writer } = outbox;
    const { errors } = writer;
    const write = () => this.answer(run, outcome);
    if (run.caller.gone) {
      const mark = writer.length;
      write();
      writer.length = mark;
    } else outbox.compose(run.caller, write);
    if (writer.errors !== errors) {
      statistics.failed[this.command.id]++;
      if (!this.replies.counted) statistics.countError(writer.errorCode);
    }
    this.end(outcome);
  }

  private end(outcome: Outcome): void {
    this.executor.end(outcome);
    if (--this.untilCollection === 0) {
      this.lua.api.lua_gc(this.executor.main, GC.step, COLLECT_EVERY);
      this.untilCollection = COLLECT_EVERY;
    }
    this.conclude();
  }

  /** The script is over: effects go out, clients are served again. */
  private conclude(): void {
    const { propagation, gatekeeper, blocking, dispatcher, wrote, letGo } = this.parts;
    const run = this.run!;
    this.run = undefined;
    this.words = [];
    this.debugger = undefined;
    this.caller.watcher = undefined;
    this.executor.traced = false;
    propagation.end();
    if (run.wrote) wrote(run.caller);
    if (!run.suspended) return;
    gatekeeper.set({ busy: 'no' });
    letGo();
    dispatcher.serveWaiters();
    blocking.release(run.caller);
  }

  /** Something went wrong that Lua can't handle. */
  private abandon(error: unknown): void {
    const run = this.run!;
    const text = `ERR Error running script ${run.name}: the Lua machine failed`;
    if (run.suspended) this.parts.outbox.compose(run.caller, (reply) => reply.error(text));
    this.conclude();
    this.parts.failed(error);
    if (!run.suspended) throw new CommandError(text);
  }
}

/** What a script counts as, in place of EVAL itself: by the flags that it declares; without any it may at least not be stale. */
export function commandFlags(command: number, script: number): number {
  if (script === UNDECLARED) return command & ~FLAG.stale;
  let flags = command & ~(FLAG.stale | FLAG.denyoom | FLAG.write | FLAG.may_replicate);
  if (!(script & (SCRIPT_FLAG['allow-oom'] | SCRIPT_FLAG['no-writes']))) flags |= FLAG.denyoom;
  if (!(script & SCRIPT_FLAG['no-writes'])) flags |= FLAG.write;
  if (script & SCRIPT_FLAG['allow-stale']) flags |= FLAG.stale;
  return flags;
}
