/** The `:set` preferences, typed at the prompt or kept in ~/.redisclirc. */
import { readFileSync } from 'node:fs';
import type { ByteText } from './byte-text.js';
import { dotfile } from './history.js';
import { splitArguments } from './quoting.js';

export interface Preferences {
  /** Show a command's arguments while it is typed. */
  hints: boolean;
}

/** Carries out a `:command`; answers a complaint when it is unknown. */
export function setPreference(preferences: Preferences, args: readonly ByteText[]): string | undefined {
  if (args[0].toLowerCase() !== ':set' || args.length < 2)
    return `unknown redis-cli internal command '${args[0]}'`;
  switch (args[1].toLowerCase()) {
    case 'hints':
      preferences.hints = true;
      return undefined;
    case 'nohints':
      preferences.hints = false;
      return undefined;
    default:
      return `unknown redis-cli preference '${args[1]}'`;
  }
}

/** Applies ~/.redisclirc when there is one; answers its complaints. */
export function loadPreferences(preferences: Preferences): string[] {
  const path = dotfile('REDISCLI_RCFILE', '.redisclirc');
  if (path === undefined) return [];
  let lines: string[];
  try {
    lines = readFileSync(path, 'latin1').split('\n');
  } catch {
    return []; // No file.
  }
  return lines.flatMap((line) => {
    const args = splitArguments(line);
    const complaint = args && args.length > 0 ? setPreference(preferences, args) : undefined;
    return complaint ? [`.redisclirc: ${complaint}`] : [];
  });
}
