/** Error replies that more than one command gives, in Redis's words. */

export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
export const SYNTAX_ERROR = 'ERR syntax error';
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
export const NOT_A_FLOAT = 'ERR value is not a valid float';
export const NO_SUCH_KEY = 'ERR no such key';
export const SAME_OBJECT = 'ERR source and destination objects are the same';
export const OFFSET_OUT_OF_RANGE = 'ERR offset is out of range';
export const STRING_TOO_LONG = 'ERR string exceeds maximum allowed size (proto-max-bulk-len)';
export const INDEX_OUT_OF_RANGE = 'ERR index out of range';
export const OVERFLOW = 'ERR increment or decrement would overflow';
export const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.';
export const INVALID_CURSOR = 'ERR invalid cursor';

export function wrongArity(fullName: string): string {
  return `ERR wrong number of arguments for '${fullName}' command`;
}

/** How containers that check their arguments themselves refuse. */
export function subcommandSyntax(subcommand: string, container: string): string {
  const name = subcommand.slice(0, 128);
  return `ERR unknown subcommand or wrong number of arguments for '${name}'. Try ${container} HELP.`;
}

export function invalidExpire(name: string): string {
  return `ERR invalid expire time in '${name}' command`;
}
