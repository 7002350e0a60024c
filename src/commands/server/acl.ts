/** ACL: users and what they may do. */
import { CommandError } from '../../protocol/command-error.js';
import { subrequest } from '../../protocol/request.js';
import * as arg from '../arguments.js';
import { ACL_CATEGORIES, type AclCategory, type CommandDefinition, type Flag } from '../command.js';
import type { Context } from '../context.js';
import { subcommandSyntax, wrongArity } from '../errors.js';
import type { Denial, SelectorView } from '../facilities/acl.js';
import { helpSubcommand } from '../help.js';
import { integerArgument } from '../input.js';

const FOR_ALL: readonly Flag[] = ['noscript', 'loading', 'stale', 'sentinel'];
const FOR_ADMINS: readonly Flag[] = ['admin', ...FOR_ALL];
const EACH_USER = 'O(N). Where N is the number of configured users.';

const DEFAULT_PASSWORD_BITS = 256;
const MOST_PASSWORD_BITS = 4096;
const LOG_ENTRIES = 10;

export const acl: readonly CommandDefinition[] = [
  {
    name: 'acl',
    summary: 'A container for commands about users.',
    since: '6.0.0',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: ['sentinel'],
    subcommands: [
      {
        name: 'cat',
        summary: 'Answers the categories of commands, or the commands of one.',
        since: '6.0.0',
        group: 'server',
        complexity: 'O(1) since the categories and commands are a fixed set.',
        arity: -2,
        flags: FOR_ALL,
        args: [arg.string('categoryname', { optional: true })],
        reply: 'string[]',
        run: listCategories,
      },
      {
        name: 'deluser',
        summary: 'Deletes users, and closes their connections.',
        since: '6.0.0',
        group: 'server',
        complexity: 'O(1) amortized time considering the typical user.',
        arity: -3,
        flags: FOR_ADMINS,
        args: [arg.string('username', { multiple: true })],
        reply: 'number',
        run({ request, server, reply }) {
          const names = wordsFrom(request, 2);
          if (names.includes('default')) throw new CommandError("ERR The 'default' user cannot be removed");
          reply.integer(server.acl.deleteUsers(names));
        },
      },
      {
        name: 'dryrun',
        summary: 'Answers whether a user may make a call, which is not made.',
        since: '7.0.0',
        group: 'server',
        complexity: 'O(1).',
        arity: -4,
        flags: FOR_ADMINS,
        args: [
          arg.string('username'),
          arg.string('command'),
          arg.string('arg', { optional: true, multiple: true }),
        ],
        reply: "'OK' | string",
        run: dryRun,
      },
      {
        name: 'genpass',
        summary: 'Makes a random password.',
        since: '6.0.0',
        group: 'server',
        complexity: 'O(1)',
        arity: -2,
        flags: FOR_ALL,
        args: [arg.integer('bits', { optional: true })],
        reply: 'string',
        run: generatePassword,
      },
      {
        name: 'getuser',
        summary: "Answers a user's rules.",
        since: '6.0.0',
        group: 'server',
        complexity: 'O(N). Where N is the number of password, command and pattern rules that the user has.',
        arity: 3,
        flags: FOR_ADMINS,
        args: [arg.string('username')],
        reply: 'Record<string, unknown> | null',
        history: [
          ['6.2.0', 'Added Pub/Sub channel patterns.'],
          [
            '7.0.0',
            'Added selectors and changed the format of key and channel patterns from a list to their rule representation.',
          ],
        ],
        run: getUser,
      },
      {
        name: 'list',
        summary: 'Answers the rules of all users, as lines of a configuration file.',
        since: '6.0.0',
        group: 'server',
        complexity: EACH_USER,
        arity: 2,
        flags: FOR_ADMINS,
        reply: 'string[]',
        run({ server, reply }) {
          writeWords(
            reply,
            server.acl.users.map((user) => user.describe()),
          );
        },
      },
      {
        name: 'load',
        summary: 'Takes in the file of users.',
        since: '6.0.0',
        group: 'server',
        complexity: EACH_USER,
        arity: 2,
        flags: FOR_ADMINS,
        reply: "'OK'",
        run({ server, reply }) {
          server.acl.load();
          reply.ok();
        },
      },
      {
        name: 'log',
        summary: 'Answers what was refused lately, or forgets it.',
        since: '6.0.0',
        group: 'server',
        complexity: 'O(N) with N being the number of entries shown.',
        arity: -2,
        flags: FOR_ADMINS,
        args: [arg.oneOf('operation', [arg.integer('count'), arg.word('RESET')], { optional: true })],
        reply: "Record<string, unknown>[] | 'OK'",
        run: showLog,
      },
      {
        name: 'save',
        summary: 'Writes the file of users.',
        since: '6.0.0',
        group: 'server',
        complexity: EACH_USER,
        arity: 2,
        flags: FOR_ADMINS,
        reply: "'OK'",
        run({ server, reply }) {
          server.acl.save();
          reply.ok();
        },
      },
      {
        name: 'setuser',
        summary: 'Makes a user, or changes one.',
        since: '6.0.0',
        group: 'server',
        complexity: 'O(N). Where N is the number of rules provided.',
        arity: -3,
        flags: FOR_ADMINS,
        args: [arg.string('username'), arg.string('rule', { optional: true, multiple: true })],
        reply: "'OK'",
        history: [
          ['6.2.0', 'Added Pub/Sub channel patterns.'],
          ['7.0.0', 'Added selectors and key based permissions.'],
        ],
        run({ request, server, reply }) {
          server.acl.setUser(request.latin1(2), wordsFrom(request, 3));
          reply.ok();
        },
      },
      {
        name: 'users',
        summary: 'Answers the names of all users.',
        since: '6.0.0',
        group: 'server',
        complexity: EACH_USER,
        arity: 2,
        flags: FOR_ADMINS,
        reply: 'string[]',
        run({ server, reply }) {
          writeWords(
            reply,
            server.acl.users.map(({ name }) => name),
          );
        },
      },
      {
        name: 'whoami',
        summary: "Answers the name of the connection's user.",
        since: '6.0.0',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: FOR_ALL,
        reply: 'string',
        run({ session, reply }) {
          if (session.userName === null) reply.nil();
          else reply.latin1(session.userName);
        },
      },
      helpSubcommand('server', '6.0.0', { flags: ['loading', 'stale', 'sentinel'] }),
    ],
  },
];

