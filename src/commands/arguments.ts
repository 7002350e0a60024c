/** Words for writing down a command's arguments; `import * as arg` and say `arg.key('key', 0)`. */
import type { Argument, ArgumentType } from './command.js';

type Options = Omit<Partial<Argument>, 'type' | 'arguments'>;

function simple(type: ArgumentType) {
  return (name: string, options?: Options): Argument => ({ name, type, ...options });
}

export const string = simple('string');
export const integer = simple('integer');
export const double = simple('double');
export const pattern = simple('pattern');
export const unixTime = simple('unix-time');

/** A key; `keySpec` is the number of the key specification it belongs to. */
export function key(name: string, keySpec: number, options?: Options): Argument {
  return { name, type: 'key', keySpec, ...options };
}

/** A word that stands for itself, such as NX. */
export function word(token: string, options?: Options): Argument {
  return { name: token.toLowerCase(), type: 'pure-token', token, ...options };
}

/** One of several arguments. */
export function oneOf(name: string, choices: readonly Argument[], options?: Options): Argument {
  return { name, type: 'oneof', arguments: choices, ...options };
}

/** Arguments that belong together. */
export function block(name: string, parts: readonly Argument[], options?: Options): Argument {
  return { name, type: 'block', arguments: parts, ...options };
}
