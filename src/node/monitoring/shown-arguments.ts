/** A request's arguments as SLOWLOG and MONITOR show them: passwords are left out. */
import type { Command } from '../../commands/command.js';
import type { Request } from '../../protocol/request.js';
import type { Config } from '../config/index.js';

const REDACTED = '(redacted)';

/** Whether an argument isn't to be shown. */
type IsSecret = (request: Request, i: number) => boolean;

/** Arguments behind one of these words are secrets, so many of them. */
function behind(words: Readonly<Record<string, number>>): IsSecret {
  return (request, i) =>
    Object.entries(words).some(([word, count]) =>
      Array.from({ length: count }, (_, back) => i - 1 - back).some((at) => at > 0 && request.is(at, word)),
    );
}

const SECRETS = new Map<string, IsSecret>([
  ['auth', () => true],
  ['hello', behind({ AUTH: 2 })],
  ['migrate', behind({ AUTH: 1, AUTH2: 2 })],
  ['acl|setuser', (_, i) => i > 1],
]);

/** The arguments, one character per byte. */
export function shownArguments(config: Config, command: Command, request: Request): string[] {
  const isSecret =
    command.fullName === 'config|set'
      ? (_: Request, i: number) => i > 2 && i % 2 === 1 && config.isSensitive(request.latin1(i - 1))
      : SECRETS.get(command.fullName);
  return Array.from({ length: request.argc }, (_, i) =>
    i > 0 && isSecret?.(request, i) ? REDACTED : request.latin1(i),
  );
}
