/**
 * Whether an append-only file is sound, and its repair: what redis-check-aof does, in its words.
 *
 * Checked are the form of the commands and that every MULTI has its EXEC, not what the commands say. Repaired is by
 * cutting off the end of the last file, from the first thing that is wrong or from the first timestamp that is too late.
 */
import { type Disk, DiskError, type ReadFile } from '../../node/host.js';
import { allocate, type Bytes, latin1 } from '../../protocol/bytes.js';
import { checkRdb, type Print } from '../rdb/check.js';
import { ManifestError, parseManifest } from './manifest.js';

export interface AofCheckOptions {
  readonly disk: Disk;
  /** Cut off what is wrong at the end, when `confirm` agrees. */
  readonly fix: boolean;
  /** Cut off what was written later, in seconds since 1970; 0: don't. */
  readonly truncateTo: number;
  readonly print: Print;
  /** Asks a question that is to be answered with yes or no. */
  confirm(question: string): boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Checks a manifest with its files, or an append-only file of the time before there were manifests. */
export function checkAof(path: string, options: AofCheckOptions): boolean {
  try {
    new AofCheck(options).run(path);
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    options.print(error.message);
    return false;
  }
}

/** The check has come to its end, for the reason in the message. */
class Refusal extends Error {}

type Outcome = 'valid' | 'empty' | 'truncated' | 'truncated to timestamp';

class AofCheck {
  constructor(private readonly options: AofCheckOptions) {}

  run(path: string): void {
    const { print } = this.options;
    if (this.isManifest(path)) {
      print('Start checking Multi Part AOF');
      this.checkParts(path);
      print('All AOF files and manifest are valid');
      return;
    }
    const isRdb = this.isRdb(path);
    print('Start checking Old-Style AOF');
    this.report('AOF', path, this.checkFile(path, path, true, isRdb));
  }

  private checkParts(path: string): void {
    const { print } = this.options;
    const { base, increments } = this.readManifest(path);
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : './';
    if (base) {
      const isRdb = this.isRdb(folder + base.name);
      print(`Start to check BASE AOF (${isRdb ? 'RDB' : 'RESP'} format).`);
      const outcome = this.checkFile(base.name, folder + base.name, increments.length === 0, isRdb);
      this.report('BASE AOF', base.name, outcome);
    }
    if (increments.length === 0) return;
    print('Start to check INCR files.');
    for (const entry of increments) {
      const outcome = this.checkFile(entry.name, folder + entry.name, entry === increments.at(-1), false);
      this.report('INCR AOF', entry.name, outcome);
    }
  }

  private readManifest(path: string) {
    try {
      return parseManifest(latin1(this.options.disk.read(path)!));
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      const { line, text, message } = error;
      const place = line === undefined ? '' : `Reading the manifest file, at line ${line}\n>>> '${text}'\n`;
      throw new Refusal(`\n*** FATAL AOF MANIFEST FILE ERROR ***\n${place}${message}`);
    }
  }

  private report(kind: string, name: string, outcome: Outcome): void {
    const { print, truncateTo } = this.options;
    if (outcome === 'valid' || outcome === 'empty') print(`${kind} ${name} is ${outcome}`);
    else if (outcome === 'truncated') print(`Successfully truncated AOF ${name}`);
    else print(`Successfully truncated AOF ${name} to timestamp ${truncateTo}`);
  }

  private isManifest(path: string): boolean {
    return this.withFile(path, '', (file) => {
      const text = new TextFile(file, 0);
      let line = text.line(LONGEST_ANNOTATION);
      while (line?.startsWith('#')) line = text.line(LONGEST_ANNOTATION);
      return line?.startsWith('file') ?? false;
    });
  }

  private isRdb(path: string): boolean {
    return this.withFile(path, '', (file) => file.size >= 8 && new TextFile(file, 0).ahead(5) === 'REDIS');
  }

  /** @param begins whether the file begins with an RDB */
  private checkFile(name: string, path: string, isLast: boolean, begins: boolean): Outcome {
    return this.withFile(path, ', aborting...', (file) => {
      if (file.size === 0) return 'empty';
      const { now, print, truncateTo } = this.options;
      let from = 0;
      if (begins) {
        const end = checkRdb(name, file, now, print);
        if (end === undefined) throw new Refusal('RDB preamble of AOF file is not sane, aborting.');
        print('RDB preamble is OK, proceeding with AOF tail...');
        from = end;
      }
      const { whole, line, late, complaint } = scan(new TextFile(file, from), name, path, truncateTo);
      if (late) return this.truncateToTimestamp(path, whole, isLast);
      if (complaint !== '') print(complaint);
      const excess = file.size - whole;
      if (excess === 0 && truncateTo > 0) {
        print(`Truncate nothing in AOF ${name} to timestamp ${truncateTo}`);
        return 'valid';
      }
      print(
        `AOF analyzed: filename=${name}, size=${file.size}, ok_up_to=${whole}, ok_up_to_line=${line}, diff=${excess}`,
      );
      return excess === 0 ? 'valid' : this.truncate(name, path, file.size, whole, isLast);
    });
  }

