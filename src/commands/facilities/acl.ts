/** Users and what they may do, as the commands see them. Texts have one character per byte. */
import type { Bytes } from '../../protocol/bytes.js';
import type { Request } from '../../protocol/request.js';
import type { Command } from '../command.js';

/** What a call is refused for. */
export interface Denial {
  readonly reason: 'command' | 'key' | 'channel';
  /** The argument that names the key or channel; 0 for a command. */
  readonly argument: number;
}

/** Commands with the keys and channels that they may name, as rules. */
export interface SelectorView {
  readonly commands: string;
  readonly keys: string;
  readonly channels: string;
}

export interface UserView {
  readonly name: string;
  /** `on`, `nopass` … */
  readonly flags: readonly string[];
  /** SHA-256, in hexadecimal. */
  readonly passwords: readonly string[];
  /** The user's own first. */
  readonly selectors: readonly SelectorView[];
  readonly needsNoPassword: boolean;
  /** The line of a configuration file that declares the user. */
  describe(): string;
  /** Why the user may not make the call, or null when it may. */
  denial(command: Command, request: Request): Denial | null;
}

/** Where a call was refused. */
export type DenialContext = 'toplevel' | 'multi' | 'lua';

/** What was refused, once or several times within a short time. */
export interface AclLogEntry {
  readonly count: number;
  readonly reason: Denial['reason'] | 'auth';
  readonly context: DenialContext;
  /** The command, key, channel … */
  readonly object: string;
  readonly username: string;
  /** The last time, in milliseconds since 1970. */
  readonly time: number;
  /** The client, as CLIENT LIST describes it. */
  readonly client: string;
}

export interface AclFacility {
  /** In the order of their names. */
  readonly users: readonly UserView[];
  user(name: string): UserView | undefined;
  /** Makes or changes a user. Throws `CommandError`, with nothing changed. */
  setUser(name: string, rules: readonly string[]): void;
  /** Deletes users, with their connections; answers how many there were. */
  deleteUsers(names: readonly string[]): number;
  /** Makes the caller this user, if the password is right; answers whether it is. */
  authenticate(name: string, password: Bytes): boolean;
  /** Whether the caller may read any key with what it calls: what SORT's patterns need. */
  readsAllKeys(): boolean;
  /** The file of users: takes it in, writes it. Throw `CommandError`. */
  load(): void;
  save(): void;
  /** What was refused, the latest first. */
  readonly log: readonly AclLogEntry[];
  clearLog(): void;
  /** So many random hexadecimal digits. */
  generatePassword(digits: number): string;
}
