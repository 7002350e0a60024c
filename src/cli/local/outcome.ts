/** Exit codes of `hexis up`, `down` and `status`, and how a failure is told. */
import { LocalClusterError } from '../../local/errors.js';
import { ManagerError } from '../../manager/errors.js';

export const DONE = 0;
export const FAILED = 1;
export const WRONG_USAGE = 2;
export const NOTHING_RUNS = 3;

/** Says on stderr what went wrong and what to do; answers the exit code. */
export function reportFailure(error: unknown): number {
  if (!(error instanceof LocalClusterError || error instanceof ManagerError)) throw error;
  process.stderr.write(`hexis: ${error.message}\n`);
  if (error.hint !== undefined) process.stderr.write(`${error.hint}\n`);
  return FAILED;
}
