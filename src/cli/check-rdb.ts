/** `hexis check-rdb`: redis-check-rdb. */
import { DirectoryDisk, DiskError } from '../io/disk.js';
import { checkRdb } from '../persistence/rdb/check.js';
import { VERSION } from './version.js';

const USAGE = `Usage: hexis check-rdb <rdb-file-name>

Says whether an RDB file can be loaded, and what is in it.
`;

/** Answers the exit code: 0 when the file is sound. */
export async function run(args: string[]): Promise<number> {
  const [path] = args;
  if (args.length !== 1) {
    process.stderr.write(USAGE);
    return 1;
  }
  if (path === '-h' || path === '--help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (path === '-v' || path === '--version') {
    process.stdout.write(`hexis check-rdb ${VERSION}\n`);
    return 0;
  }
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    const file = new DirectoryDisk(process.cwd()).open(path);
    if (file !== undefined) return checkRdb(path, file, Date.now(), print) === undefined ? 1 : 0;
    print(`Cannot open file ${path}: No such file or directory`);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    print(`Cannot open file ${path}: ${error.message}`);
  }
  return 1;
}
