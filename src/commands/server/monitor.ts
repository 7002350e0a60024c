/** MONITOR: every command as it runs. */
import { CommandError } from '../../protocol/command-error.js';
import type { CommandDefinition } from '../command.js';

export const monitor: readonly CommandDefinition[] = [
  {
    name: 'monitor',
    summary: 'Shows every command that is run from now on.',
    since: '1.0.0',
    group: 'server',
    arity: 1,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    reply: "'OK'",
    run({ session, server, reply, mayBlock }) {
      if (!mayBlock) throw new CommandError("ERR MONITOR isn't allowed for DENY BLOCKING client");
      if (session.isSpectator) return; // no reply: it would look like one of the commands shown
      server.monitor();
      reply.ok();
    },
  },
];
