/**
 * redis.call: a command run by a script, checked as Redis checks it (script.c), its reply as a Lua value.
 *
 * Arguments aren't copied: the request's buffer is the machine's memory, where the strings lie. Nothing moves them
 * while the command runs, because no Lua code does.
 */
import { DOWN, DOWN_READ_ONLY } from '../../cluster/route.js';
import { type Command, FLAG } from '../../commands/command.js';
import type { CommandTable } from '../../commands/table.js';
import { type Bytes, writeLatin1 } from '../../protocol/bytes.js';
import { formatDouble } from '../../protocol/doubles.js';
import { writeInteger } from '../../protocol/integers.js';
import { Request } from '../../protocol/request.js';
import type { Acl } from '../acl/acl.js';
import type { Dispatcher } from '../dispatcher.js';
import type { Gatekeeper } from '../gatekeeper.js';
import type { Statistics } from '../monitoring/statistics.js';
import { type Propagation, TARGET } from '../propagation.js';
import type { Session } from '../session.js';
import type { SlotGate } from '../slot-gate.js';
import type { Lua } from './lua.js';
import { type Address, type State, TYPE } from './machine.js';
import { COUNTED, ReplyReader } from './replies.js';
import type { Run } from './script.js';

/** A number as text needs at most so many bytes. */
const NUMBER_SIZE = 32;

/** What the user who runs a script may not do. */
const DENIED = {
  command: "can't run this command or subcommand",
  key: "can't access at least one of the keys mentioned in the command arguments",
  channel: "can't publish to the channel mentioned in the command",
} as const;

/** What the node gives. */
export interface CallerParts {
  readonly table: CommandTable;
  readonly dispatcher: Dispatcher;
  readonly gatekeeper: Gatekeeper;
  readonly acl: Acl;
  readonly propagation: Propagation;
  readonly statistics: Statistics;
  readonly slotGate: SlotGate | null;
  /** The session that scripts' commands run in. */
  readonly session: Session;
}

/** Who watches a script's commands. */
export interface CallWatcher {
  called(words: readonly string[]): void;
  replied(bytes: Bytes, start: number): void;
  refused(text: string): void;
}

export class ScriptCaller {
  /** Whether commands marked `noscript` are refused, as they are outside tests. */
  respectsNoScript = true;
  /** Is told of commands. */
  watcher: CallWatcher | undefined;
  private readonly request = new Request();
  private readonly replies: ReplyReader;
  private numbersAt: Address = 0;
  private numbersSize = 0;
  private inUse = false;

  constructor(
    private readonly lua: Lua,
    private readonly parts: CallerParts,
  ) {
    this.replies = new ReplyReader(lua);
  }

  /** Runs the command in the arguments, and leaves its reply; raises errors when `raising`. */
  call(L: State, run: Run, raising: boolean): number {
    const { lua } = this;
    const complaint = this.readArguments(L);
    if (complaint !== undefined) {
      lua.pushError(L, complaint);
      return this.finish(L, raising);
    }
    if (this.inUse) {
      lua.pushError(L, 'redis.call() was called recursively');
      return 1;
    }
    this.inUse = true;
    try {
      return this.perform(L, run, raising);
    } finally {
      this.inUse = false;
    }
  }

  /** See `RedisCalls.maySend`. */
  maySend(L: State): boolean | undefined {
    const { lua, request, parts } = this;
    const complaint = this.readArguments(L);
    if (complaint !== undefined) lua.raiseError(L, complaint);
    const command = this.lookUp();
    const { user } = parts.session;
    return command && (user === null || user.denial(command, request) === null);
  }

  private perform(L: State, run: Run, raising: boolean): number {
    const { lua, parts, request } = this;
    const { session, dispatcher } = parts;
    const { reply } = dispatcher;
    const command = this.lookUp();
    this.watcher?.called(Array.from({ length: request.argc }, (_, i) => request.latin1(i)));
    const refusal = this.refusal(command, run);
    if (refusal !== undefined) {
      lua.pushError(L, refusal);
      this.watcher?.refused(refusal);
      this.countRefusal(L, command);
      return this.finish(L, raising);
    }
    const found = command!;
    if (found.flags & FLAG.write) run.wrote = true;
    const mark = reply.length;
    const { errors, resp } = reply;
    reply.resp = run.resp;
    session.resp = run.resp;
    parts.propagation.targets = run.targets;
    dispatcher.execute(session, found, request);
    parts.propagation.targets = TARGET.all;
    reply.resp = resp;
    this.watcher?.replied(reply.buffer, mark);
    const failed = reply.errors !== errors;
    reply.errors = errors;
    lua.stack.cut(L, 0);
    this.replies.push(L, reply.buffer, mark, reply.length);
    reply.length = mark;
    return this.finish(L, raising && failed);
  }

  /** With the reply or an error table at the top. */
  private finish(L: State, raise: boolean): number {
    if (raise) this.lua.api.lua_error(L);
    return 1;
  }

