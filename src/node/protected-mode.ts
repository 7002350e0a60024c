/**
 * Protected mode: a node that listens beyond loopback and has no password speaks only with its own machine.
 */
import type { ConfigValues } from './config/index.js';

/** Whether the address is the machine itself; '' is a Unix socket. */
export function isLoopback(address: string): boolean {
  return address === '' || address === '::1' || address.startsWith('127.');
}

/** What a client from this address is told, before it is disconnected, or undefined when it is welcome. */
export function protectedModeRefusal(
  values: Pick<ConfigValues, 'protected-mode'>,
  defaultUserHasPassword: boolean,
  remoteAddress: string,
): string | undefined {
  if (!values['protected-mode'] || defaultUserHasPassword || isLoopback(remoteAddress)) return undefined;
  return (
    '-DENIED Hexis is running in protected mode: the default user has no password and protected mode is on, so ' +
    'only connections from the same machine are accepted. To connect from elsewhere do one of the following. ' +
    "1) Set a password for the default user: CONFIG SET requirepass <password> (and 'requirepass' in the " +
    'configuration file). 2) If the network is trusted, turn protected mode off: CONFIG SET protected-mode no, or ' +
    "'--protected-mode no' at the start. NOTE: make sure that the node can't be reached from the internet then.\r\n"
  );
}
