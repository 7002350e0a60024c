/**
 * The debugger of scripts: SCRIPT DEBUG SYNC, and what `redis-cli --ldb --ldb-sync-mode` talks to.
 *
 * Lua's line hook asks at each new line whether to stop there. To stop is to interrupt the script as one that takes
 * long is interrupted (execution.ts); the node refuses other clients with BUSY meanwhile, and the caller's requests are
 * commands to the debugger until one lets the script go on. Each is answered with lines of text; what happens on the way
 * to the next stop is reported with that. Not stopped at are lines that can't be interrupted: callbacks of string.gsub
 * and the like.
 *
 * Redis's other mode, in which a forked process plays the script through and forgets what it wrote, needs a fork.
 */
import { type Bytes, latin1 } from '../../protocol/bytes.js';
import { replyText, valueText } from './debug-values.js';
import type { Lua } from './lua.js';
import { type Address, DEBUG_RECORD, LINE_EVENT, LUA, STATUS, type State } from './machine.js';
import type { Workshop, World } from './workshop.js';

const MINUS = 0x2d;
const CR = 13;

const MOST_BREAKPOINTS = 64;
/** Values are cut off after so many bytes, unless told otherwise. */
const SHOWN_BYTES = 256;
const LEAST_SHOWN_BYTES = 60;
/** Lines shown before and after one. */
const CONTEXT = 5;
/** Words of a command shown. */
const SHOWN_WORDS = 10;
/** The name of the chunk that is debugged. */
const SCRIPT = 'user_script';

const UNKNOWN = '<error> Unknown Redis Lua debugger command or wrong number of arguments.';

const HELP = [
  'Commands of the debugger, which may be shortened to their first letter:',
  'step, next            Runs this line and stops at the next.',
  'continue              Runs to the next breakpoint.',
  'list [line] [ctx]     Shows the source around a line (0: the current one), ctx lines before and after it.',
  'whole                 Shows all of the source.',
  'print [var]           Shows a variable (also KEYS and ARGV), or all local ones.',
  'break [line]          Stops at a line; without one shows where, -line: no longer, 0: nowhere.',
  'trace                 Shows who called whom.',
  'eval <code>           Runs Lua code, outside of the current function.',
  'redis <cmd>           Runs a command.',
  'maxlen [len]          Cuts what is shown off after len bytes, 0: never.',
  'abort                 Ends the script. What it has written stays.',
  'A script can call redis.breakpoint() to stop, and redis.debug() to show its arguments here.',
];

/** What becomes of the script after a command. */
export type Verdict = 'stays' | 'goes on' | 'is aborted';

export class Debugger {
  private readonly lua: Lua;
  private readonly source: readonly string[];
  private lines: string[] = [];
  private breakpoints: number[] = [];
  /** Stops at the next line, whichever it is. */
  private stepping = true;
  private calledForStop = false;
  private line = 0;
  /** The line on which the script goes on: Lua announces it once more. */
  private leaving = 0;
  private shownBytes = SHOWN_BYTES;
  private knowsMaxlen = false;

  constructor(
    private readonly workshop: Workshop,
    private readonly world: World,
    source: string,
  ) {
    this.lua = workshop.lua;
    this.source = source.replace(/[\r\n]+$/, '').split('\n');
  }

  /**
   * From the hook: whether the script stops here.
   * @param overdue it has run for so long that it may never end
   */
  stopsAt(L: State, record: Address, overdue: boolean): boolean {
    const { lua } = this;
    const isLine = lua.machine.view.getInt32(record + DEBUG_RECORD.event, true) === LINE_EVENT;
    lua.api.lua_getinfo(L, lua.name('Sl'), record);
    const { view } = lua.machine;
    if (!lua.cString(view.getUint32(record + DEBUG_RECORD.source, true)).includes(SCRIPT)) return false;
    const line = view.getInt32(record + DEBUG_RECORD.currentLine, true);
    const again = isLine && line === this.leaving;
    this.leaving = 0;
    this.line = line;
    if (again || !this.workshop.executor.canInterrupt(L)) return false;
    const reason = this.reason(isLine, overdue);
    if (reason === undefined) return false;
    this.stepping = false;
    this.calledForStop = false;
    this.log(`* Stopped at ${line}, stop reason = ${reason}`);
    this.logSource(line);
    return true;
  }

  private reason(isLine: boolean, overdue: boolean): string | undefined {
    if (this.calledForStop) return 'redis.breakpoint() called';
    if (isLine && this.breakpoints.includes(this.line)) return 'break point';
    if (isLine && this.stepping) return 'step over';
    return overdue ? 'timeout reached, infinite loop?' : undefined;
  }

  /** What there is to tell since the last time. */
  takeLines(): string[] {
    const { lines } = this;
    this.lines = [];
    return lines;
  }

  // From the script

