/** The file that `logfile` names. */
import { appendFileSync } from 'node:fs';
import { StartError } from './start-error.js';
import { systemReason } from './system-error.js';

/** Opened for each line, as Redis does, so that the file can be moved away; lines are few. */
export function logFileWriter(path: () => string): (line: string) => void {
  return (line) => {
    const file = path();
    if (file === '') return;
    try {
      appendFileSync(file, `${line}\n`);
    } catch {
      // A full disk, or a folder that has gone: no reason to stop serving, and there is nowhere to say so.
    }
  };
}

/** Throws `StartError` when the file can't be opened. */
export function checkLogFile(path: string): void {
  try {
    appendFileSync(path, '');
  } catch (error) {
    throw new StartError(`Can't open the log file ${path}: ${systemReason(error)}`);
  }
}
