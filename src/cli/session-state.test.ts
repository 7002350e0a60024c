import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-tree.js';
import { afterReply, formatAddress, promptOf, redirectionOf, type SessionState } from './session-state.js';

const start: SessionState = {
  address: { host: '127.0.0.1', port: 7001 },
  db: 0,
  wantedDb: 0,
  transaction: undefined,
  resp3: 'no',
};
const ok: Reply = { type: 'simple', value: fromLatin1('OK') };
const nothing: Reply = { type: 'null', form: 'array' };
const error = (text: string): Reply => ({ type: 'error', value: fromLatin1(text), bulk: false });

/** The prompts behind the commands, each answered as given. */
function prompts(...steps: [command: string, reply: Reply][]): string[] {
  let state = start;
  return steps.map(([command, reply]) => {
    state = afterReply(state, command.split(' '), reply);
    return promptOf(state, true).replace('127.0.0.1:7001', '');
  });
}

describe('the prompt', () => {
  it('shows the address, or that there is no connection', () => {
    expect(promptOf(start, true)).toBe('127.0.0.1:7001> ');
    expect(promptOf(start, false)).toBe('not connected> ');
    expect(promptOf({ ...start, address: { path: '/tmp/s' } }, true)).toBe('redis /tmp/s> ');
    expect(formatAddress({ host: '::1', port: 7001 })).toBe('[::1]:7001');
  });

  it('follows SELECT when it succeeds', () => {
    expect(prompts(['select 3', ok], ['SELECT 99', error('ERR')], ['select 0', ok])).toEqual([
      '[3]> ',
      '[3]> ',
      '> ',
    ]);
  });

  it('shows an open transaction until EXEC or DISCARD', () => {
    expect(prompts(['multi', ok], ['get a', ok], ['exec', { type: 'array', items: [] }])).toEqual([
      '(TX)> ',
      '(TX)> ',
      '> ',
    ]);
    expect(prompts(['multi', ok], ['discard', ok])).toEqual(['(TX)> ', '> ']);
    expect(prompts(['multi', error('ERR')])).toEqual(['> ']);
  });

  it('forgets a SELECT in a transaction that was not executed', () => {
    expect(prompts(['multi', ok], ['select 3', ok], ['exec', nothing])).toEqual([
      '(TX)> ',
      '[3](TX)> ',
      '> ',
    ]);
    expect(prompts(['multi', ok], ['select 3', ok], ['exec', error('EXECABORT')]).at(-1)).toBe('> ');
    expect(prompts(['multi', ok], ['select 3', ok], ['discard', ok]).at(-1)).toBe('> ');
    expect(prompts(['multi', ok], ['select 3', ok], ['exec', { type: 'array', items: [ok] }]).at(-1)).toBe(
      '[3]> ',
    );
  });

  it('starts anew with RESET', () => {
    expect(prompts(['select 3', ok], ['multi', ok], ['reset', ok])).toEqual(['[3]> ', '[3](TX)> ', '> ']);
    expect(afterReply({ ...start, resp3: 'required' }, ['reset'], ok).resp3).toBe('no');
  });
});

describe('redirections', () => {
  it.each([
    ['MOVED 1525 127.0.0.1:7000', { asking: false, slot: 1525, host: '127.0.0.1', port: 7000 }],
    ['ASK 0 ::1:7000', { asking: true, slot: 0, host: '::1', port: 7000 }],
    ['MOVED 1 :7000', { asking: false, slot: 1, host: '', port: 7000 }],
    ['MOVED 1 ?:7000', { asking: false, slot: 1, host: '', port: 7000 }],
  ])('reads %s', (text, expected) => expect(redirectionOf(error(text))).toEqual(expected));

  it('takes nothing else for one', () => {
    for (const text of ['ERR MOVED 1 a:1', 'MOVED', 'MOVED x a:1', 'CROSSSLOT Keys', 'TRYAGAIN'])
      expect(redirectionOf(error(text))).toBeUndefined();
    expect(redirectionOf({ type: 'simple', value: fromLatin1('MOVED 1 a:1') })).toBeUndefined();
  });
});
