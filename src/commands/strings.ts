/** Strings: values of up to 512 MB of bytes, and counters kept in them. */
import { STRING } from '../keyspace/record.js';
import { type CommandDefinition, keyAt } from './command.js';
import { EVENT } from './context.js';
import { WRONG_TYPE } from './errors.js';

export const strings: readonly CommandDefinition[] = [
  {
    name: 'get',
    summary: 'Answers the string value of a key.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RO', 'ACCESS')],
    args: [{ name: 'key', type: 'key', keySpec: 0 }],
    reply: 'Bulk | null',
    run({ request, db, reply }) {
      const ref = db.read(request.buffer, request.starts[1], request.ends[1]);
      if (ref === 0) reply.nil();
      else if (db.type(ref) !== STRING) reply.error(WRONG_TYPE);
      else reply.bulk(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
    },
  },
  {
    name: 'set',
    summary: 'Sets the string value of a key.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'denyoom'],
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'ACCESS', 'UPDATE', 'variable_flags')],
    args: [{ name: 'key', type: 'key', keySpec: 0 }],
    reply: "'OK'",
    run(c) {
      const { request, db } = c;
      const { buffer, starts, ends } = request;
      db.setString(buffer, starts[1], ends[1], buffer, starts[2], ends[2]);
      c.changed(1, EVENT.string, 'set');
      c.reply.ok();
    },
  },
];
