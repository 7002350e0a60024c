import { describe, expect, it } from 'vitest';
import { commandTable } from '../../commands/index.js';
import { Config } from './config.js';
import { ConfigFileError, type ConfigSource, loadConfig, parseCommandLine } from './file.js';

function load(text: string, others: Readonly<Record<string, string>> = {}, options = '') {
  const config = new Config();
  const sources: ConfigSource[] = [{ name: '/etc/a.conf', text }];
  if (options !== '') sources.push({ name: 'the command line', text: options });
  loadConfig(config, sources, (path) =>
    Object.hasOwn(others, path) ? [{ name: path, text: others[path] }] : [],
  );
  return { config, values: config.values };
}

function mistake(text: string, others?: Readonly<Record<string, string>>, options?: string): ConfigFileError {
  try {
    load(text, others, options);
  } catch (error) {
    if (error instanceof ConfigFileError) return error;
    throw error;
  }
  throw new Error('no mistake was found');
}

describe('loadConfig', () => {
  it('reads the article’s file', () => {
    const { values } = load(
      'port 7000\ncluster-enabled yes\ncluster-config-file nodes-0.conf\ncluster-node-timeout 5000\n' +
        'appendonly yes\nprotected-mode no\n',
    );
    expect(values.port).toBe(7000);
    expect(values['cluster-enabled']).toBe(true);
    expect(values['cluster-config-file']).toBe('nodes-0.conf');
    expect(values['cluster-node-timeout']).toBe(5000);
    expect(values.appendonly).toBe(true);
    expect(values['protected-mode']).toBe(false);
  });

  it('knows comments, blanks, quotes, case and carriage returns', () => {
    const { values } = load(
      '# comment\r\n\r\n  PORT\t 7001 \r\nrequirepass "a \\x41\\" b"\r\nlogfile \'\'\r\n',
    );
    expect(values.port).toBe(7001);
    expect(values.requirepass).toBe('a A" b');
    expect(values.logfile).toBe('');
  });

  it('adds up save lines, and lets the first replace the default', () => {
    expect(load('').values.save).toHaveLength(3);
    expect(load('save 1 2\nsave 3 4 5 6\n').values.save).toEqual([
      { seconds: 1, changes: 2 },
      { seconds: 3, changes: 4 },
      { seconds: 5, changes: 6 },
    ]);
    expect(load('save 1 2\nsave ""\n').values.save).toEqual([]);
    expect(load('save 1 2\n', {}, 'save ""').values.save).toEqual([]);
  });

  it('splits a single quoted argument of a directive with many', () => {
    expect(load('bind "127.0.0.1 ::1"').values.bind).toEqual(['127.0.0.1', '::1']);
  });

  it('includes other files where they are named', () => {
    const { values } = load('port 1\ninclude b.conf\nhz 5\n', { 'b.conf': 'port 2\nhz 7\n' });
    expect(values.port).toBe(2);
    expect(values.hz).toBe(5);
  });

  it('stops at files that include each other', () => {
    expect(mistake('include a', { a: 'include a' }).reason).toBe('Files include each other too deeply');
  });

  it('ignores directives of former versions', () => {
    expect(() => load('lua-replicate-commands yes\nlist-max-ziplist-entries 5\n')).not.toThrow();
  });

  it.each([
    ['foo bar', 'Bad directive or wrong number of arguments'],
    ['port', 'wrong number of arguments'],
    ['port 1 2', 'wrong number of arguments'],
    ['port 70000', 'argument must be between 0 and 65535 inclusive'],
    ['appendonly maybe', "argument must be 'yes' or 'no'"],
    ['appendfsync never', 'argument(s) must be one of the following: everysec, always, no'],
    ['maxmemory lots', 'argument must be a memory value'],
    ['requirepass "x', 'Unbalanced quotes in configuration line'],
    ['save 1', 'Invalid save parameters'],
    ['loadmodule x.so', 'Modules are not supported by Hexis'],
    ['rename-command NONSENSE x', 'No such command in rename-command'],
    ['rename-command FLUSHALL get', 'Target command name already exists'],
    [
      'user alice on +nonsense',
      "Error in user declaration '+nonsense': Unknown command or category name in ACL",
    ],
    ['user', 'Bad directive or wrong number of arguments'],
  ])('%s: %s', (line, reason) => {
    const error = mistake(`# first\n\n${line}\n`);
    expect(error.reason).toBe(reason);
    expect(error.place).toEqual({ source: '/etc/a.conf', line: 3, text: line });
  });

  it('reports as redis-server does, and names the file', () => {
    expect(mistake('port 1\nfoo bar').report('Hexis 1.2.3')).toBe(
      "\n*** FATAL CONFIG FILE ERROR (Hexis 1.2.3) ***\nReading the configuration file, at line 2 of /etc/a.conf\n>>> 'foo bar'\n" +
        'Bad directive or wrong number of arguments\n',
    );
    expect(mistake('include b', { b: '\nfoo' }).place).toEqual({ source: 'b', line: 2, text: 'foo' });
    expect(mistake('', {}, 'port "x"').place?.source).toBe('the command line');
  });

  it('gives commands other names, or none', () => {
    const { commands } = load('rename-command FLUSHALL ""\nrename-command CONFIG Secret\n').config;
    const [flushall, config, secret] = ['flushall', 'config', 'secret'].map((name) => commands.byName(name));
    expect([flushall, config, secret?.fullName]).toEqual([undefined, undefined, 'config']);
    expect(commands.byName('secret|get')?.fullName).toBe('config|get');
    expect(commands.all.length).toBe(commandTable.all.length);
  });

  it('takes users, each once', () => {
    expect(load('user alice on >secret ~a* +@read\nuser default off').config.users).toEqual([
      ['alice', 'on', '>secret', '~a*', '+@read'],
      ['default', 'off'],
    ]);
    expect(mistake('user alice on\nuser alice off').reason).toBe(
      "Error in user declaration 'alice': Duplicate user found. A user can only be defined once in config files",
    );
  });

  it('refuses what contradicts itself', () => {
    const error = mistake('cluster-enabled yes\nreplicaof 127.0.0.1 1\n');
    expect(error.reason).toBe('replicaof directive not allowed in cluster mode');
    expect(error.place).toBeUndefined();
    expect(mistake('aclfile users.acl\nuser alice on').reason).toMatch(/choose one of the two$/);
  });
});

