import { describe, expect, it } from 'vitest';
import { type CliOptions, parseArguments, UsageError } from './options.js';

function options(...args: string[]): CliOptions {
  const parsed = parseArguments(args);
  if (parsed.kind !== 'run') throw new Error(`parsed as ${parsed.kind}`);
  return parsed.options;
}

describe("redis-cli's option grammar", () => {
  it('ends the options at the first other word', () => {
    expect(parseArguments(['-p', '7001', 'set', '-p', '7002'])).toMatchObject({
      kind: 'run',
      options: { port: 7001 },
      command: ['set', '-p', '7002'],
    });
  });

  it('takes the command as UTF-8 bytes', () => {
    expect(parseArguments(['echo', 'é'])).toMatchObject({ command: ['echo', '\xc3\xa9'] });
  });

  it('takes the word behind a valued option whatever it looks like', () => {
    const parsed = options('-a', '--tls');
    expect(parsed.password).toBe('--tls');
    expect(parsed.tls).toBeUndefined();
  });

  it('has a help of its own for a -h without a host', () => {
    expect(parseArguments(['-h'])).toEqual({ kind: 'help' });
    expect(options('-h', 'example')).toMatchObject({ host: 'example' });
  });

  it('hands the manager its subcommand, the credentials before --cluster, and everything behind it', () => {
    const words = (line: string) => {
      const parsed = parseArguments(line.split(' '));
      return parsed.kind === 'cluster-manager' ? parsed.args.join(' ') : parsed.kind;
    };
    expect(words('-p 7000 -a pw --no-auth-warning --cluster create a:1 --cluster-replicas 1')).toBe(
      'create --pass pw a:1 --cluster-replicas 1',
    );
    expect(words('--tls --cacert ca.crt --cert c --key k --insecure --user u --cluster check a:1')).toBe(
      'check --user u --tls --insecure --cacert ca.crt --cert c --key k a:1',
    );
    // Behind the words they would be sent to the nodes.
    expect(words('-a pw --cluster call a:1 set key value')).toBe('call --pass pw a:1 set key value');
    expect(words('--cluster')).toBe('');
  });

  it('prefers RESP3 for JSON unless told otherwise', () => {
    expect(options('--json').resp3).toBe('preferred');
    expect(options('--json', '-3').resp3).toBe('required');
    expect(options('-3', '--json').resp3).toBe('required');
    expect(options('--json', '-2').resp3).toBe('no');
  });

  it.each([
    ['redis://', {}],
    ['redis://example', { host: 'example' }],
    ['redis://example:7001/3', { host: 'example', port: 7001, db: 3 }],
    ['REDIS://secret@example', { password: 'secret' }],
    ['redis://user:p%40ss%2F@example', { user: 'user', password: 'p@ss/', host: 'example' }],
    ['redis://[::1]:7001', { host: '::1', port: 7001 }],
    ['redis:///2', { host: '127.0.0.1', db: 2 }],
    ['rediss://example', { host: 'example', tls: { insecure: false } }],
  ])('reads the URI %s', (uri, expected) => expect(options('-u', uri)).toMatchObject(expected));

  it('collects TLS options in any order', () => {
    expect(options('--cacert', 'ca.pem', '--tls', '--insecure').tls).toEqual({
      ca: 'ca.pem',
      insecure: true,
    });
  });

  it.each([
    [['--nonsense']],
    [['-p']],
    [['-p', 'x']],
    [['-p', '65536']],
    [['-n', '-1']],
    [['-i', 'soon']],
    [['-2', '-3']],
    [['-x', '-X', 'tag']],
    [['-c', '-s', '/tmp/socket']],
    [['-u', 'http://x']],
    [['-u', 'redis://a%zz@x']],
    [['--rdb', 'a', '--functions-rdb', 'b']],
    [['--show-pushes', 'perhaps']],
  ])('rejects %j', (args) => expect(() => parseArguments(args)).toThrow(UsageError));
});
