/** DEBUG PROTOCOL: a reply of each type, for the tests of clients. */
import { fromLatin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import type { Context } from '../context.js';

function numbers(reply: ReplyWriter): void {
  for (let n = 0; n < 3; n++) reply.integer(n);
}

/** Answers with a sample of the type named in argument 2. */
export function protocolSample({ request, reply }: Context): void {
  switch (request.latin1(2).toLowerCase()) {
    case 'string':
      reply.text('Hello World');
      return;
    case 'integer':
      reply.integer(12345);
      return;
    case 'double':
      // biome-ignore lint/suspicious/noApproximativeNumericConstant: the sample is this very number
      reply.double(3.141);
      return;
    case 'bignum':
      if (reply.resp === 2) reply.text('1234567999999999999999999999999999999');
      else reply.raw(fromLatin1('(1234567999999999999999999999999999999\r\n'));
      return;
    case 'null':
      reply.nil();
      return;
    case 'array':
      reply.array(3);
      numbers(reply);
      return;
    case 'set':
      reply.set(3);
      numbers(reply);
      return;
    case 'map':
      reply.map(3);
      for (let n = 0; n < 3; n++) {
        reply.integer(n);
        reply.boolean(n === 1);
      }
      return;
    case 'attrib':
      if (reply.resp === 3) {
        reply.raw(fromLatin1('|1\r\n'));
        reply.text('key-popularity');
        reply.array(2);
        reply.text('key:123');
        reply.integer(90);
      }
      reply.text('Some real reply following the attribute');
      return;
    case 'push':
      if (reply.resp === 2) throw new CommandError('ERR RESP2 is not supported by this command');
      reply.push(2);
      reply.text('server-cpu-usage');
      reply.integer(42);
      reply.text('Some real reply following the push reply');
      return;
    case 'true':
      reply.boolean(true);
      return;
    case 'false':
      reply.boolean(false);
      return;
    case 'verbatim':
      reply.verbatim('txt', 'This is a verbatim\nstring');
      return;
  }
  throw new CommandError(
    'ERR Wrong protocol type name. Please use one of the following: ' +
      'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
  );
}
