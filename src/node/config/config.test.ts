import { describe, expect, it } from 'vitest';
import { Config } from './config.js';
import { ConfigError } from './kinds.js';

const failed = (word: string, reason: string) =>
  `ERR CONFIG SET failed (possibly related to argument '${word}') - ${reason}`;

describe('CONFIG GET', () => {
  it('finds names, aliases and patterns, in any case', () => {
    const config = new Config();
    expect(config.get(['Maxmemory'])).toEqual([['Maxmemory', '0']]);
    expect(config.get(['slave-priority'])).toEqual([['slave-priority', '100']]);
    expect(config.get(['*-PRIORITY']).sort()).toEqual([
      ['replica-priority', '100'],
      ['slave-priority', '100'],
    ]);
    expect(config.get(['no-such-thing'])).toEqual([]);
  });

  it('names what several patterns find once', () => {
    const names = new Config().get(['maxmemory*', 'maxmemory', 'maxmemory-p*']).map(([name]) => name);
    expect(names.length).toBe(new Set(names).size);
    expect(names).toContain('maxmemory-policy');
  });

  it('shows hidden directives only by their exact name', () => {
    const config = new Config();
    expect(config.get(['key-load-delay'])).toEqual([['key-load-delay', '0']]);
    expect(config.get(['key-load-*'])).toEqual([]);
  });
});

