/**
 * The line editor of the prompt: Node's readline, plus what it lacks. Hints in grey behind the cursor; a history
 * that decides what it keeps; and between two lines the terminal in its ordinary mode, so that while a command runs
 * Ctrl-C is a signal and what is typed waits in the system.
 */
import { createInterface, type Interface } from 'node:readline';
import { History } from './history.js';

export interface LineEditorOptions {
  readonly history: History;
  /** Whether a line may be remembered. */
  readonly keep: (line: string) => boolean;
  /** Whole lines that the typed one may become. */
  readonly complete: (line: string) => string[];
  /** What to show behind the line, if anything. */
  readonly hint: (line: string) => string | undefined;
}

const GREY = '\x1b[90m';
const RESET = '\x1b[0m';
const CLEAR_TO_END = '\x1b[0J';

/** `prevRows` is readline's count of the prompt's rows above the cursor. */
type Readline = Interface & { prevRows: number };

export class LineEditor {
  private readonly readline: Readline;
  private readonly hint: LineEditorOptions['hint'];
  private hintShown = false;
  /** Entered and not read yet: several lines can be pasted at once. */
  private readonly entered: string[] = [];
  private ended = false;
  private wake = () => {};

  constructor({ history, keep, complete, hint }: LineEditorOptions) {
    this.hint = hint;
    process.stdin.prependListener('keypress', this.beforeKey);
    this.readline = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      history: history.newestFirst(),
      historySize: History.SIZE,
      completer: (line: string) => [complete(line), line],
    }) as Readline;
    process.stdin.on('keypress', this.afterKey);
    this.readline.on('history', (lines: string[]) => {
      if (keep(lines[0] ?? '')) history.save(lines);
      else lines.shift();
    });
    this.readline.on('line', (line) => {
      this.entered.push(line);
      this.wake();
    });
    const end = () => {
      this.ended = true;
      this.wake();
    };
    this.readline.on('close', end).on('SIGINT', end);
  }

  /** The next line; `undefined` when the user leaves with Ctrl-D or Ctrl-C. */
  async read(prompt: string): Promise<string | undefined> {
    const readline = this.readline;
    if (this.entered.length === 0 && !this.ended) {
      process.stdin.setRawMode(true);
      readline.prevRows = 0;
      readline.setPrompt(prompt);
      readline.prompt(true); // What was typed ahead stays.
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.clearHint();
      readline.pause();
      process.stdin.setRawMode(false);
    }
    const line = this.entered.shift();
    // Output begins on a line of its own; what was typed ahead comes again behind the next prompt.
    if (line === undefined || readline.line !== '') process.stdout.write('\n');
    return line;
  }

  close(): void {
    process.stdin.off('keypress', this.beforeKey).off('keypress', this.afterKey);
    this.readline.close();
  }

  private readonly beforeKey = (): void => this.clearHint();

  private readonly afterKey = (): void => {
    // At a line's end there is nothing more to draw.
    if (this.ended || this.entered.length > 0) return;
    this.countRows();
    this.showHint();
  };

  /**
   * Node.js 20's readline does not count a row when typing at the end wraps the line, and later redraws in the wrong
   * place.
   */
  private countRows(): void {
    const { rows, cols } = this.readline.getCursorPos();
    // At the very edge a terminal wraps only with the next character: make it.
    if (rows > this.readline.prevRows && cols === 0) process.stdout.write(' \b');
    this.readline.prevRows = rows;
  }

  private showHint(): void {
    const { line, cursor } = this.readline;
    if (line === '' || cursor !== line.length) return;
    // Only as much as fits on the row: a hint must not scroll the screen.
    const room = process.stdout.columns - this.readline.getCursorPos().cols - 1;
    const text = this.hint(line)?.slice(0, Math.max(0, room));
    if (!text) return;
    process.stdout.write(`${GREY}${text}${RESET}\x1b[${text.length}D`);
    this.hintShown = true;
  }

  private clearHint(): void {
    if (!this.hintShown) return;
    process.stdout.write(CLEAR_TO_END);
    this.hintShown = false;
  }
}
