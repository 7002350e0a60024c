/**
 * `--ldb`: the debugger of Lua scripts. EVAL answers where the script has stopped; from then on what is typed goes to
 * the debugger, until it says that the session has ended and EVAL's own reply follows. Then the prompt is the ordinary
 * one, at which `restart` begins anew.
 */
import type { Reply } from '../../protocol/reply-tree.js';
import type { ByteText } from '../byte-text.js';
import { splitArguments } from '../quoting.js';
import { renderReply } from '../render.js';
import { converse, Interpreter, type LineRunner } from '../repl.js';
import { ask, connectionOf, itemsOf, type ModeContext, textOf } from './mode.js';

const GREETING = `Lua debugging session started, please use:
quit    -- End the session.
restart -- Restart the script in debug mode again.
help    -- Show Lua script debugging commands.

`;
const END_OF_SESSION = '<endsession>';

/** Debugs the script that this EVAL runs. */
export async function debugScript(context: ModeContext, command: readonly ByteText[]): Promise<number> {
  const interpreter = new Interpreter(context.session, context.output);
  const script = new DebuggedScript(interpreter, command, context.options.ldb === 'sync');
  if (await script.begin()) await converse(interpreter, script);
  return 0;
}

class DebuggedScript implements LineRunner {
  private debugging = false;

  constructor(
    private readonly plain: Interpreter,
    private readonly command: readonly ByteText[],
    /** The server waits meanwhile, and what the script writes stays. */
    private readonly synchronous: boolean,
  ) {}

  get prompt(): string {
    return this.debugging ? 'lua debugger> ' : this.plain.prompt;
  }

  async prepare(): Promise<void> {
    if (!this.debugging) await this.plain.prepare();
  }

  /** Answers whether the script has stopped at its beginning; prints why when it can't run at all. */
  async begin(): Promise<boolean> {
    const { session, output } = this.plain;
    output.write(GREETING);
    await ask(session, ['SCRIPT', 'DEBUG', this.synchronous ? 'SYNC' : 'YES']);
    await this.exchange(this.command);
    if (this.debugging) return true;
    output.write("Eval debugging session can't start:\n");
    await this.printResult();
    return false;
  }

  async run(text: ByteText): Promise<boolean> {
    const { output } = this.plain;
    const args = debuggerWords(text);
    const word = args?.[0]?.toLowerCase();
    if (word === 'restart') {
      await this.plain.session.connect();
      output.write('\n');
      return this.begin();
    }
    if (!this.debugging) return this.plain.run(text);
    if (word === 'quit' || word === 'exit') return false;
    if (args === undefined) output.write('Invalid argument(s)\n');
    else if (args.length > 0) {
      await this.exchange(args);
      if (!this.debugging) await this.end();
    }
    return true;
  }

  /** Sends words to the debugger and prints its answer, which may be that the session has ended. */
  private async exchange(words: readonly ByteText[]): Promise<void> {
    connectionOf(this.plain.session).send(words);
    const lines = itemsOf(await this.receive()).map(textOf);
    this.debugging = !lines.includes(END_OF_SESSION);
    const shown = lines.map((line) => (line === END_OF_SESSION ? '' : coloured(line)));
    this.plain.output.write(`${shown.join('\n')}\n`);
  }

  private async end(): Promise<void> {
    await this.printResult();
    const changes = this.synchronous ? '' : ' -- dataset changes rolled back';
    this.plain.output.write(`\n(Lua debugging session ended${changes})\n\n`);
    // redis-server has debugged in a process of its own, which has gone with the connection.
    await this.plain.session.connect();
  }

  private async printResult(): Promise<void> {
    const { session, output } = this.plain;
    output.write(renderReply(await this.receive(), session.settings.style));
  }

  private receive(): Promise<Reply> {
    return connectionOf(this.plain.session).receive();
  }
}

/** Code is one word, however it is quoted. */
function debuggerWords(text: ByteText): ByteText[] | undefined {
  const code = /^(e|eval) (.*)$/s.exec(text);
  return code === null ? splitArguments(text) : [code[1], code[2]];
}

/** The colour of a line of the debugger, by what it is about; later entries win. */
const COLOURS: readonly (readonly [RegExp, bold: number, colour: number])[] = [
  [/<debug>/, 1, 37],
  [/<redis>/, 0, 32],
  [/<reply>/, 0, 36],
  [/<error>/, 0, 31],
  [/<hint>/, 1, 37],
  [/<value>|<retval>/, 0, 35],
  [/^..#\d./s, 1, 37], // a breakpoint
  [/^.>.\d./s, 0, 33], // where the script has stopped
];

function coloured(line: ByteText): ByteText {
  const [, bold, colour] = COLOURS.findLast(([pattern]) => pattern.test(line)) ?? [/^/, 0, 37];
  return `\x1b[${bold};${colour};49m${line}\x1b[0m`;
}
