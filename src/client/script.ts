/**
 * Lua scripts by their digest. EVALSHA is sent first; only a server that does not know the script yet gets it
 * whole, once, and so does a replica that has become a master or a node that has restarted.
 */
import { createHash } from 'node:crypto';
import { type Reply, ReplyError } from '../protocol/reply-decoder.js';
import type { Argument } from './encode.js';

export interface ScriptOptions {
  readonly keys?: readonly (string | Uint8Array)[];
  readonly arguments?: readonly Argument[];
}

/** Programs use a handful of scripts; those that build them from text must not fill the memory. */
const REMEMBERED = 1000;
const digests = new Map<string, string>();

/** Runs a script by way of `call`. */
export async function runScript(
  call: (command: string, ...args: Argument[]) => Promise<Reply>,
  source: string,
  options: ScriptOptions,
): Promise<Reply> {
  const tail = scriptArgs(options);
  try {
    return await call('EVALSHA', digestOf(source), ...tail);
  } catch (error) {
    if (!(error instanceof ReplyError) || error.code !== 'NOSCRIPT') throw error;
    return call('EVAL', source, ...tail);
  }
}

/** What follows a script or the name of a function. */
export function scriptArgs({ keys = [], arguments: args = [] }: ScriptOptions): Argument[] {
  return [keys.length, ...keys, ...args];
}

function digestOf(source: string): string {
  let digest = digests.get(source);
  if (digest === undefined) {
    digest = createHash('sha1').update(source).digest('hex');
    if (digests.size >= REMEMBERED) digests.clear();
    digests.set(source, digest);
  }
  return digest;
}