  private truncate(name: string, path: string, size: number, whole: number, isLast: boolean): Outcome {
    const { fix, print, confirm } = this.options;
    if (!fix) throw new Refusal(`AOF ${name} is not valid. Use the --fix option to try fixing it.`);
    if (!isLast) throw new Refusal(`Failed to truncate AOF ${name} because it is not the last file`);
    print(
      `This will shrink the AOF ${name} from ${size} bytes, with ${size - whole} bytes, to ${whole} bytes`,
    );
    if (!confirm('Continue? [y/N]: ')) throw new Refusal('Aborting...');
    this.cut(path, whole, `Failed to truncate AOF ${name}`);
    return 'truncated';
  }

  /** @param whole where the annotation begins that is too late */
  private truncateToTimestamp(path: string, whole: number, isLast: boolean): Outcome {
    const { truncateTo } = this.options;
    if (whole === 0) {
      throw new Refusal(`AOF ${path} has nothing before timestamp ${truncateTo}, aborting...`);
    }
    if (!isLast) {
      throw new Refusal(
        `Failed to truncate AOF ${path} to timestamp ${truncateTo} to offset ${whole} because it is not the last file.\n` +
          'If you insist, please delete all files after this file according to the manifest file and delete the corresponding records in manifest file manually. Then re-run redis-check-aof.',
      );
    }
    this.cut(path, whole, `Failed to truncate AOF ${path} to timestamp ${truncateTo}`);
    return 'truncated to timestamp';
  }

  private cut(path: string, size: number, complaint: string): void {
    try {
      const file = this.options.disk.append(path);
      file.truncate(size);
      file.syncNow();
      file.close();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      throw new Refusal(complaint);
    }
  }

  private withFile<T>(path: string, ending: string, use: (file: ReadFile) => T): T {
    const cannot = (reason: string) => new Refusal(`Cannot open file ${path}: ${reason}${ending}`);
    let file: ReadFile | undefined;
    try {
      file = this.options.disk.open(path);
      if (file === undefined) throw cannot('No such file or directory');
      return use(file);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      throw cannot(error.message);
    } finally {
      file?.close();
    }
  }
}

interface Scan {
  /** Up to where everything is in order, and the line that this is. */
  readonly whole: number;
  readonly line: number;
  /** Whether at `whole` there is a timestamp that is too late. */
  readonly late: boolean;
  /** What is wrong, '' when there is nothing to be said about it. */
  readonly complaint: string;
}

/** Reads commands up to the end, the first that is not in order or the first timestamp beyond `truncateTo`, unless 0. */
function scan(text: TextFile, name: string, path: string, truncateTo: number): Scan {
  const commands = new CommandCheck(text, path);
  let whole = text.position;
  let late = false;
  let complaint = '';
  try {
    for (;;) {
      if (!commands.inTransaction) whole = text.position;
      const first = text.ahead(1);
      if (first === '') {
        if (commands.inTransaction) commands.fail('Reached EOF before reading EXEC for MULTI');
        break;
      }
      if (first === '#') {
        late = isLate(commands.annotation(), truncateTo);
        if (late) {
          whole = commands.start;
          break;
        }
      } else if (first === '*') commands.next();
      else throw new Disorder(`AOF ${name} format error`);
    }
  } catch (error) {
    if (!(error instanceof Disorder)) throw error;
    complaint = error.message;
  }
  return { whole, line: commands.line, late, complaint };
}

const LONGEST_ANNOTATION = 1024;

/** Whether an annotation is a timestamp beyond `limit`, unless that is 0. */
function isLate(annotation: string, limit: number): boolean {
  if (limit === 0 || !annotation.startsWith('#TS:')) return false;
  const digits = /^\s*[-+]?\d+(?=\r)/.exec(annotation.slice(4));
  if (digits === null) throw new Refusal('Invalid timestamp annotation');
  return Number(digits[0]) > limit;
}

/** Something that isn't in order, in the message. */
class Disorder extends Error {}

/** Reads commands, each an array of bulk strings, and says what is wrong with them. */
class CommandCheck {
  /** The line being read, from 1. */
  line = 1;
  inTransaction = false;
  /** Where the annotation or the part of a command begins that was read last. */
  start = 0;

