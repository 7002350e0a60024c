/**
 * `maxclients` stays below what the process may have open. A server whose connections have used up all files could
 * not open those that it saves its data in, and the system would drop further clients without a word.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Config } from '../node/config/index.js';
import type { Log } from '../node/host.js';
import { StartError } from './start-error.js';

/** Kept for the log, data files and other nodes, as redis-server does. */
const RESERVED = 32;

/** Lowers `maxclients` where it must be, and has CONFIG SET refuse more. Throws `StartError` when nobody could connect. */
export function limitClients(config: Config, log: Log): void {
  const limit = openFilesLimit();
  if (limit === undefined) return;
  const { values } = config;
  const needed = RESERVED + readdirSync('/proc/self/fd').length;
  const most = limit - needed;
  if (most < 1) {
    throw new StartError(
      `Your current 'ulimit -n' of ${limit} is not enough for the server to start. Please increase your open file ` +
        `limit to at least ${needed + 1}.`,
    );
  }
  config.onChange('maxclients', () =>
    values.maxclients <= most
      ? undefined
      : `The operating system is not able to handle the specified number of clients, try with ${most}`,
  );
  if (values.maxclients <= most) return;
  log(
    'warning',
    `Current maximum open files is ${limit}. maxclients has been reduced from ${values.maxclients} to ${most} to ` +
      "compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'.",
  );
  config.record('maxclients', [String(most)]);
}

/** Undefined without a limit, and where the system doesn't tell. Node.js has raised it as far as it may. */
function openFilesLimit(): number | undefined {
  try {
    const line = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return line === null ? undefined : Number(line[1]);
  } catch {
    return undefined;
  }
}