  /** redis.breakpoint. */
  breakpoint(): void {
    this.calledForStop = true;
  }

  /** redis.debug: shows its arguments. */
  show(L: State): void {
    const { api } = this.lua;
    const texts: string[] = [];
    for (let i = 1, count = api.lua_gettop(L); i <= count; i++) {
      api.lua_pushvalue(L, i);
      texts.push(valueText(this.lua, L));
      this.lua.pop(L);
    }
    this.log(`<debug> line ${this.line}: ${texts.join(', ')}`);
  }

  /** redis.call, in a step. */
  called(words: readonly string[]): void {
    if (!this.stepping) return;
    const more = words.length > SHOWN_WORDS ? [`... (${words.length - SHOWN_WORDS - 1} more)`] : [];
    this.log(['<redis>', ...words.slice(0, SHOWN_WORDS), ...more].join(' '));
  }

  replied(bytes: Bytes, start: number): void {
    if (!this.stepping) return;
    if (bytes[start] === MINUS) this.refused(latin1(bytes, start, bytes.indexOf(CR, start)));
    this.logShortened(`<reply> ${replyText(bytes, start)}`);
  }

  refused(text: string): void {
    if (this.stepping) this.log(`<error> ${text}`);
  }

  // From the user

  /** A command, while the script stands still. */
  command(words: readonly string[]): Verdict {
    switch (words[0]?.toLowerCase()) {
      case 's':
      case 'step':
      case 'n':
      case 'next':
        this.stepping = true;
        return this.leave();
      case 'c':
      case 'continue':
        return this.leave();
      case 'a':
      case 'abort':
        return 'is aborted';
      case 'h':
      case 'help':
        for (const line of HELP) this.log(line);
        break;
      case 'l':
      case 'list':
        this.list(
          Math.max(0, Number.parseInt(words[1] ?? '0', 10)) || this.line,
          Number(words[2] ?? CONTEXT),
        );
        break;
      case 'w':
      case 'whole':
        this.list(1, this.source.length);
        break;
      case 'p':
      case 'print':
        if (words.length === 2) this.print(words[1]);
        else this.printLocals();
        break;
      case 'b':
      case 'break':
        if (words.length === 1) this.showBreakpoints();
        else for (const word of words.slice(1)) this.changeBreakpoint(word);
        break;
      case 't':
      case 'trace':
        this.trace();
        break;
      case 'e':
      case 'eval':
        this.evaluate(words.slice(1).join(' '));
        break;
      case 'm':
      case 'maxlen':
        this.maxlen(words[1]);
        break;
      case 'r':
      case 'redis':
        if (words.length > 1) this.callRedis(words.slice(1));
        else this.log(UNKNOWN);
        break;
      default:
        this.log(UNKNOWN);
    }
    return 'stays';
  }

  private leave(): Verdict {
    this.leaving = this.line;
    return 'goes on';
  }

  private list(around: number, context: number): void {
    const first = Math.max(1, around - context);
    const last = Math.min(this.source.length, around + context);
    for (let line = first; line <= last; line++) this.logSource(line);
  }

  private print(name: string): void {
    const { lua, world } = this;
    const { main } = world;
    if (this.printLocal(name)) return;
    if (name !== 'ARGV' && name !== 'KEYS') {
      this.log('No such variable.');
      return;
    }
    lua.api.lua_rawgeti(main, LUA.registry, world.globals);
    lua.api.lua_getfield(main, -1, lua.name(name));
    this.logValue('<value> ');
    lua.pop(main, 2);
  }

  private printLocals(): void {
    let some = false;
    this.eachLocal(0, (name) => {
      if (name.includes('(*temporary)')) return;
      this.logValue(`<value> ${name} = `);
      some = true;
    });
    if (!some) this.log('No local variables in the current context.');
  }

  /** The first of that name, from the innermost function out; false when there is none. */
  private printLocal(name: string): boolean {
    let found = false;
    const look = (local: string) => {
      if (found || local !== name) return;
      this.logValue('<value> ');
      found = true;
    };
    for (let level = 0; !found && this.eachLocal(level, look); level++);
    return found;
  }

  /** Visits the local variables of a function, their values at the top of the main state; false: no such level. */
  private eachLocal(level: number, visit: (name: string) => void): boolean {
    const { lua, world, workshop } = this;
    const { api } = lua;
    const L = workshop.executor.current;
    const record = lua.scratch(DEBUG_RECORD.size);
    if (api.lua_getstack(L, level, record) === 0) return false;
    for (let n = 1; ; n++) {
      const name = api.lua_getlocal(L, record, n);
      if (name === 0) return true;
      const text = lua.cString(name);
      api.lua_xmove(L, world.main, 1);
      visit(text);
      lua.pop(world.main);
    }
  }

