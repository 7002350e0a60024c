/** The routing table: what is known about every command by its name. `generated/commands.ts` fills it. */
import type { CommandInfo, RequestPolicy, ResponsePolicy } from './command-info.js';
import type { Argument } from './encode.js';

/** What sets a command apart from one that writes and goes to the node of its key. */
export interface Traits {
  readonly readOnly?: boolean;
  readonly cacheable?: boolean;
  readonly blocking?: boolean;
  readonly keyCount?: number;
  readonly request?: RequestPolicy;
  readonly response?: ResponsePolicy;
}

const table = new Map<string, CommandInfo>();

/** Enters a command or subcommand (`CONFIG GET`). The positions are those of `CommandInfo`. */
export function define(
  name: string,
  firstKey: number,
  lastKey: number,
  keyStep: number,
  traits: Traits = {},
): CommandInfo {
  const { readOnly = false, cacheable = false, blocking = false, keyCount = 0, request, response } = traits;
  // All entries have the same shape, whatever their traits: the hot path looks into them.
  const info = {
    name,
    firstKey,
    lastKey,
    keyStep,
    keyCount,
    readOnly,
    cacheable,
    blocking,
    request,
    response,
  };
  table.set(name, info);
  return info;
}

/**
 * What is known about a command given by its name, in any case, and its arguments. Of a command that the table does
 * not know, a module's say, the first argument is taken for a key.
 */
export function infoOf(command: string, args: readonly Argument[]): CommandInfo {
  const name = command.toUpperCase();
  const subcommand = args.length === 0 ? undefined : table.get(`${name} ${String(args[0]).toUpperCase()}`);
  return subcommand ?? table.get(name) ?? { ...keyless(name), firstKey: 1, lastKey: 1, keyStep: 1 };
}

/** A command without keys, for the client's own use. */
export function keyless(name: string): CommandInfo {
  return {
    name,
    firstKey: 0,
    lastKey: 0,
    keyStep: 0,
    keyCount: 0,
    readOnly: false,
    cacheable: false,
    blocking: false,
    request: undefined,
    response: undefined,
  };
}
