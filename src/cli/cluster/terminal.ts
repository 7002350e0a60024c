/** The terminal of `hexis cluster`: colours by the kind of line, progress, questions. */
import { createInterface, type Interface } from 'node:readline';
import picocolors from 'picocolors';

/** Lines get redis-cli's colours by how they begin. */
const PAINT: readonly [RegExp, (text: string) => string][] = [
  [/^>>>/, picocolors.bold],
  [/^\[OK\]/, picocolors.green],
  [/^(\[WARNING\]|\*\*\* )/, picocolors.yellow],
  [/^\[ERR\]/, picocolors.red],
];

export class ClusterTerminal {
  /** With `--json`, one JSON value on stdout is all there is. */
  readonly json: boolean;
  private readonly colours = process.stdout.isTTY === true;
  private input: { lines: AsyncIterator<string>; reader: Interface } | undefined;
  private midLine = false;

  constructor(json: boolean) {
    this.json = json;
  }

  /** Prints lines; ends a line of progress first. */
  print(lines: readonly string[]): void {
    this.endProgress();
    if (this.json) return;
    for (const line of lines) process.stdout.write(`${this.paint(line)}\n`);
  }

  /** Adds to the current line: a dot for each second waited, a mark for each slot moved. */
  progress(text: string): void {
    if (this.json) return;
    process.stdout.write(text);
    this.midLine = true;
  }

  endProgress(): void {
    if (this.midLine) process.stdout.write('\n');
    this.midLine = false;
  }

  /** Errors go to stderr, in JSON mode too. */
  fail(message: string, hint?: string): void {
    this.endProgress();
    const [first, ...rest] = message.split('\n');
    const head = first.startsWith('*** ') ? first : `[ERR] ${first}`;
    const red = process.stderr.isTTY ? picocolors.red : String;
    process.stderr.write(`${[head, ...rest].map(red).join('\n')}\n`);
    if (hint !== undefined) process.stderr.write(`${hint}\n`);
  }

  /** Asks for a line; undefined at the end of input. */
  async ask(question: string): Promise<string | undefined> {
    this.endProgress();
    process.stdout.write(question);
    if (!this.input) {
      const reader = createInterface({ input: process.stdin });
      this.input = { reader, lines: reader[Symbol.asyncIterator]() };
    }
    const { done, value } = await this.input.lines.next();
    if (!process.stdin.isTTY) process.stdout.write('\n');
    return done ? undefined : value.trim();
  }

  /** Lets the process end although stdin is still open. */
  close(): void {
    this.input?.reader.close();
  }

  private paint(line: string): string {
    if (!this.colours) return line;
    return PAINT.find(([kind]) => kind.test(line))?.[1](line) ?? line;
  }
}
