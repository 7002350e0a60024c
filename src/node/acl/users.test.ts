import { describe, expect, it } from 'vitest';
import { testSeed, withSeed } from '../../../test/support/random.js';
import { ACL_CATEGORIES, type Command } from '../../commands/command.js';
import { commandTable } from '../../commands/index.js';
import { fromLatin1 } from '../../protocol/bytes.js';
import { Request } from '../../protocol/request.js';
import { fillRequest } from '../../protocol/request-parser.js';
import type { User } from './user.js';
import { UserError, Users } from './users.js';

const users = () => new Users(() => false);

function userWith(...rules: string[]): User {
  const user = users().create('u');
  Users.apply(user, rules);
  return user;
}

/** What the user is refused for, with the argument it is about. */
function denied(user: User, line: string, command?: Command): string {
  const request = new Request();
  fillRequest(
    request,
    line.split(' ').map((word) => fromLatin1(word)),
  );
  const denial = user.denial(command ?? commandTable.resolve(request)!, request);
  return denial === null ? '' : `${denial.reason} ${denial.argument}`;
}

describe('a user', () => {
  it('may do nothing at first but authenticate and leave', () => {
    const user = users().create('u');
    expect(user.describe()).toBe('user u off resetchannels -@all');
    expect(denied(user, 'ping')).toBe('command 0');
    expect(denied(user, 'auth u p')).toBe('');
    expect(denied(user, 'quit')).toBe('');
    expect(user.accepts(fromLatin1(''))).toBe(false);
  });

  it('is described by the rules that make it again, whatever they were', () => {
    withSeed(testSeed(7), 'src/node/acl/users.test.ts', (random) => {
      const rule = () => {
        const command = random.pick(commandTable.all);
        const sign = random.pick(['+', '-']);
        return random.pick([
          `${sign}@${random.pick(ACL_CATEGORIES)}`,
          `${sign}${command.fullName}`,
          `${sign}@all`,
          `+${random.pick(['select', 'get', 'debug'])}|${random.text(2, 'ab')}x`,
          `~${random.text(3)}`,
          `%R~${random.text(3)}`,
          `&${random.text(3)}`,
          `(${sign}${command.fullName} ~${random.text(2)})`,
          `>${random.text(3)}`,
          'on',
        ]);
      };
      for (let i = 0; i < 150; i++) {
        const user = userWith(...Array.from({ length: random.below(12) }, rule));
        const again = userWith(...user.describe().split(' ').slice(2));
        expect(again.describe()).toBe(user.describe());
        for (const command of commandTable.all) {
          const call = `${command.fullName.replace('|', ' ')} x`;
          expect([call, denied(again, call, command)]).toEqual([call, denied(user, call, command)]);
        }
      }
    });
  });

  it('names the key or channel that no selector allows, of those of the most promising selector', () => {
    const user = userWith('+mget', '~a', '~b', '(+mget ~c)', '(+publish &x)');
    expect(denied(user, 'mget a b')).toBe('');
    expect(denied(user, 'mget a c')).toBe('key 2');
    expect(denied(user, 'get a')).toBe('command 0');
    expect(denied(user, 'publish y m')).toBe('channel 1');
  });

  it('accepts any of its passwords', () => {
    const user = userWith('on', '>one', '>two');
    expect(['one', 'two', 'three', ''].map((password) => user.accepts(fromLatin1(password)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    Users.apply(user, ['<one']);
    expect(user.accepts(fromLatin1('one'))).toBe(false);
  });

  it('costs nothing when it may do everything', () => {
    expect(users().default.unlimited).toBe(true);
    expect(userWith('+@all', '~*', '&*').unlimited).toBe(true);
    expect(userWith('+@all', '~*', '&*', '-get').unlimited).toBe(false);
    expect(userWith('+@all', '~*', '&*', '-get', '+get').unlimited).toBe(true);
    expect(userWith('+@all', '%RW~*', '&*').unlimited).toBe(false);
  });
});

describe('a file of users', () => {
  it('is read as it was written', () => {
    const one = users();
    one.add(userWith('on', '>p', '~k*', '+@all', '-flushall', '( +get ~x )'));
    const other = users();
    other.replace(other.parse(one.text, 'f'));
    expect(other.text).toBe(one.text);
  });

  it('is refused with all that is wrong with it', () => {
    const text = 'user a on\nuser a off\n\nnonsense\nuser b +nonsense\nuser c #1\nuser d ( +get\n';
    expect(() => users().parse(text, 'f')).toThrow(
      "WARNING: Duplicate user 'a' found on line 2. f:4 should start with user keyword followed by the username. " +
        "f:5: Error in applying operation '+nonsense': Unknown command or category name in ACL. " +
        'f:6: The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters. ' +
        "f:7: Unmatched parenthesis in acl selector starting at '('. " +
        'WARNING: ACL errors detected, no change to the previously active ACL rules was performed',
    );
  });

  it('names the first mistake of a line only', () => {
    expect(() => userWith('nonsense', '+nonsense')).toThrow(UserError);
  });
});
