/** What strerror says where Node.js has words of its own. */
const SYSTEM_MESSAGES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EPIPE: 'Broken pipe',
  ETIMEDOUT: 'Connection timed out',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
};

/** The reason of a failed system call, as other programs word it. */
export function systemMessage(error: Error): string {
  // A host name with several addresses fails with one error per address; the first is the plainest.
  const cause = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  return SYSTEM_MESSAGES[cause.code] ?? cause.message;
}
