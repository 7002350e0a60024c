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
 * Enters the commands of the generated routes that have no entry of their own yet: one a line, as
 * `generated/routes.ts` describes.
 */
export function defineRest(routes: string): void {
  for (const line of routes.trim().split('\n')) {
    const [name, first, last, step, ...traits] = line.replace('|', ' ').match(ROUTE)!.slice(1);
    if (table.has(name)) continue;
    const words = traits.join(' ');
    define(name, Number(first), Number(last), Number(step), {
      readOnly: words.includes('readonly'),
      blocking: words.includes('blocking'),
      keyCount: Number(/count=(\d+)/.exec(words)?.[1] ?? 0),
    });
  }
}

/** A name of one or two words, three numbers, and the rest. */
const ROUTE = /^(.+?) (-?\d+) (-?\d+) (-?\d+) ?(.*)$/;

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
