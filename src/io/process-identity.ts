/** Telling processes apart although their ids are given to others later. */
import { readFileSync } from 'node:fs';

/** Fields of /proc/PID/stat, counted from behind the command's name. */
const STATE = 0;
const BEGINNING = 19;

/**
 * The process in one line of text: its id and, where the system tells (Linux), when it began and since which start of
 * the machine. Undefined when there is no such process.
 */
export function identityOf(pid: number): string | undefined {
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
  return machine && fields ? `${pid} ${machine} ${fields[BEGINNING]}` : `${pid} unknown`;
}

function contents(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