  private showBreakpoints(): void {
    const { breakpoints } = this;
    if (breakpoints.length === 0) this.log("No breakpoints set. Use 'b <line>' to add one.");
    else this.log(`${breakpoints.length} breakpoints set:`);
    for (const line of breakpoints) this.logSource(line);
  }

  private changeBreakpoint(word: string): void {
    const line = /^-?\d+$/.test(word) ? Number(word) : undefined;
    if (line === undefined) this.log(`Invalid argument:'${word}'`);
    else if (line === 0) {
      this.breakpoints = [];
      this.log('All breakpoints removed.');
    } else if (line < 0) {
      const has = this.breakpoints.includes(-line);
      this.breakpoints = this.breakpoints.filter((other) => other !== -line);
      this.log(has ? 'Breakpoint removed.' : 'No breakpoint in the specified line.');
    } else if (this.breakpoints.length === MOST_BREAKPOINTS) this.log('Too many breakpoints set.');
    else if (line > this.source.length) this.log('Wrong line number.');
    else {
      if (!this.breakpoints.includes(line)) this.breakpoints.push(line);
      this.list(line, 1);
    }
  }

  private trace(): void {
    const { lua, workshop } = this;
    const { api } = lua;
    const L = workshop.executor.current;
    const record = lua.scratch(DEBUG_RECORD.size);
    for (let level = 0; api.lua_getstack(L, level, record) !== 0; level++) {
      api.lua_getinfo(L, lua.name('Snl'), record);
      const { view } = lua.machine;
      if (!lua.cString(view.getUint32(record + DEBUG_RECORD.source, true)).includes(SCRIPT)) continue;
      const name = view.getUint32(record + DEBUG_RECORD.name, true);
      this.log(`${level === 0 ? 'In' : 'From'} ${name === 0 ? 'top level' : lua.cString(name)}:`);
      this.logSource(view.getInt32(record + DEBUG_RECORD.currentLine, true));
    }
  }

  /** Code as an expression, or else as statements. */
  private evaluate(code: string): void {
    const { lua, world, workshop } = this;
    const asExpression = workshop.compile(world, `return ${code}`, '@ldb_eval');
    const complaint = asExpression && workshop.compile(world, code, '@ldb_eval');
    if (complaint !== undefined) this.log(`<error> ${complaint}`);
    else if (lua.api.lua_pcall(world.main, 0, 1, 0) === STATUS.ok) {
      this.logValue('<retval> ');
      lua.pop(world.main);
    } else this.logError();
  }

  /** A command, which reports itself as in a step. */
  private callRedis(words: readonly string[]): void {
    const { lua, world } = this;
    const { api } = lua;
    const { main } = world;
    api.lua_checkstack(main, words.length + 3);
    api.lua_rawgeti(main, LUA.registry, world.globals);
    api.lua_getfield(main, -1, lua.name('redis'));
    api.lua_getfield(main, -1, lua.name('call'));
    for (const word of words) lua.pushText(main, word);
    this.stepping = true;
    api.lua_pcall(main, words.length, 1, 0); // an error has been reported
    this.stepping = false;
    lua.pop(main, 3);
  }

  private maxlen(word: string | undefined): void {
    if (word !== undefined) {
      const bytes = Number.parseInt(word, 10) || 0;
      this.knowsMaxlen = true;
      this.shownBytes = bytes === 0 ? 0 : Math.max(LEAST_SHOWN_BYTES, bytes);
    }
    this.log(
      this.shownBytes === 0
        ? '<value> replies are unlimited.'
        : `<value> replies are truncated at ${this.shownBytes} bytes.`,
    );
  }

  // Telling

  /** The error at the top of the main state, which goes. */
  private logError(): void {
    const { lua, world } = this;
    this.log(`<error> ${lua.text(world.main, -1) ?? lua.field(world.main, 'err') ?? ''}`);
    lua.pop(world.main);
  }

  /** The value at the top of the main state, which stays. */
  private logValue(prefix: string): void {
    this.logShortened(prefix + valueText(this.lua, this.world.main));
  }

  private logShortened(text: string): void {
    const { shownBytes } = this;
    if (shownBytes === 0 || text.length <= shownBytes) {
      this.log(text);
      return;
    }
    this.log(`${text.slice(0, shownBytes)} ...`);
    if (this.knowsMaxlen) return;
    this.knowsMaxlen = true;
    this.log("<hint> The above reply was trimmed. Use 'maxlen 0' to disable trimming.");
  }

  private logSource(line: number): void {
    const isBreakpoint = this.breakpoints.includes(line);
    const mark = line === this.line ? (isBreakpoint ? '->#' : '-> ') : isBreakpoint ? '  #' : '   ';
    const text = this.source[line - 1] ?? '<out of range source code line>';
    this.log(`${mark}${String(line).padEnd(3)} ${text}`);
  }

  private log(line: string): void {
    this.lines.push(line.replace(/[\r\n]/g, ' '));
  }
}
