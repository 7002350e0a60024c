/**
 * Keeps two servers from using one file, with nothing but another file: Node.js has no flock.
 *
 * The lock of `dump.rdb` is `dump.rdb.lock`. It names its holder: process id and, where the system tells (Linux), when
 * that process began and since which start of the machine. So the lock of a process that was killed is known to be
 * stale even after its id has been given to another. A stale lock is taken away by renaming it; whoever finds that it
 * has renamed a fresh one instead, because somebody was quicker, puts it back.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

/** Ends the names of files that only this thread touches. */
const SELF = `${process.pid}-${threadId}`;

/** Fields of /proc/PID/stat, counted from behind the command's name. */
const STATE = 0;
const BEGINNING = 19;

export class FileLock {
  private constructor(private readonly path: string) {}

  /** Locks the file, or answers the id of the process that has it locked. Failures of the system are thrown. */
  static acquire(file: string): FileLock | number {
    const path = `${file}.lock`;
    const own = identity(process.pid)!;
    for (;;) {
      if (create(path, own)) return new FileLock(path);
      const found = contents(path);
      if (found === undefined) continue; // just given back
      const pid = Number.parseInt(found, 10);
      if (identity(pid) === found) return pid;
      const aside = `${path}.${SELF}.stale`;
      if (!move(path, aside)) continue;
      if (contents(aside) !== found) {
        renameSync(aside, path);
        continue;
      }
      rmSync(aside, { force: true });
    }
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}

/** What a lock file of this process says; undefined when there is no such process. */
function identity(pid: number): string | undefined {
  if (!(pid > 0)) return undefined; // other numbers mean groups of processes
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined; // EPERM: it runs, as another user
  }
  const machine = contents('/proc/sys/kernel/random/boot_id')?.trim();
  // The command's name comes in brackets and may hold anything: behind it, the state is the first field.
  const fields = contents(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ');
  if (fields?.[STATE] === 'Z') return undefined; // killed, but its parent has not noticed yet
  return `${pid} ${machine && fields ? `${machine} ${fields[BEGINNING]}` : 'unknown'}\n`;
}

/** Makes the file with its text in one step; answers false when there is one already. */
function create(path: string, text: string): boolean {
  const draft = `${path}.${SELF}.new`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function contents(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Answers false when there was nothing to move. */
function move(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
