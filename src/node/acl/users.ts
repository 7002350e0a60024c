/** The users of a node, as data: by name, made from rules, from the lines of a file, and written as such. */
import { commandTable } from '../../commands/index.js';
import { RuleError } from './rule-error.js';
import { hasSpaces } from './selector.js';
import { User } from './user.js';

export const DEFAULT_USER = 'default';

/** What is wrong with rules of a user: the rule (as it was given) and why. */
export class UserError extends Error {
  constructor(
    readonly rule: string,
    readonly reason: string,
    readonly isUnknownCommand = false,
  ) {
    super(reason);
    this.name = 'UserError';
  }
}

/** A file of users can't be used: all that is wrong with it. */
export class AclFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AclFileError';
  }
}

export class Users {
  private byName = new Map<string, User>();
  /** What connections are that haven't said who they are. Always the same object. */
  readonly default: User;

  constructor(private readonly allChannels: () => boolean) {
    this.default = this.open();
    this.byName.set(DEFAULT_USER, this.default);
  }

  /** In the order of their names. */
  get all(): User[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): User | undefined {
    return this.byName.get(name);
  }

  /** A user who may do nothing, or what `like` may do. Not one of the node's yet. */
  create(name: string, like?: User): User {
    const user = new User(name, commandTable, this.allChannels);
    if (like !== undefined) user.become(like);
    return user;
  }

  add(user: User): void {
    this.byName.set(user.name, user);
  }

  delete(name: string): User | undefined {
    const user = this.byName.get(name);
    this.byName.delete(name);
    return user;
  }

  /** Takes these users instead. The default user stays the same object; answers all who are no longer there. */
  replace(users: ReadonlyMap<string, User>): User[] {
    const gone = this.all.filter((user) => user !== this.default);
    this.default.become(users.get(DEFAULT_USER) ?? this.open());
    this.byName = new Map([...users, [DEFAULT_USER, this.default]]);
    return gone;
  }

  /** Applies rules one by one. Throws `UserError`. */
  static apply(user: User, rules: readonly string[]): void {
    for (const rule of joinSelectors(rules)) {
      try {
        user.apply([rule]);
      } catch (error) {
        if (!(error instanceof RuleError)) throw error;
        throw new UserError(rule, error.message, error.isUnknownCommand);
      }
    }
  }

  /** The users in the text of a file. Throws an `AclFileError` that names everything that is wrong with it. */
  parse(text: string, file: string): Map<string, User> {
    const users = new Map<string, User>();
    const complaints: string[] = [];
    for (const [i, raw] of text.split('\n').entries()) {
      const line = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
      if (line !== '') this.parseLine(line, `${file}:${i + 1}`, users, complaints);
    }
    if (complaints.length === 0) return users;
    throw new AclFileError(
      `${complaints.map((complaint) => `${complaint} `).join('')}WARNING: ACL errors detected, no change to the ` +
        'previously active ACL rules was performed',
    );
  }

  private parseLine(line: string, place: string, users: Map<string, User>, complaints: string[]): void {
    const [keyword, name, ...rules] = line.split(' ');
    if (keyword !== 'user' || name === undefined) {
      complaints.push(`${place} should start with user keyword followed by the username.`);
    } else if (hasSpaces(name)) {
      complaints.push(`'${place}: username '${name}' contains invalid characters.`);
    } else if (users.has(name)) {
      const number = place.slice(place.lastIndexOf(':') + 1);
      complaints.push(`WARNING: Duplicate user '${name}' found on line ${number}.`);
    } else {
      const user = this.create(name);
      users.set(name, user);
      try {
        Users.apply(user, rules);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        complaints.push(
          error.isUnknownCommand
            ? `${place}: Error in applying operation '${error.rule}': ${error.reason}.`
            : `${place}: ${error.reason}.`,
        );
      }
    }
  }

  /** The text of a file of users. */
  get text(): string {
    return this.all.map((user) => `${user.describe()}\n`).join('');
  }

  /** The default user as it is when nothing is configured: everybody, who may do everything. */
  private open(): User {
    const user = this.create(DEFAULT_USER);
    user.apply(['+@all', '~*', '&*', 'on', 'nopass']);
    return user;
  }
}

/** Joins the words of selectors, `(`, `+get`, `~a)`, into one rule each. Throws `UserError`. */
function joinSelectors(words: readonly string[]): string[] {
  const rules: string[] = [];
  let open: string | undefined;
  let first = '';
  for (const word of words) {
    if (open === undefined && word.startsWith('(') && !word.endsWith(')')) {
      open = first = word;
    } else if (open === undefined) rules.push(word);
    else {
      open += ` ${word}`;
      if (!word.endsWith(')')) continue;
      rules.push(open);
      open = undefined;
    }
  }
  if (open === undefined) return rules;
  throw new UserError('', `Unmatched parenthesis in acl selector starting at '${first}'`);
}