/** An array of texts with one character per byte. */
function writeWords(reply: Context['reply'], words: readonly string[]): void {
  reply.array(words.length);
  for (const word of words) reply.latin1(word);
}

/** The arguments from `first` on, one character per byte. */
function wordsFrom(request: Context['request'], first: number): string[] {
  return Array.from({ length: Math.max(0, request.argc - first) }, (_, i) => request.latin1(first + i));
}

/** How ACL's subcommands refuse too many arguments: they check them by themselves. */
function refuseMoreThan({ request }: Context, most: number): void {
  if (request.argc > most) throw new CommandError(subcommandSyntax(request.latin1(1), 'ACL'));
}

/** ACL CAT [category]. */
function listCategories(c: Context): void {
  const { request, server, reply } = c;
  refuseMoreThan(c, 3);
  if (request.argc === 2) {
    reply.texts(ACL_CATEGORIES);
    return;
  }
  const name = request.latin1(2);
  const category = name.toLowerCase() as AclCategory;
  if (!ACL_CATEGORIES.includes(category)) {
    throw new CommandError(`ERR Unknown category '${name.slice(0, 128)}'`);
  }
  const members = server.commands.all.filter(({ categories }) => categories.includes(category));
  reply.texts(members.map(({ fullName }) => fullName));
}

/** ACL DRYRUN user command [argument …]. */
function dryRun({ request: outer, server, reply }: Context): void {
  const name = outer.latin1(2);
  const user = server.acl.user(name);
  if (user === undefined) throw new CommandError(`ERR User '${name}' not found`);
  const request = subrequest(outer, 3);
  const command = server.commands.resolve(request);
  if (command === undefined) throw new CommandError(`ERR Command '${outer.latin1(3)}' not found`);
  if (!command.accepts(request.argc)) throw new CommandError(wrongArity(command.fullName));
  const denial = user.denial(command, request);
  if (denial === null) reply.ok();
  else reply.latin1(`This user has no permissions to ${whatIsDenied(denial, command.fullName, request)}`);
}

function whatIsDenied({ reason, argument }: Denial, command: string, request: Context['request']): string {
  return reason === 'command'
    ? `run the '${command}' command`
    : `access the '${request.latin1(argument)}' ${reason}`;
}

/** ACL GENPASS [bits]. */
function generatePassword(c: Context): void {
  const { request, server, reply } = c;
  refuseMoreThan(c, 3);
  const bits = request.argc === 3 ? integerArgument(c, 2) : DEFAULT_PASSWORD_BITS;
  if (bits <= 0 || bits > MOST_PASSWORD_BITS) {
    throw new CommandError(
      'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to ' +
        MOST_PASSWORD_BITS,
    );
  }
  reply.latin1(server.acl.generatePassword(Math.ceil(bits / 4)));
}

function getUser({ request, server, reply }: Context): void {
  const user = server.acl.user(request.latin1(2));
  if (user === undefined) {
    reply.nil();
    return;
  }
  const { flags, passwords, selectors } = user;
  reply.map(6);
  reply.text('flags');
  reply.set(flags.length);
  for (const flag of flags) reply.text(flag);
  reply.text('passwords');
  reply.texts(passwords);
  const [own, ...others] = selectors;
  writeSelector(reply, own);
  reply.text('selectors');
  reply.array(others.length);
  for (const selector of others) {
    reply.map(3);
    writeSelector(reply, selector);
  }
}

function writeSelector(reply: Context['reply'], { commands, keys, channels }: SelectorView): void {
  for (const [name, text] of Object.entries({ commands, keys, channels })) {
    reply.text(name);
    reply.latin1(text);
  }
}

/** ACL LOG [count | RESET]. */
function showLog(c: Context): void {
  const { request, server, reply, now } = c;
  refuseMoreThan(c, 3);
  if (request.argc === 3 && request.is(2, 'RESET')) {
    server.acl.clearLog();
    reply.ok();
    return;
  }
  const count = request.argc === 3 ? Math.max(0, integerArgument(c, 2)) : LOG_ENTRIES;
  const entries = server.acl.log.slice(0, count);
  reply.array(entries.length);
  for (const entry of entries) {
    reply.map(7);
    reply.text('count');
    reply.integer(entry.count);
    for (const field of ['reason', 'context', 'object', 'username'] as const) {
      reply.text(field);
      reply.latin1(entry[field]);
    }
    reply.text('age-seconds');
    reply.double((now - entry.time) / 1000);
    reply.text('client-info');
    reply.latin1(entry.client);
  }
}
