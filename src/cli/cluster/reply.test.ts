import { expect, it } from 'vitest';
import { type Reply, ReplyError } from '../../protocol/reply-decoder.js';
import { plainReply, rawText } from './reply.js';

const REPLY: Reply = [
  new Map<Reply, Reply>([
    ['proto', 3],
    [9007199254740993n, null],
  ]),
  new Set<Reply>(['a', true]),
  new ReplyError('ERR no'),
];

it('prints every kind of reply as redis-cli does', () => {
  expect(rawText(REPLY)).toBe('proto\n3\n9007199254740993\n\na\ntrue\nERR no');
});

it('turns every kind of reply into JSON', () => {
  expect(JSON.parse(JSON.stringify(plainReply([...REPLY, 9007199254740993n])))).toEqual([
    { proto: 3, '9007199254740993': null },
    ['a', true],
    { error: 'ERR no' },
    '9007199254740993',
  ]);
});
