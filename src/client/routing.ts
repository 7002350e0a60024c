/** What is known about every command by its name, from `generated/table.ts`. */
import type { CommandInfo, RequestPolicy, ResponsePolicy } from './command-info.js';
import type { Argument } from './encode.js';
import { TABLE } from './generated/table.js';

/** A command's method: its name, its plan (or how many plain parameters it has) and its transform, as JSON. */
export interface MethodEntry {
  readonly info: CommandInfo;
  readonly name: string;
  readonly plan: string;
  readonly transform: string | undefined;
}

const REQUEST_POLICIES: readonly string[] = [
  'all-nodes',
  'all-masters',
  'per-slot',
] satisfies RequestPolicy[];
const RESPONSE_POLICIES: readonly string[] = [
  'all-succeeded',
  'one-succeeded',
  'sum',
  'min',
  'max',
  'logical-and',
  'logical-or',
  'concatenate',
  'any',
  'in-key-order',
] satisfies ResponsePolicy[];

const table = new Map<string, CommandInfo>();

export const methods: readonly MethodEntry[] = TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [name, first, last, step, traits, method, plan, transform] = line.split(' ');
    const info = entry(name.replace('|', ' '), Number(first), Number(last), Number(step), traits.split(','));
    table.set(info.name, info);
    return method === undefined ? [] : [{ info, name: method, plan, transform }];
  });

/** All entries have the same shape, whatever their traits: the hot path looks into them. */
function entry(
  name: string,
  firstKey: number,
  lastKey: number,
  keyStep: number,
  traits: readonly string[],
): CommandInfo {
  const valueFor = (trait: string) => traits.find((other) => other.startsWith(`${trait}=`))?.split('=')[1];
  return {
    name,
    firstKey,
    lastKey,
    keyStep,
    keyCount: Number(valueFor('count') ?? 0),
    keyWord: valueFor('after') ?? '',
    readOnly: traits.includes('readonly'),
    cacheable: traits.includes('cacheable'),
    blocking: traits.includes('blocking'),
    steady: traits.includes('steady'),
    textual: traits.includes('textual'),
    request: traits.find((trait) => REQUEST_POLICIES.includes(trait)) as RequestPolicy | undefined,
    response: traits.find((trait) => RESPONSE_POLICIES.includes(trait)) as ResponsePolicy | undefined,
  };
}

/**
 * What is known about a command given by its name, in any case, and its arguments. Of a command that the table does
 * not know, a module's say, the first argument is taken for a key.
 */
export function infoOf(command: string, args: readonly Argument[]): CommandInfo {
  const name = command.toUpperCase();
  const subcommand = args.length === 0 ? undefined : table.get(`${name} ${String(args[0]).toUpperCase()}`);
  return subcommand ?? table.get(name) ?? entry(name, 1, 1, 1, []);
}

/** A command without keys, for the client's own use. */
export function keyless(name: string): CommandInfo {
  return entry(name, 0, 0, 0, []);
}
