/** The history file, shared with redis-cli: oldest line first, the last hundred lines, for the owner's eyes only. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ByteText } from './byte-text.js';

/**
 * The path of a dotfile: the variable when it is set, else the name in the home directory.
 * `/dev/null` in the variable means no file at all.
 */
export function dotfile(variable: string, name: string): string | undefined {
  const chosen = process.env[variable];
  if (chosen === '/dev/null') return undefined;
  return chosen || join(homedir(), name);
}

export class History {
  static readonly SIZE = 100;
  private readonly path = dotfile('REDISCLI_HISTFILE', '.rediscli_history');

  /** In the order that readline keeps. */
  newestFirst(): string[] {
    if (this.path === undefined) return [];
    try {
      const lines = readFileSync(this.path, 'utf8').split('\n').filter(Boolean);
      return lines.reverse().slice(0, History.SIZE);
    } catch {
      return []; // No file yet.
    }
  }

  /** A history that cannot be written is lost with the session; that is no reason to disturb it. */
  save(newestFirst: readonly string[]): void {
    if (this.path === undefined) return;
    try {
      writeFileSync(this.path, `${[...newestFirst].reverse().join('\n')}\n`, { mode: 0o600 });
      chmodSync(this.path, 0o600);
    } catch {
      // As above.
    }
  }
}

/** Whether the command carries a password or a user's rules and must not be written down. */
export function isSensitive(args: readonly ByteText[]): boolean {
  const [name, first, second, ...rest] = args.map((arg) => arg.toLowerCase());
  switch (name) {
    case 'auth':
      return true;
    case 'acl':
      return first === 'setuser';
    case 'config':
      return first === 'set' && [second, ...rest].some((word) => SECRET_SETTINGS.has(word));
    case 'hello':
      return [second, ...rest].includes('auth');
    case 'migrate':
      return rest.includes('auth') || rest.includes('auth2');
    default:
      return false;
  }
}

const SECRET_SETTINGS = new Set(['masterauth', 'masteruser', 'requirepass', 'primaryauth', 'primaryuser']);