  // Arguments

  /** Fills the request. Answers a complaint when an argument isn't a string or number. */
  private readArguments(L: State): string | undefined {
    const { lua, request } = this;
    const { stack } = lua;
    const count = stack.size(L);
    if (count === 0) return 'Please specify at least one argument for this redis lib call';
    request.argc = 0;
    request.shrink();
    this.reserveNumbers(count);
    for (let i = 1; i <= count; i++) {
      const value = stack.at(L, i);
      const type = stack.type(value);
      if (type === TYPE.string) {
        const address = stack.string(value);
        request.push(address, address + stack.stringLength(value));
      } else if (type === TYPE.number) {
        const address = this.numbersAt + i * NUMBER_SIZE;
        request.push(address, this.writeNumber(stack.number(value), address));
      } else return 'Lua redis lib command arguments must be strings or integers';
    }
    request.buffer = lua.memory;
    return undefined;
  }

  private reserveNumbers(count: number): void {
    const size = (count + 1) * NUMBER_SIZE;
    if (size <= this.numbersSize) return;
    const { api } = this.lua;
    if (this.numbersAt !== 0) api.free(this.numbersAt);
    this.numbersSize = size * 2;
    this.numbersAt = api.malloc(this.numbersSize);
    if (this.numbersAt === 0) throw new Error('Lua is out of memory');
  }

  /** Answers the address behind the text. */
  private writeNumber(n: number, address: Address): Address {
    const { memory } = this.lua;
    if (Number.isSafeInteger(n) && !Object.is(n, -0)) return writeInteger(memory, address, n);
    return address + writeLatin1(memory, formatDouble(n), address);
  }

  private lookUp(): Command | undefined {
    return this.parts.table.resolve(this.request);
  }

  // Checks

  /** Why the command may not run, in Redis's words, or undefined. */
  private refusal(command: Command | undefined, run: Run): string | undefined {
    if (command === undefined) return 'Unknown Redis command called from script';
    if (!command.accepts(this.request.argc)) {
      return 'Wrong number of args calling Redis command from script';
    }
    const { flags } = command;
    if (flags & FLAG.noscript && this.respectsNoScript) {
      return 'This Redis command is not allowed from script';
    }
    const { session, acl } = this.parts;
    const denial = acl.refusal(session, command, this.request, 'lua', run.caller);
    if (denial !== null) return `The user executing the script ${DENIED[denial.reason]}`;
    if (run.readOnly && flags & (FLAG.write | FLAG.may_replicate)) {
      return 'Write commands are not allowed from read-only scripts.';
    }
    const { gatekeeper, slotGate } = this.parts;
    if (!gatekeeper.admits(command) && !run.caller.isObeyed) {
      const refusal = this.stateRefusal(command, run);
      if (refusal !== undefined) return refusal;
    }
    return slotGate === null || run.caller.isObeyed ? undefined : this.slotRefusal(slotGate, command, run);
  }

  /** Refused because of the node's state. A script that has written is let finish what it does. */
  private stateRefusal(command: Command, run: Run): string | undefined {
    let { flags } = command;
    if (run.wrote || run.allowsOutOfMemory) flags &= ~FLAG.denyoom;
    if (run.wrote) flags &= ~FLAG.write;
    const refusal = this.parts.gatekeeper.refusal(command, flags | FLAG.allow_busy);
    if (refusal === null) return undefined;
    if (refusal.startsWith('MASTERDOWN')) return 'Can not execute the command on a stale replica';
    return `-${refusal}`;
  }

  private slotRefusal(slotGate: SlotGate, command: Command, run: Run): string | undefined {
    const { session } = this.parts;
    session.asking = run.caller.asking;
    session.readonly = run.caller.readonly;
    const refusal = slotGate.refusal(command, this.request, session);
    switch (refusal) {
      case null:
        break;
      case DOWN:
        return 'Script attempted to execute a command while the cluster is down';
      case DOWN_READ_ONLY:
        return 'Script attempted to execute a write command while the cluster is down and readonly';
      default:
        return 'Script attempted to access a non local key in a cluster node';
    }
    const { slot } = slotGate;
    if (slot < 0 || run.allowsCrossSlot) return undefined;
    if (run.slot < 0) run.slot = slot;
    if (run.slot === slot) return undefined;
    return 'Script attempted to access keys that do not hash to the same slot';
  }

  /** The refused command's statistics; the error at the top is marked so that it isn't counted again. */
  private countRefusal(L: State, command: Command | undefined): void {
    const { statistics } = this.parts;
    const text = this.lua.field(L, 'err')!;
    statistics.countError(text.slice(0, text.indexOf(' ')));
    if (command !== undefined) statistics.rejected[command.id]++;
    this.lua.api.lua_pushboolean(L, 1);
    this.lua.api.lua_setfield(L, -2, this.lua.name(COUNTED));
  }
}
