/** Commands that redis.conf must allow: DEBUG and those that load modules. */
import { CommandError } from '../../protocol/command-error.js';
import type { Context } from '../context.js';

/** Throws unless `enable-debug-command` or `enable-module-command` is yes, or local for a client on this machine. */
export function requirePermission({ server, session }: Context, command: 'DEBUG' | 'MODULE'): void {
  const directive = `enable-${command.toLowerCase() as Lowercase<typeof command>}-command` as const;
  const setting = server.config.text(directive);
  if (setting === 'yes' || (setting === 'local' && session.isLocal)) return;
  throw new CommandError(
    `ERR ${command} command not allowed. If the ${directive} option is set to "local", you can run it from a ` +
      'local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
  );
}