describe('parseCommandLine', () => {
  it.each([
    [[], { standardInput: false, options: '' }],
    [['a.conf'], { file: 'a.conf', standardInput: false, options: '' }],
    [['-'], { standardInput: true, options: '' }],
    [['a.conf', '--port', '7000', '-'], { file: 'a.conf', standardInput: true, options: 'port "7000"' }],
    [['--port 7000', '--hz', '5'], { standardInput: false, options: 'port 7000\nhz "5"' }],
    [['--save', '', '--appendonly', 'yes'], { standardInput: false, options: 'save ""\nappendonly "yes"' }],
    [['--save', '--port', '1'], { standardInput: false, options: 'save ""\nport "1"' }],
    [['--port', '1', '--save'], { standardInput: false, options: 'port "1"\nsave ""' }],
    [['--replicaof', '127.0.0.1', '8888'], { standardInput: false, options: 'replicaof "127.0.0.1" "8888"' }],
    [['--requirepass', '--x'], { standardInput: false, options: 'requirepass "--x"' }],
  ])('%j', (args, expected) => {
    expect(parseCommandLine(args)).toEqual(expected);
  });

  it('overrides the file', () => {
    const { options } = parseCommandLine(['a.conf', '--port', '7002', '--requirepass', 'ä "q"']);
    const { values } = load('port 7000\n', {}, options);
    expect(values.port).toBe(7002);
    expect(Buffer.from(values.requirepass, 'latin1').toString()).toBe('ä "q"');
  });
});
