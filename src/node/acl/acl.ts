/**
 * Access control: the node's users, the sessions that speak for them, and what they are refused.
 *
 * The model is in `users.ts`, `user.ts` and `selector.ts`. Here it meets the node: a change of a user reaches the
 * sessions at once, a session whose user may do anything is an ordinary one and costs nothing, and users come from and
 * go to the configuration or a file of their own.
 */

import type { Command } from '../../commands/command.js';
import type { AclFacility, AclLogEntry, Denial, DenialContext } from '../../commands/facilities/acl.js';
import { type Bytes, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import type { Request } from '../../protocol/request.js';
import type { Config } from '../config/index.js';
import { type Disk, DiskError, type Log } from '../host.js';
import type { PubSub } from '../messaging/pubsub.js';
import type { Session } from '../session.js';
import { AclLog } from './acl-log.js';
import { coversChannel } from './patterns.js';
import { hasSpaces } from './selector.js';
import type { User } from './user.js';
import { AclFileError, DEFAULT_USER, UserError, Users } from './users.js';

/** What access control needs of the node. */
export interface AclSurroundings {
  readonly config: Config;
  readonly disk: Pick<Disk, 'read' | 'replace'>;
  readonly log: Log;
  readonly pubsub: Pick<PubSub, 'namesOf'>;
  /** Milliseconds since 1970. */
  wallClock(): number;
  /** Unsigned 32-bit. */
  random(): number;
  sessions(): Iterable<Session>;
  /** The session's line of CLIENT LIST. */
  describe(session: Session): string;
  /** Closes the session's connection: at once, or behind its reply when it is the caller. */
  disconnect(session: Session): void;
  /** Whose command is running, and which. */
  call(): { readonly session: Session; readonly command: Command; readonly request: Request };
}

const NO_FILE =
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER ' +
  'command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users ' +
  'in the Redis configuration.';

export class Acl implements AclFacility {
  private readonly register: Users;
  private readonly refusals = new AclLog();

  /** Takes in the configured users. Throws an `AclFileError`. */
  constructor(private readonly around: AclSurroundings) {
    const { config, log } = around;
    this.register = new Users(() => config.values['acl-pubsub-default'] === 'allchannels');
    if (config.values.requirepass !== '') this.setDefaultPassword();
    for (const [name, ...rules] of config.users) {
      const user = name === DEFAULT_USER ? this.register.default : this.register.create(name);
      Users.apply(user, name === DEFAULT_USER ? ['reset', ...rules] : rules);
      this.register.add(user);
      if (user.enabled) continue;
      log(
        'notice',
        `The user '${name}' is disabled (there is no 'on' modifier in the user description). Make sure this is not a ` +
          'configuration error.',
      );
    }
    if (config.values.aclfile !== '') this.register.replace(this.readFile());
    config.onChange('requirepass', () => {
      this.setDefaultPassword();
      this.review();
      return undefined;
    });
    config.userLines = () => this.register.all.map((user) => user.describe());
  }

  // Sessions

  /** The session is as a new connection is: the default user. */
  welcome(session: Session): void {
    const user = this.register.default;
    session.speakFor(user, user.isOpen);
    session.review(user.isOpen);
  }

  authenticate(name: string, password: Bytes): boolean {
    const { session, request } = this.around.call();
    const user = this.register.get(name);
    if (user === undefined || !user.accepts(password)) {
      this.note(session, 'auth', session.inTransaction ? 'multi' : 'toplevel', request.latin1(0), name);
      return false;
    }
    session.speakFor(user, true);
    session.review(this.register.default.isOpen);
    return true;
  }

  /** Whether the default user needs no password: who comes from elsewhere is warded off then, in protected mode. */
  get isOpen(): boolean {
    return this.register.default.needsNoPassword;
  }

  /**
   * Why the session's user may not make the call, or null. What is refused is noted.
   * @param caller who called, when `session` is a script's
   */
  refusal(
    session: Session,
    command: Command,
    request: Request,
    context: DenialContext,
    caller = session,
  ): Denial | null {
    const { user } = session;
    if (user === null || user.unlimited) return null;
    const denial = user.denial(command, request);
    if (denial !== null) {
      const object = denial.reason === 'command' ? command.fullName : request.latin1(denial.argument);
      this.note(caller, denial.reason, context, object, user.name);
    }
    return denial;
  }

  private note(
    session: Session,
    reason: AclLogEntry['reason'],
    context: DenialContext,
    object: string,
    username: string,
  ): void {
    const { config, wallClock, describe } = this.around;
    const entry = { reason, context, object, username, time: wallClock(), client: describe(session) };
    this.refusals.add(entry, Number(config.values['acllog-max-len']));
  }

  readsAllKeys(): boolean {
    const { session, command, request } = this.around.call();
    const { user } = session;
    return user === null || user.unlimited || user.readsAllKeysIn(command, request);
  }

  /** Users have changed: what the sessions may do is seen anew. */
  private review(): void {
    for (const session of this.around.sessions()) session.review(this.register.default.isOpen);
  }

  // Users

  get users(): readonly User[] {
    return this.register.all;
  }

  user(name: string): User | undefined {
    return this.register.get(name);
  }

  setUser(name: string, rules: readonly string[]): void {
    if (hasSpaces(name)) throw new CommandError("ERR Usernames can't contain spaces or null characters");
    const user = this.register.get(name);
    const changed = this.register.create(name, user);
    try {
      Users.apply(changed, rules);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { rule, reason } = error;
      throw new CommandError(
        rule === '' ? `ERR ${reason}.` : `ERR Error in ACL SETUSER modifier '${rule}': ${reason}`,
      );
    }
    if (user === undefined) this.register.add(changed);
    else {
      this.disconnectListeners(user, changed);
      user.become(changed);
    }
    this.review();
  }

  deleteUsers(names: readonly string[]): number {
    const gone = names.flatMap((name) => this.register.delete(name) ?? []);
    this.disconnect(gone);
    return gone.length;
  }

  /** The users are no more: nor are their sessions. */
  private disconnect(gone: readonly User[]): void {
    for (const session of [...this.around.sessions()]) {
      if (session.user === null || !gone.includes(session.user)) continue;
      session.speakFor(this.register.default, false);
      session.review(this.register.default.isOpen);
      this.around.disconnect(session);
    }
  }

  /** Closes the sessions that listen to channels which their user may no longer hear. */
  private disconnectListeners(user: User, changed: User): void {
    const { channels } = changed;
    if (channels === 'all') return;
    const kept = channels.map((pattern) => latin1(pattern));
    if (user.channels !== 'all' && user.channels.every((pattern) => kept.includes(latin1(pattern)))) return;
    const mayHear = (name: string, isPattern: boolean) => {
      const bytes = fromLatin1(name);
      return coversChannel(channels, isPattern, bytes, 0, bytes.length);
    };
    for (const session of [...this.around.sessions()]) {
      if (session.user !== user) continue;
      const { channel, shard, pattern } = this.around.pubsub.namesOf(session);
      const allowed =
        [...channel, ...shard].every((name) => mayHear(name, false)) &&
        [...pattern].every((name) => mayHear(name, true));
      if (!allowed) this.around.disconnect(session);
    }
  }

  /** `requirepass` is the default user's password. */
  private setDefaultPassword(): void {
    const { requirepass } = this.around.config.values;
    this.register.default.apply(['resetpass', requirepass === '' ? 'nopass' : `>${requirepass}`]);
  }

  // The file

  load(): void {
    this.requireFile();
    try {
      this.disconnect(this.register.replace(this.readFile()));
    } catch (error) {
      if (!(error instanceof AclFileError)) throw error;
      throw new CommandError(`ERR ${error.message}`);
    }
    this.review();
  }

  save(): void {
    this.requireFile();
    const { config, disk, log } = this.around;
    try {
      disk.replace(config.values.aclfile, fromLatin1(this.register.text));
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      log('warning', `Writing ACL file for ACL SAVE: ${error.message}`);
      throw new CommandError(
        'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
      );
    }
  }

  private requireFile(): void {
    if (this.around.config.values.aclfile === '') throw new CommandError(NO_FILE);
  }

  /** Throws an `AclFileError`. */
  private readFile(): Map<string, User> {
    const { config, disk } = this.around;
    const { aclfile } = config.values;
    let contents: Bytes | undefined;
    try {
      contents = disk.read(aclfile);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      throw new AclFileError(`Error loading ACLs, opening file '${aclfile}': ${error.message}`);
    }
    if (contents === undefined) {
      throw new AclFileError(`Error loading ACLs, opening file '${aclfile}': No such file or directory`);
    }
    return this.register.parse(latin1(contents), aclfile);
  }

  // The log

  get log(): readonly AclLogEntry[] {
    return this.refusals.entries;
  }

  clearLog(): void {
    this.refusals.clear();
  }

  generatePassword(digits: number): string {
    let password = '';
    while (password.length < digits) password += this.around.random().toString(16).padStart(8, '0');
    return password.slice(0, digits);
  }
}