  constructor(
    private readonly text: TextFile,
    private readonly path: string,
  ) {}

  next(): void {
    const count = this.number('*');
    for (let i = 0; i < count; i++) {
      const word = this.string();
      if (i === 0) this.transaction(word.toLowerCase());
    }
  }

  annotation(): string {
    this.start = this.text.position;
    return this.text.line(LONGEST_ANNOTATION)!;
  }

  fail(complaint: string): never {
    throw new Disorder(`0x${this.start.toString(16).padStart(16)}: ${complaint}`);
  }

  private transaction(name: string): void {
    if (name === 'multi') {
      if (this.inTransaction) this.fail(`Unexpected MULTI in AOF ${this.path}`);
      this.inTransaction = true;
    } else if (name === 'exec') {
      if (!this.inTransaction) this.fail(`Unexpected EXEC in AOF ${this.path}`);
      this.inTransaction = false;
    }
  }

  private number(prefix: string): number {
    this.start = this.text.position;
    const line = this.text.line(LONGEST_NUMBER_LINE);
    if (line === undefined) {
      if (this.inTransaction) this.fail('Reached EOF before reading EXEC for MULTI');
      throw new Disorder('');
    }
    if (line[0] !== prefix) this.fail(`Expected prefix '${prefix}', got: '${line[0]}'`);
    const digits = /^[ \t]*[-+]?\d+/.exec(line.slice(1))?.[0] ?? '';
    this.newline(line.slice(1 + digits.length));
    return Number(digits);
  }

  /** A bulk string; answers its first letters. */
  private string(): string {
    const length = this.number('$');
    if (length < 0 || length > Number.MAX_SAFE_INTEGER) {
      this.fail(`Expected to read string of ${length} bytes, which is not in the suitable range`);
    }
    const { text } = this;
    this.start = text.position;
    if (text.left < length + 2) {
      this.fail(`Expected to read ${length + 2} bytes, got ${text.left} bytes`);
    }
    const beginning = text.ahead(Math.min(length, LONGEST_NAME));
    text.position += length;
    this.newline(text.ahead(2));
    text.position += 2;
    return beginning;
  }

  private newline(found: string): void {
    if (!found.startsWith('\r\n')) {
      const hex = (i: number) => (found.charCodeAt(i) || 0).toString(16).padStart(2, '0');
      this.fail(`Expected \\r\\n, got: ${hex(0)}${hex(1)}`);
    }
    this.line++;
  }
}

/** A line with a number is shorter than this. */
const LONGEST_NUMBER_LINE = 128;
/** More of a command's name doesn't matter. */
const LONGEST_NAME = 6;

const WINDOW_BYTES = 256 * 1024;

/** A file read from front to back, a window at a time. */
class TextFile {
  private readonly window: Bytes;
  private windowStart = 0;
  private windowLength = 0;

  /** @param position of the next byte to be read; may be set */
  constructor(
    private readonly file: ReadFile,
    public position: number,
  ) {
    this.window = allocate(Math.min(WINDOW_BYTES, file.size + 1));
  }

  /** Bytes from the position to the end. */
  get left(): number {
    return this.file.size - this.position;
  }

  /** Up to `length` bytes from the position on, which stays where it is; fewer only at the end. Much less than a window. */
  ahead(length: number): string {
    const start = this.need(length);
    return latin1(this.window, start, Math.min(start + length, this.windowLength));
  }

  /** The next line with its newline, or its first `limit` - 1 bytes; undefined at the end. */
  line(limit: number): string | undefined {
    const start = this.need(limit - 1);
    const end = Math.min(start + limit - 1, this.windowLength);
    if (start === end) return undefined;
    const newline = this.window.subarray(start, end).indexOf(LF);
    const line = latin1(this.window, start, newline < 0 ? end : start + newline + 1);
    this.position += line.length;
    return line;
  }

  /** Has `length` bytes from the position on in the window, as far as there are any; answers where they begin in it. */
  private need(length: number): number {
    const start = this.position - this.windowStart;
    if (start >= 0 && start + length <= this.windowLength) return start;
    const { file, window } = this;
    this.windowStart = this.position;
    this.windowLength = file.read(window, 0, window.length, this.position);
    return 0;
  }
}

const LF = 10;
