/** Takes a stream of requests apart and sends each to the master of its key, for `--pipe` with `-c`. */
import { type Bytes, concat, EMPTY, fromLatin1 } from '../../protocol/bytes.js';
import { keySlot, SLOT_COUNT } from '../../protocol/key-slot.js';
import { COMPLETE, encodeRequest, INVALID, RequestParser } from '../../protocol/request-parser.js';
import type { ByteText } from '../byte-text.js';
import { CommandKeys } from '../command-keys.js';
import type { Output, Session } from '../session.js';
import { connectMasters } from './masters.js';
import { ask, ModeError, write } from './mode.js';
import type { PipeRoute } from './pipe.js';

const LIMITS = { maxArguments: 2 ** 31 - 1, maxBulkLength: 2 ** 30, authenticated: true };

/** Whole requests from a stream that is cut anywhere, in RESP, with the words they consist of. */
export class RequestSplitter {
  private readonly parser = new RequestParser();
  private rest: Bytes = EMPTY;

  /** @throws ModeError when the stream is no requests */
  *push(piece: Bytes): Generator<{ words: ByteText[]; bytes: Bytes }> {
    const parser = this.parser;
    const buffer = this.rest.length === 0 ? piece : concat([this.rest, piece]);
    parser.position = 0;
    for (;;) {
      const result = parser.parse(buffer, buffer.length, LIMITS);
      if (result === INVALID) throw new ModeError(parser.error);
      if (result !== COMPLETE) {
        // The next piece reads it from its beginning: requests are small compared with pieces.
        this.rest = buffer.subarray(parser.suspended ? parser.request.first : parser.position);
        parser.reset();
        return;
      }
      const { request } = parser;
      const words = Array.from({ length: request.argc }, (_, i) => request.latin1(i));
      const inResp = request.last > request.first;
      yield { words, bytes: inResp ? buffer.subarray(request.first, request.last) : encodeRequest(words) };
    }
  }

  /** Bytes of a request that has begun and not ended. */
  get unfinished(): number {
    return this.rest.length;
  }
}

/** Connects to all masters. @throws ModeError */
export async function openClusterRoute(session: Session, output: Output): Promise<PipeRoute> {
  const keys = new CommandKeys(await ask(session, ['COMMAND']));
  const masters = await connectMasters(session, output);
  const nodes = masters.map(({ node }) => node);
  const owners = new Array<Session>(SLOT_COUNT).fill(nodes[0]);
  for (const { node, slots } of masters)
    for (const { first, last } of slots) owners.fill(node, first, last + 1);

  const splitter = new RequestSplitter();
  return {
    nodes,
    async send(piece) {
      const batches = new Map<Session, Bytes[]>();
      for (const { words, bytes } of splitter.push(piece)) {
        const key = keys.firstKey(words);
        // Without a key any node will do.
        const owner = key === undefined ? nodes[0] : owners[keySlot(fromLatin1(key), 0, key.length)];
        const batch = batches.get(owner);
        if (batch) batch.push(bytes);
        else batches.set(owner, [bytes]);
      }
      await Promise.all([...batches].map(([node, batch]) => write(node, concat(batch))));
    },
    get unfinished() {
      return splitter.unfinished;
    },
  };
}
