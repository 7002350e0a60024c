/** Why a system call failed, in the words of strerror and gai_strerror, which other programs use. */
import { getSystemErrorMap } from 'node:util';

/** Where Node.js has words of its own. */
const REASONS: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'Temporary failure in name resolution',
  EHOSTUNREACH: 'No route to host',
  EISDIR: 'Is a directory',
  ENOTFOUND: 'Name or service not known',
};

/** The reason in one line. */
export function systemReason(error: unknown): string {
  // A host name with several addresses fails with one error per address; the first is the plainest.
  const cause = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const { code = '', errno = 0, message } = cause as NodeJS.ErrnoException;
  const text = REASONS[code] ?? getSystemErrorMap().get(errno)?.[1] ?? message;
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
