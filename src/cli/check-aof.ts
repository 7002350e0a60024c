/** `hexis check-aof`: redis-check-aof. */
import { readSync } from 'node:fs';
import { DirectoryDisk } from '../io/disk.js';
import { checkAof } from '../persistence/aof/check.js';

const USAGE = `Usage: hexis check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>

Says whether an append-only file is in order: all files that a manifest names, or one
file of the time before Redis 7. The server must not be running.

  --fix                              cut off the end, from the first thing that is wrong
  --truncate-to-timestamp SECONDS    cut off what was written later than this, in seconds
                                     since 1970 (needs aof-timestamp-enabled)
`;

/** Answers the exit code: 0 when the file is sound, or has been made so. */
export async function run(args: string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === undefined) {
    process.stdout.write(USAGE);
    return args.length === 1 ? 0 : 1; // --help alone
  }
  const { truncateTo } = options;
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  if (!/^\s*[-+]?\d+$/.test(truncateTo)) {
    print('Invalid timestamp, aborting...');
    return 1;
  }
  const sound = checkAof(options.path, {
    disk: new DirectoryDisk(process.cwd()),
    fix: options.fix,
    truncateTo: Number(truncateTo),
    print,
    confirm,
    now: Date.now(),
  });
  return sound ? 0 : 1;
}

/** Undefined when the arguments are none that the command takes. */
function optionsOf(args: string[]): { fix: boolean; truncateTo: string; path: string } | undefined {
  const [first, second, third] = args;
  if (args.length === 1 && first !== '-h' && first !== '--help') {
    return { fix: false, truncateTo: '0', path: first };
  }
  if (args.length === 2 && first === '--fix') return { fix: true, truncateTo: '0', path: second };
  if (args.length === 3 && first === '--truncate-to-timestamp') {
    return { fix: false, truncateTo: second, path: third };
  }
  return undefined;
}

/** Asks on the terminal and waits for a line. */
function confirm(question: string): boolean {
  process.stdout.write(question);
  const answer = Buffer.alloc(64);
  const length = readSync(0, answer, 0, answer.length, null);
  return /^y/i.test(answer.toString('latin1', 0, length));
}
