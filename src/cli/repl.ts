/**
 * The interactive mode: lines in, commands out, on a terminal or from a pipe.
 */
import type { Readable } from 'node:stream';
import { type ByteText, fromUnicode } from './byte-text.js';
import { type CommandDoc, completions, hint, isHelp, loadCommandDocs, printHelp } from './command-docs.js';
import { History, isSensitive } from './history.js';
import { LineEditor } from './line-editor.js';
import { loadPreferences, type Preferences, setPreference } from './preferences.js';
import { splitArguments } from './quoting.js';
import type { Output, Session } from './session.js';

/** What a typed line means. */
export type Line =
  | { readonly kind: 'blank' | 'unbalanced' | 'bad-repeat' }
  | { readonly kind: 'command'; readonly args: readonly ByteText[]; readonly repeat: number };

/** Splits a line and takes a repeat count in front of it (`5 incr x`) apart. */
export function parseLine(text: ByteText): Line {
  const args = splitArguments(text);
  if (!args) return { kind: 'unbalanced' };
  if (args.length === 0) return { kind: 'blank' };
  if (args.length === 1 || !/^(?:\s*[+-]?\d+)?$/.test(args[0])) return { kind: 'command', args, repeat: 1 };
  const repeat = Number(args[0]);
  if (!(repeat > 0 && repeat <= Number.MAX_SAFE_INTEGER)) return { kind: 'bad-repeat' };
  return { kind: 'command', args: args.slice(1), repeat };
}

/** Commands that take at least this long say how long, in milliseconds. */
const SLOW = 500;

/** What typed lines go to. */
export interface LineRunner {
  readonly prompt: string;
  /** Called before a line is read at the prompt. */
  prepare(): Promise<void>;
  /** Runs one line; answers whether there are to be more. */
  run(text: ByteText): Promise<boolean>;
}

/** The commands that the CLI itself understands, and everything else to the server. */
export class Interpreter implements LineRunner {
  readonly session: Session;
  readonly output: Output;
  readonly preferences: Preferences = { hints: true };
  docs: readonly CommandDoc[] | undefined;

  constructor(session: Session, output: Output) {
    this.session = session;
    this.output = output;
  }

  get prompt(): string {
    return this.session.prompt;
  }

  /** Asks a server that hasn't been asked for its commands: for hints and completion. */
  async prepare(): Promise<void> {
    if (!this.docs?.length && this.session.connection) this.docs = await loadCommandDocs(this.session);
  }

  async run(text: ByteText): Promise<boolean> {
    const line = parseLine(text);
    switch (line.kind) {
      case 'blank':
        return true;
      case 'unbalanced':
        this.output.write('Invalid argument(s)\n');
        return true;
      case 'bad-repeat':
        this.output.write('Invalid redis-cli repeat command option value.\n');
        return true;
      case 'command':
        return this.command(line.args, line.repeat);
    }
  }

  private async command(args: readonly ByteText[], repeat: number): Promise<boolean> {
    const name = args[0].toLowerCase();
    if (name === 'quit' || name === 'exit') return false;
    if (name.startsWith(':')) {
      const complaint = setPreference(this.preferences, args);
      if (complaint) this.output.write(`${complaint}\n`);
    } else if (name === 'connect' && args.length === 3) {
      await this.session.connectTo({ host: args[1], port: Number.parseInt(args[2], 10) || 0 });
    } else if (name === 'clear' && args.length === 1) {
      this.output.write('\x1b[H\x1b[2J');
    } else if (name === 'restart') {
      this.output.write("Use 'restart' only in Lua debugging mode.\n");
    } else if (isHelp(args)) {
      await printHelp(this.session, args.slice(1), this.output, this.docs);
    } else {
      const start = performance.now();
      await this.session.issue(args, repeat);
      const elapsed = performance.now() - start;
      if (elapsed >= SLOW && this.session.settings.style.format === 'standard')
        this.output.write(`(${(elapsed / 1000).toFixed(2)}s)\n`);
    }
    return true;
  }
}

/** Runs lines from the terminal or from standard input until they end; `runner` is the interpreter, or before it. */
export function converse(interpreter: Interpreter, runner: LineRunner = interpreter): Promise<void> {
  return process.stdin.isTTY ? runTerminal(interpreter, runner) : runLines(runner, process.stdin);
}

/** Runs the commands of a pipe or file, one a line, without prompt and history. */
async function runLines(runner: LineRunner, input: Readable): Promise<void> {
  input.setEncoding('latin1');
  let rest = '';
  for await (const chunk of input) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (!(await runner.run(line))) return;
  }
  await runner.run(rest);
}

/** Runs the prompt until the user leaves. */
async function runTerminal(interpreter: Interpreter, runner: LineRunner): Promise<void> {
  const { session, output, preferences } = interpreter;
  for (const complaint of loadPreferences(preferences)) output.write(`${complaint}\n`);

  const editor = new LineEditor({
    history: new History(),
    keep: (line) => isWorthKeeping(fromUnicode(line)),
    complete: (line) => completions(line, interpreter.docs ?? []),
    hint: (line) => (preferences.hints ? hint(line, interpreter.docs ?? []) : undefined),
  });
  // While a command runs, Ctrl-C ends what streams, or else the program.
  const interrupt = () => {
    if (!session.interrupt()) process.exit(1);
  };
  process.on('SIGINT', interrupt);
  try {
    for (;;) {
      await runner.prepare();
      const line = await editor.read(runner.prompt);
      if (line === undefined || !(await runner.run(fromUnicode(line)))) return;
    }
  } finally {
    process.off('SIGINT', interrupt);
    editor.close();
  }
}

/** Whether a line belongs in the history. */
export function isWorthKeeping(text: ByteText): boolean {
  const line = parseLine(text);
  return line.kind === 'unbalanced' || (line.kind === 'command' && !isSensitive(line.args));
}
