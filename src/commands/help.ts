/** The HELP subcommand of every container, from the table. */
import type { CommandDefinition } from './command.js';
import type { Context } from './context.js';
import { usageOf } from './usage.js';

/** The entry of a container's HELP; `differs` is what it has of its own, such as ACL categories. */
export function helpSubcommand(
  group: CommandDefinition['group'],
  since: string,
  differs: Partial<CommandDefinition> = {},
): CommandDefinition {
  return {
    name: 'help',
    summary: 'Describes the subcommands.',
    since,
    group,
    complexity: 'O(1)',
    arity: 2,
    flags: ['loading', 'stale'],
    reply: 'string[]',
    run: replyHelp,
    ...differs,
  };
}

/** Lines, as statuses: how each subcommand is called and, indented, what it does. */
export function replyHelp({ command, reply }: Context): void {
  const container = command.container!;
  const name = container.fullName.toUpperCase();
  const lines = [`${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`];
  for (const subcommand of container.subcommands.values()) {
    lines.push(usageOf(subcommand).slice(name.length + 1), `    ${subcommand.definition.summary}`);
  }
  replyLines(reply, lines);
}

/** An array of statuses, one a line. */
export function replyLines(reply: Context['reply'], lines: readonly string[]): void {
  reply.array(lines.length);
  for (const line of lines) reply.status(line);
}
