/** What `client.call` refuses. */
import { UsageError } from './errors.js';

/** Commands that change the connection they run on, which all callers share, and what to do instead. */
const UNSHAREABLE: Readonly<Record<string, string>> = {
  AUTH: 'give the options username and password, or credentials',
  DISCARD: 'use client.multi(), whose callback may throw',
  EXEC: 'use client.multi()',
  HELLO: 'give the options username, password and resp',
  MONITOR: 'use a Connection of your own',
  MULTI: 'use client.multi()',
  PSUBSCRIBE: 'use client.pSubscribe()',
  QUIT: 'use client.close()',
  RESET: 'make a client of your own',
  SELECT: 'give the option db',
  SSUBSCRIBE: 'use client.sSubscribe()',
  SUBSCRIBE: 'use client.subscribe()',
  UNWATCH: 'use client.watch()',
  WATCH: 'use client.watch()',
};

/**
 * The error for a command that callers may not send: over a connection which others use, too, or to any one node of a
 * cluster. `undefined` for all others.
 */
export function refusalOf(name: string, clustered: boolean): UsageError | undefined {
  const command = name.toUpperCase();
  const details = { command, outcome: 'not executed' } as const;
  if (clustered && command === 'SCAN') {
    const why = 'SCAN goes over one node, and its cursor means nothing to another';
    return new UsageError(`${why}: use client.scanIterator()`, details);
  }
  const advice = UNSHAREABLE[command];
  if (advice === undefined) return undefined;
  return new UsageError(`${command} changes the connection, which others share: ${advice}`, details);
}