describe('CONFIG SET', () => {
  it('takes back its own output for everything that can be set', () => {
    const config = new Config();
    for (const [name, value] of config.get(['*'])) {
      const complaint = config.set([[name, value]]);
      if (complaint !== undefined) expect(complaint).toMatch(/can't set (immutable|protected) config$/);
      expect(config.text(name)).toBe(value);
    }
  });

  it('gives typed values', () => {
    const config = new Config();
    const complaint = config.set([
      ['maxmemory', '100mb'],
      ['appendonly', 'YES'],
      ['maxmemory-policy', 'ALLKEYS-lru'],
      ['save', '900 1 60 5'],
      ['maxmemory-clients', '5%'],
      ['client-output-buffer-limit', 'slave 1mb 2k 3'],
      ['shutdown-on-sigterm', 'force nosave'],
      ['notify-keyspace-events', 'KEA'],
    ]);
    expect(complaint).toBeUndefined();
    const { values } = config;
    expect(values.maxmemory).toBe(100 * 1024 * 1024);
    expect(values.appendonly).toBe(true);
    expect(values['maxmemory-policy']).toBe('allkeys-lru');
    expect(values.save).toEqual([
      { seconds: 900, changes: 1 },
      { seconds: 60, changes: 5 },
    ]);
    expect(values['maxmemory-clients']).toBe(-5);
    expect(values['client-output-buffer-limit'].replica).toEqual({ hard: 1048576, soft: 2000, seconds: 3 });
    expect(values['client-output-buffer-limit'].pubsub.seconds).toBe(60);
    expect(values['shutdown-on-sigterm']).toEqual(['nosave', 'force']);
    expect(config.text('notify-keyspace-events')).toBe('AKE');
  });

  it('keeps integers of 64 bits exact', () => {
    const config = new Config();
    config.set([['slowlog-log-slower-than', '9223372036854775807']]);
    expect(config.text('slowlog-log-slower-than')).toBe('9223372036854775807');
    expect(config.set([['slowlog-log-slower-than', '9223372036854775808']])).toBeDefined();
  });

  it.each([
    [[['nonsense', '1']], "ERR Unknown option or number of arguments for CONFIG SET - 'nonsense'"],
    [[['maxclients', 'x']], failed('maxclients', "argument couldn't be parsed into an integer")],
    [[['databases', '5']], failed('databases', "can't set immutable config")],
    [[['dbfilename', 'x']], failed('dbfilename', "can't set protected config")],
    [
      [
        ['hz', '5'],
        ['HZ', '6'],
      ],
      failed('HZ', 'duplicate parameter'),
    ],
  ])('refuses %j', (pairs, expected) => {
    expect(new Config().set(pairs as [string, string][])).toBe(expected);
  });

  it('sets all or nothing', () => {
    const config = new Config();
    const complaint = config.set([
      ['maxmemory', '1gb'],
      ['maxclients', '0'],
    ]);
    expect(complaint).toBe(failed('maxclients', 'argument must be between 1 and 4294967295 inclusive'));
    expect(config.values.maxmemory).toBe(0);
    expect(config.text('maxmemory')).toBe('0');
  });

  it('calls a listener once, when something of its own changed', () => {
    const config = new Config();
    const seen: number[] = [];
    config.onChange(['maxmemory', 'maxmemory-policy'], () => {
      seen.push(config.values.maxmemory);
      return undefined;
    });
    config.set([
      ['maxmemory', '1'],
      ['maxmemory-policy', 'allkeys-lru'],
    ]);
    config.set([['maxmemory', '1']]);
    config.set([['hz', '20']]);
    expect(seen).toEqual([1]);
  });

  it('undoes what a listener refuses, and tells the listeners so', () => {
    const config = new Config();
    const seen: number[] = [];
    config.onChange('maxmemory', () => {
      seen.push(config.values.maxmemory);
      return undefined;
    });
    config.onChange('port', () => (config.values.port === 1 ? 'Unable to listen on this port.' : undefined));
    const complaint = config.set([
      ['maxmemory', '7'],
      ['port', '1'],
    ]);
    expect(complaint).toBe(failed('port', 'Unable to listen on this port.'));
    expect(config.values.port).toBe(6379);
    expect(config.values.maxmemory).toBe(0);
    expect(seen).toEqual([7, 0]);
  });

  it('lets protected directives be set where that is allowed', () => {
    const config = new Config((path) => `/absolute/${path}`);
    config.setFromFile('enable-protected-configs', ['local'], false);
    expect(config.set([['dir', 'x']], { isLocal: false })).toMatch(/protected/);
    expect(config.set([['dir', 'x']], { isLocal: true })).toBeUndefined();
    expect(config.values.dir).toBe('/absolute/x');
  });

  it.each(['loading', 'loadingBesides'] as const)("refuses what can't be set while %s", (state) => {
    const config = new Config();
    config[state] = true;
    expect(config.set([['appendonly', 'yes']])).toMatch(/^LOADING /);
    expect(config.set([['hz', '20']])).toBeUndefined();
  });
});

describe('CONFIG REWRITE', () => {
  it('keeps comments and order, reuses lines, drops what is over, adds what is new', () => {
    const config = new Config();
    config.setFromFile('save', ['900', '1'], false);
    config.setFromFile('cluster-node-timeout', ['5000'], false);
    config.set([
      ['maxmemory', '104857600'],
      ['requirepass', 'two words'],
    ]);
    const old = [
      '# My server',
      '',
      '',
      'slave-priority 50   ',
      'save 3600 1',
      'save 60 10000',
      '  # in between',
      'cluster-node-timeout 15000',
      'nonsense here',
      'rename-command FLUSHALL ""',
      '',
    ].join('\n');
    config.set([['replica-priority', '40']]);
    expect(config.rewritten(old)).toBe(
      [
        '# My server',
        '',
        'replica-priority 40',
        'save 900 1',
        '',
        '# in between',
        'cluster-node-timeout 5000',
        '# ??? nonsense here',
        'rename-command FLUSHALL ""',
        '# Generated by CONFIG REWRITE',
        'requirepass "two words"',
        'maxmemory 100mb',
        'latency-tracking-info-percentiles 50 99 99.9',
        'dir "."',
        '',
      ].join('\n'),
    );
  });

  it('changes nothing the second time', () => {
    const config = new Config();
    config.set([['maxmemory', '5']]);
    const once = config.rewritten('# first\nport 6379\n');
    expect(config.rewritten(once)).toBe(once);
  });

  it('goes to the store, and complains in words', () => {
    const config = new Config();
    expect(config.rewrite()).toBe('ERR The server is running without a config file');
    let written = '';
    config.store = {
      path: '/a.conf',
      read: () => 'port 1\n',
      write(text) {
        written = text;
      },
    };
    expect(config.rewrite()).toBeUndefined();
    expect(written).toMatch(/^port 6379\n/);
    config.store = {
      path: '/a.conf',
      read: () => {
        throw new ConfigError('Permission denied');
      },
      write() {},
    };
    expect(config.rewrite()).toBe('ERR Rewriting config file: Permission denied');
  });
});
