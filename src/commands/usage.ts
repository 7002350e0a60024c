/** How a command is called, as text: `SET key value [NX | XX] [GET] ...`, in the notation of the Redis documentation. */
import type { Argument, Command } from './command.js';

/** The command's name and its arguments. */
export function usageOf(command: Command): string {
  const words = command.fullName.toUpperCase().replace('|', ' ');
  return [words, ...(command.definition.args ?? []).map(usageOfArgument)].join(' ');
}

function usageOfArgument(argument: Argument): string {
  const { token, optional, multiple, multipleToken } = argument;
  const value = placeholderOf(argument);
  let text = token === undefined ? value : value === '' ? token : `${token === '' ? '""' : token} ${value}`;
  if (multiple) text += multipleToken ? ` [${text} ...]` : ` [${value} ...]`;
  return optional ? `[${text}]` : text;
}

function placeholderOf({ type, name, arguments: parts = [], optional, multiple }: Argument): string {
  if (type === 'pure-token') return '';
  if (type === 'block') return parts.map(usageOfArgument).join(' ');
  if (type !== 'oneof') return name;
  const choices = parts.map(usageOfArgument).join(' | ');
  return optional && !multiple ? choices : `<${choices}>`;
}
