/**
 * From the parameters of a typed method to the words of the command. `scripts/client/arguments.mjs` derives the plan
 * from the command table: one step for each argument, in the order in which the server wants them.
 *
 * A step takes its value from a parameter (a number) or from a property of the options (a name); what is not given is
 * left out, so steps don't say whether they are optional.
 */
import { type Entries, isArgument, pushEntries } from './arguments.js';
import type { Argument } from './encode.js';

/** The number of a parameter, or the name of a property. */
export type Source = number | string;

export type Step =
  /** A value, behind its token if it has one. */
  | readonly [kind: 'one', source: Source, token?: string]
  /** One value or several, behind one token, or each behind the token. */
  | readonly [kind: 'many' | 'each', source: Source, token?: string]
  /** How many values this source has. */
  | readonly [kind: 'count', source: Source]
  /** The token, or several (`NO|ONE`), if the source is true. */
  | readonly [kind: 'word', source: Source, token: string]
  | readonly [kind: 'always', token: string]
  /** An object or several, whose properties have steps of their own; a plain value in its place goes as it is. */
  | readonly [kind: 'object', source: Source, steps: readonly Step[], token?: string]
  /** Names and values; or a name, the value being the next parameter. Their number stands before them if it is asked for. */
  | readonly [kind: 'entries', source: number, counted?: 'counted']
  /** A value behind its token, with what stands between. */
  | readonly [kind: 'named', source: Source, token: string, between: readonly string[]];

type Properties = Readonly<Record<string, unknown>>;

/** Appends what the steps say to `args`. */
export function follow(
  args: Argument[],
  steps: readonly Step[],
  parameters: readonly unknown[],
  options: Properties,
): Argument[] {
  for (const step of steps) {
    if (step[0] === 'always') {
      args.push(step[1]);
      continue;
    }
    const source = step[1];
    const value = typeof source === 'number' ? parameters[source] : options[source];
    if (value === undefined) continue;
    switch (step[0]) {
      case 'one':
        if (step[2] !== undefined) args.push(step[2]);
        args.push(value as Argument);
        break;
      case 'many':
        if (step[2] !== undefined) args.push(step[2]);
        for (const each of listOf(value)) args.push(each as Argument);
        break;
      case 'each':
        for (const each of listOf(value)) args.push(step[2]!, each as Argument);
        break;
      case 'count':
        args.push(listOf(value).length);
        break;
      case 'word':
        if (value) args.push(...step[2].split('|'));
        break;
      case 'object':
        for (const each of listOf(value)) {
          if (step[3] !== undefined) args.push(step[3]);
          if (isArgument(each)) args.push(each);
          else follow(args, step[2], parameters, each as Properties);
        }
        break;
      case 'entries': {
        const first = step[2] === undefined ? args.length : args.push(0);
        if (isArgument(value)) args.push(value, parameters[step[1] + 1] as Argument);
        else pushEntries(args, value as Entries);
        if (step[2] !== undefined) args[first - 1] = (args.length - first) / 2;
        break;
      }
      case 'named':
        args.push(step[2]);
        for (const name of step[3]) if (options[name] !== undefined) args.push(options[name] as Argument);
        args.push(value as Argument);
    }
  }
  return args;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
