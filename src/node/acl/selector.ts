/**
 * A selector: commands, and the keys and channels that these commands may name. A user has one of its own and any
 * number of further ones; it may do what one of them allows as a whole.
 */

import { ACL_CATEGORIES, type AclCategory, type Command } from '../../commands/command.js';
import type { Denial } from '../../commands/facilities/acl.js';
import type { CommandTable } from '../../commands/table.js';
import { fromLatin1, latin1 } from '../../protocol/bytes.js';
import { splitArguments } from '../../protocol/inline-arguments.js';
import type { Request } from '../../protocol/request.js';
import { CommandPermissions } from './command-permissions.js';
import {
  ACCESS,
  accessOf,
  type ChannelPatterns,
  coversAllKeys,
  coversChannel,
  coversKey,
  type KeyPatterns,
  keyPatternText,
  withKeyPattern,
} from './patterns.js';
import { RuleError } from './rule-error.js';

const COMMAND_DENIED: Denial = { reason: 'command', argument: 0 };

/** What a name or a pattern may not contain. */
export function hasSpaces(text: string): boolean {
  return /[\0\t-\r ]/.test(text);
}

export class Selector {
  keys: KeyPatterns = [];
  channels: ChannelPatterns = [];
  readonly commands: CommandPermissions;

  constructor(
    private readonly table: CommandTable,
    commands = new CommandPermissions(table),
  ) {
    this.commands = commands;
  }

  /** A selector from its text, `(+@read ~a*)`. `allChannels` is what acl-pubsub-default says. */
  static parse(table: CommandTable, text: string, allChannels: boolean): Selector {
    const selector = new Selector(table);
    if (allChannels) selector.channels = 'all';
    const bytes = fromLatin1(text);
    const words = splitArguments(bytes, 1, bytes.length - 1) ?? [];
    for (const word of words) selector.apply(latin1(word));
    return selector;
  }

  copy(): Selector {
    const copy = new Selector(this.table, this.commands.copy());
    copy.keys = this.keys;
    copy.channels = this.channels;
    return copy;
  }

  /** Changes what is allowed by one rule. Throws `RuleError` when it isn't one. */
  apply(rule: string): void {
    switch (rule.toLowerCase()) {
      case 'allkeys':
      case '~*':
        this.keys = 'all';
        return;
      case 'resetkeys':
        this.keys = [];
        return;
      case 'allchannels':
      case '&*':
        this.channels = 'all';
        return;
      case 'resetchannels':
        this.channels = [];
        return;
      case 'allcommands':
      case '+@all':
        this.commands.setAll(true);
        return;
      case 'nocommands':
      case '-@all':
        this.commands.setAll(false);
        return;
    }
    const sign = rule[0];
    if (sign === '~') this.addKeys(rule.slice(1), ACCESS.both);
    else if (sign === '%') this.addKeysWithAccess(rule);
    else if (sign === '&') this.addChannels(rule.slice(1));
    else if (sign !== '+' && sign !== '-') throw new RuleError('Syntax error');
    else if (rule[1] === '@') this.setCategory(rule.slice(2), sign === '+');
    else if (sign === '+') this.allow(rule.slice(1));
    else this.commands.set(this.find(rule.slice(1)), false);
  }

  /** Why the call isn't allowed, or null. */
  denial(command: Command, request: Request): Denial | null {
    if (!this.commands.admits(command, request)) return COMMAND_DENIED;
    const { buffer, starts, ends } = request;
    let argument = 0;
    if (this.keys !== 'all' && command.hasKeys) {
      command.findKeys(request, (i, flags) => {
        if (argument === 0 && !coversKey(this.keys, accessOf(flags), buffer, starts[i], ends[i]))
          argument = i;
      });
      if (argument > 0) return { reason: 'key', argument };
    }
    const { channels } = this;
    if (channels === 'all') return null;
    command.eachChannel(request, (i, isPattern) => {
      if (argument === 0 && !coversChannel(channels, isPattern, buffer, starts[i], ends[i])) argument = i;
    });
    return argument > 0 ? { reason: 'channel', argument } : null;
  }

  /** Whether all keys may be read. */
  get readsAllKeys(): boolean {
    return coversAllKeys(this.keys, ACCESS.read);
  }

  /** Whether nothing at all is forbidden. */
  get unlimited(): boolean {
    return this.keys === 'all' && this.channels === 'all' && this.commands.unlimited;
  }

  get keysText(): string {
    return this.keys === 'all' ? '~*' : this.keys.map(keyPatternText).join(' ');
  }

  get channelsText(): string {
    return this.channels === 'all' ? '&*' : this.channels.map((pattern) => `&${latin1(pattern)}`).join(' ');
  }

  /** The rules that make up the selector. */
  describe(): string {
    const channels = this.channels === 'all' ? '&*' : `resetchannels ${this.channelsText}`;
    return [this.keysText, channels.trimEnd(), this.commands.describe()]
      .filter((text) => text !== '')
      .join(' ');
  }

  private addKeysWithAccess(rule: string): void {
    const match = /^%([RW]{1,2})(?:~(.*))?$/is.exec(rule);
    const letters = match?.[1].toUpperCase();
    if (match === null || letters === 'RR' || letters === 'WW') throw new RuleError('Syntax error');
    this.addKeys(
      match[2] ?? '',
      letters === 'R' ? ACCESS.read : letters === 'W' ? ACCESS.write : ACCESS.both,
    );
  }

  private addKeys(pattern: string, access: number): void {
    if (this.keys === 'all') {
      throw new RuleError(
        "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. " +
          "Try 'resetkeys' to start with an empty list of patterns",
      );
    }
    if (hasSpaces(pattern)) throw new RuleError('Syntax error');
    this.keys = withKeyPattern(this.keys, pattern, access);
  }

  private addChannels(pattern: string): void {
    if (this.channels === 'all') {
      throw new RuleError(
        "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. " +
          "Try 'resetchannels' to start with an empty list of channels",
      );
    }
    if (hasSpaces(pattern)) throw new RuleError('Syntax error');
    if (!this.channels.some((known) => latin1(known) === pattern)) {
      this.channels = [...this.channels, fromLatin1(pattern)];
    }
  }

  private setCategory(name: string, allowed: boolean): void {
    const lower = name.toLowerCase() as AclCategory;
    if (!ACL_CATEGORIES.includes(lower)) throw RuleError.unknownCommand();
    this.commands.setCategory(lower, allowed);
  }

  /** `+command`, `+container|subcommand`, `+command|first-argument`. */
  private allow(name: string): void {
    const bar = name.lastIndexOf('|');
    if (bar < 0) {
      this.commands.set(this.find(name), true);
      return;
    }
    const command = this.find(name.slice(0, bar));
    if (command.container !== undefined) {
      throw new RuleError('Allowing first-arg of a subcommand is not supported');
    }
    if (bar === name.length - 1) throw new RuleError('Syntax error');
    if (command.subcommands.size > 0) this.commands.set(this.find(name), true);
    else this.commands.allowFirstArgument(command, name.slice(bar + 1));
  }

  private find(name: string): Command {
    const command = this.table.byName(name);
    if (command === undefined) throw RuleError.unknownCommand();
    return command;
  }
}
