/** What the client must know about a command in order to route it. */

/** Where a command without one obvious node goes. Names follow Redis's `request_policy` command tips. */
export type RequestPolicy = 'all-nodes' | 'all-masters' | 'per-slot';

/**
 * How the answers of several nodes become one. The first seven follow Redis's `response_policy` command tips; the others
 * are for commands without one, that of a list or of anything else, and of one with keys.
 */
export type ResponsePolicy =
  | 'all-succeeded'
  | 'one-succeeded'
  | 'sum'
  | 'min'
  | 'max'
  | 'logical-and'
  | 'logical-or'
  | 'concatenate'
  | 'any'
  | 'in-key-order';

export interface CommandInfo {
  /** Upper case, with a space before a subcommand: `CONFIG GET`. */
  readonly name: string;
  /** Position of the first key among the arguments (the name is 0); 0 when the command has no keys. */
  readonly firstKey: number;
  /** Position of the last key, negative when counted from the end (-1 is the last argument). */
  readonly lastKey: number;
  /** Distance between two keys. */
  readonly keyStep: number;
  /** Position of the argument that holds the number of keys, which follow it (`EVAL`); 0 when there is none. */
  readonly keyCount: number;
  /** The word that the keys follow, with as many other arguments behind them (`XREAD`); empty when there is none. */
  readonly keyWord: string;
  /** It changes nothing: a replica may answer it, and sending it twice does no harm. */
  readonly readOnly: boolean;
  /** Its reply depends on its one key and nothing else, so it may be kept until the key changes. */
  readonly cacheable: boolean;
  /** It may wait for ever, so it needs a connection of its own. */
  readonly blocking: boolean;
  /** It has no key, and goes to the node of its first argument as if that were one (`PUBLISH`). */
  readonly steady: boolean;
  /** Its reply holds no data, only the server's own words (`INFO`), so it is text also for whoever wants bytes. */
  readonly textual: boolean;
  readonly request?: RequestPolicy;
  readonly response?: ResponsePolicy;
}
