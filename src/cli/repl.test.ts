import { describe, expect, it } from 'vitest';
import { isSensitive } from './history.js';
import { type Preferences, setPreference } from './preferences.js';
import { parseLine } from './repl.js';

describe('a typed line', () => {
  it.each([
    ['', { kind: 'blank' }],
    ['   ', { kind: 'blank' }],
    ['get "a', { kind: 'unbalanced' }],
    ['get a', { kind: 'command', args: ['get', 'a'], repeat: 1 }],
    ['5 incr x', { kind: 'command', args: ['incr', 'x'], repeat: 5 }],
    ['5', { kind: 'command', args: ['5'], repeat: 1 }],
    ['5x incr', { kind: 'command', args: ['5x', 'incr'], repeat: 1 }],
    ['0 ping', { kind: 'bad-repeat' }],
    ['-1 ping', { kind: 'bad-repeat' }],
    ['99999999999999999999 ping', { kind: 'bad-repeat' }],
  ])('%j', (line, expected) => expect(parseLine(line)).toEqual(expected));
});

describe('the history', () => {
  it.each([
    'AUTH secret',
    'acl setuser bob on >secret',
    'config set requirepass secret',
    'CONFIG SET maxmemory 1 masterauth secret',
    'hello 3 auth bob secret',
    'migrate host 6379 key 0 100 copy auth secret',
    'migrate host 6379 key 0 100 AUTH2 bob secret',
  ])('leaves out %s', (line) => expect(isSensitive(line.split(' '))).toBe(true));

  it.each([
    'get auth',
    'acl whoami',
    'config get requirepass',
    'config set maxmemory 1',
    'hello 3',
    'set auth x',
  ])('keeps %s', (line) => expect(isSensitive(line.split(' '))).toBe(false));
});

describe('preferences', () => {
  it('are set by name, and complained about otherwise', () => {
    const preferences: Preferences = { hints: true };
    expect(setPreference(preferences, [':set', 'nohints'])).toBeUndefined();
    expect(preferences.hints).toBe(false);
    expect(setPreference(preferences, [':SET', 'HINTS'])).toBeUndefined();
    expect(preferences.hints).toBe(true);
    expect(setPreference(preferences, [':set', 'x'])).toBe("unknown redis-cli preference 'x'");
    expect(setPreference(preferences, [':set'])).toBe("unknown redis-cli internal command ':set'");
  });
});
