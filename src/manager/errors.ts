/** Why an operation was refused or failed. */
export type ManagerErrorCode =
  /** A node, or the source of an import, does not answer. */
  | 'UNREACHABLE'
  /** A server that is not in cluster mode where a node is needed, or the other way round. */
  | 'NOT_A_NODE'
  /** A node that holds keys or knows other nodes where an empty one is needed. */
  | 'NOT_EMPTY'
  /** Fewer nodes than three masters with their replicas. */
  | 'TOO_FEW_NODES'
  /** The request names something that is not there or makes no sense for this cluster. */
  | 'INVALID'
  /** The cluster must be fixed first. */
  | 'UNHEALTHY'
  /** The nodes did not come to agree, or to be ready, within the limit. */
  | 'TIMEOUT'
  /** A folder here can't be written to. */
  | 'UNWRITABLE'
  /** A node answered with an error. */
  | 'REFUSED';

/**
 * The one error that manager functions throw. `message` says what is wrong in the words of redis-cli where it
 * has any; `hint` says what to do about it.
 */
export class ManagerError extends Error {
  readonly code: ManagerErrorCode;
  readonly hint: string | undefined;

  constructor(code: ManagerErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ManagerError';
    this.code = code;
    this.hint = options.hint;
  }
}
