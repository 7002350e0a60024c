/**
 * A user: who may authenticate as it, and what it may do then.
 *
 * A user is changed by rules, words such as `on`, `>password`, `~key*` and `+@read`, which `describe` gives back.
 * Sessions hold on to their user: what changes for the user changes for them.
 */

import type { Command } from '../../commands/command.js';
import type { Denial, SelectorView, UserView } from '../../commands/facilities/acl.js';
import type { CommandTable } from '../../commands/table.js';
import { type Bytes, fromLatin1 } from '../../protocol/bytes.js';
import type { Request } from '../../protocol/request.js';
import { sha256Hex } from '../../protocol/sha256.js';
import { RuleError } from './rule-error.js';
import { Selector } from './selector.js';

/** The denials that tell more count more. */
const WEIGHT = { command: 1, key: 2, channel: 3 } as const;

export class User implements UserView {
  enabled = false;
  /** Any password will do. */
  needsNoPassword = false;
  /** Whether its RESTORE payloads are to be distrusted. Kept and shown; Hexis checks them all. */
  private sanitizing: '' | 'skip-sanitize-payload' | 'sanitize-payload' = '';
  /** SHA-256, in hexadecimal. */
  passwords: readonly string[] = [];
  /** The first one is the user's own. */
  private all: readonly Selector[];
  private mayDoAnything = false;

  /** `allChannels` is what acl-pubsub-default says of new users. */
  constructor(
    readonly name: string,
    private readonly table: CommandTable,
    private readonly allChannels: () => boolean,
  ) {
    const root = new Selector(table);
    if (allChannels()) root.channels = 'all';
    this.all = [root];
  }

  /** Everything but the name becomes as it is with the other user. */
  become(other: User): void {
    this.enabled = other.enabled;
    this.needsNoPassword = other.needsNoPassword;
    this.sanitizing = other.sanitizing;
    this.passwords = other.passwords;
    this.all = other.all.map((selector) => selector.copy());
    this.mayDoAnything = this.all.some((selector) => selector.unlimited);
  }

  /** Applies rules, all or, when one of them throws a `RuleError`, an unspecified part: apply them to a copy. */
  apply(rules: readonly string[]): void {
    for (const rule of rules) this.applyOne(rule);
    this.mayDoAnything = this.all.some((selector) => selector.unlimited);
  }

  private applyOne(rule: string): void {
    switch (rule.toLowerCase()) {
      case '':
        return;
      case 'on':
        this.enabled = true;
        return;
      case 'off':
        this.enabled = false;
        return;
      case 'skip-sanitize-payload':
        this.sanitizing = 'skip-sanitize-payload';
        return;
      case 'sanitize-payload':
        this.sanitizing = 'sanitize-payload';
        return;
      case 'nopass':
        this.needsNoPassword = true;
        this.passwords = [];
        return;
      case 'resetpass':
        this.needsNoPassword = false;
        this.passwords = [];
        return;
      case 'clearselectors':
        this.all = this.all.slice(0, 1);
        return;
      case 'reset':
        this.become(new User(this.name, this.table, this.allChannels));
        this.sanitizing = 'sanitize-payload';
        return;
    }
    const rest = rule.slice(1);
    if (rule[0] === '>') this.addPassword(hashOf(rest));
    else if (rule[0] === '#') this.addPassword(checkedHash(rest));
    else if (rule[0] === '<') this.removePassword(hashOf(rest));
    else if (rule[0] === '!') this.removePassword(checkedHash(rest));
    else if (rule[0] === '(' && rule.endsWith(')')) {
      this.all = [...this.all, Selector.parse(this.table, rule, this.allChannels())];
    } else this.all[0].apply(rule);
  }

  private addPassword(hash: string): void {
    if (!this.passwords.includes(hash)) this.passwords = [...this.passwords, hash];
    this.needsNoPassword = false;
  }

  private removePassword(hash: string): void {
    if (!this.passwords.includes(hash)) {
      throw new RuleError('The password you are trying to remove from the user does not exist');
    }
    this.passwords = this.passwords.filter((known) => known !== hash);
  }

  /** Whether the password is one of the user's. Takes as long whichever it is. */
  accepts(password: Bytes): boolean {
    if (!this.enabled) return false;
    if (this.needsNoPassword) return true;
    const hash = sha256Hex(password);
    let accepted = false;
    for (const known of this.passwords) if (isSame(known, hash)) accepted = true;
    return accepted;
  }

  /** Whether a connection is this user without saying so: true only of a default user. */
  get isOpen(): boolean {
    return this.enabled && this.needsNoPassword;
  }

  // What it may do

  /** Whether one selector forbids nothing: no call needs to be looked at. */
  get unlimited(): boolean {
    return this.mayDoAnything;
  }

  /** Why no selector allows the call, or null when one does. */
  denial(command: Command, request: Request): Denial | null {
    let worst: Denial | null = null;
    for (const selector of this.all) {
      const denial = selector.denial(command, request);
      if (denial === null) return null;
      if (worst === null || weightOf(denial) > weightOf(worst)) worst = denial;
    }
    return worst;
  }

  /** Whether a selector allows the call and to read any key besides. */
  readsAllKeysIn(command: Command, request: Request): boolean {
    return this.all.some((selector) => selector.readsAllKeys && selector.denial(command, request) === null);
  }

  /** The channel patterns of all selectors together. */
  get channels(): 'all' | readonly Bytes[] {
    const patterns: Bytes[] = [];
    for (const { channels } of this.all) {
      if (channels === 'all') return 'all';
      patterns.push(...channels);
    }
    return patterns;
  }

  // Description

  get flags(): string[] {
    return [
      this.enabled ? 'on' : 'off',
      ...(this.needsNoPassword ? ['nopass'] : []),
      ...(this.sanitizing === '' ? [] : [this.sanitizing]),
    ];
  }

  get selectors(): SelectorView[] {
    return this.all.map((selector) => ({
      commands: selector.commands.describe(),
      keys: selector.keysText,
      channels: selector.channelsText,
    }));
  }

  /** As a line of a configuration or ACL file. */
  describe(): string {
    const [root, ...others] = this.all.map((selector) => selector.describe());
    return [
      'user',
      this.name,
      ...this.flags,
      ...this.passwords.map((hash) => `#${hash}`),
      root,
      ...others.map((text) => `(${text})`),
    ].join(' ');
  }
}

function weightOf({ reason, argument }: Denial): number {
  return WEIGHT[reason] * 2 ** 32 + argument;
}

function hashOf(password: string): string {
  return sha256Hex(fromLatin1(password));
}

function checkedHash(hash: string): string {
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw new RuleError(
    'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
  );
}

/** Whether two hashes are equal, in a time that doesn't tell where they differ. */
function isSame(a: string, b: string): boolean {
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
