/**
 * Requests, whole and damaged, in any fragments, to the node: it must answer whole replies, errors with their code, or
 * close the connection; and its memory stays within what it was allowed.
 */
import type { LinkHandler } from '../../src/node/host.js';
import { NO_LINK } from '../../src/node/no-link.js';
import type { Bytes } from '../../src/protocol/bytes.js';
import { LoneNode } from '../support/lone-node.js';
import type { TestRandom } from '../support/random.js';
import { replyEnd } from '../support/resp.js';
import { RequestSource } from './request-source.js';

const INPUTS = 5000;
const MEMORY = 64 * 1024 * 1024;
const SETTINGS = {
  'enable-debug-command': 'no', // it may hold the thread and make any number of keys
  'proto-max-bulk-len': '1mb',
  'client-query-buffer-limit': '4mb',
  maxmemory: String(MEMORY / 4),
  'maxmemory-policy': 'allkeys-random',
};
/** What Redis answers too, at the length that was asked for. */
const ENORMOUS = /(?:randmember|randfield).*-\d{5}/is;
/** From then on a connection carries what it asked for, in no form of replies. */
const BECOMES_REPLICA = /sync/i;
/** The first bytes of replies, and what an error looks like. */
const TYPES = Buffer.from('+-:$*_#,(!=%~>');
const MINUS = 0x2d;
const ERROR = /^-[A-Z]+ [^\r\n]*\r\n$/;

/** One round: a new node, and connections that come and go. */
export function requestRound(random: TestRandom): number {
  const source = new RequestSource(random);
  const lone = new LoneNode(
    { ...SETTINGS, 'cluster-enabled': random.below(4) === 0 ? 'yes' : 'no' },
    { seed: random.uint32() },
  );
  if (random.below(4) > 0) lone.send('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  lone.advance(1000);
  let client = new FuzzClient(lone);
  for (let n = 0; n < INPUTS && lone.exited === undefined; n++) {
    if (client.closed || random.below(16) === 0) {
      client.disconnect();
      client = new FuzzClient(lone);
      if (random.below(2) === 0) client.receive('*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n', random);
    }
    const input = source.next();
    if (ENORMOUS.test(input)) continue;
    try {
      client.receive(input, random);
      if (random.below(8) === 0) lone.advance(random.below(2000));
      client.check();
    } catch (error) {
      throw new Error(`input ${n}: ${JSON.stringify(input)}`, { cause: error });
    }
    if (lone.node.keyspace.usedBytes > MEMORY) throw new Error(`holds ${lone.node.keyspace.usedBytes} bytes`);
  }
  return INPUTS;
}

class FuzzClient {
  closed = false;
  private output = Buffer.alloc(64 * 1024);
  private length = 0;
  private readable = true;
  private readonly handler: LinkHandler;

  constructor(private readonly lone: LoneNode) {
    const end = () => {
      this.closed = true;
    };
    this.handler = lone.node.accept({
      ...NO_LINK,
      write: (bytes, start, end) => {
        if (this.readable) this.keep(bytes, start, end);
        return true;
      },
      close: end,
      destroy: end,
    });
  }

  /** Bytes that come in pieces. */
  receive(text: string, random: TestRandom): void {
    if (BECOMES_REPLICA.test(text)) this.readable = false;
    const bytes = Buffer.from(text, 'latin1');
    const pieces = 1 + random.below(random.below(10) === 0 ? bytes.length + 1 : 4);
    for (let start = 0, n = 0; n < pieces && start < bytes.length && !this.closed; n++) {
      const left = bytes.length - start;
      const end = n === pieces - 1 ? bytes.length : start + 1 + random.below(Math.min(left, 64));
      this.handler.received(Buffer.from(bytes.subarray(start, end)), 0, end - start);
      if (random.below(2) === 0) this.lone.node.endOfTurn();
      start = end;
    }
    this.lone.node.endOfTurn();
  }

  /** Everything so far must be whole replies. */
  check(): void {
    const output = this.output.subarray(0, this.length);
    this.length = 0;
    for (let at = 0; this.readable && at < output.length; ) {
      const end = replyEnd(output, at);
      const text = () => output.toString('latin1', at, end < 0 ? output.length : end);
      if (end < 0 || !TYPES.includes(output[at])) throw new Error(`no whole reply: ${text()}`);
      if (output[at] === MINUS && !ERROR.test(text())) throw new Error(`no error: ${text()}`);
      at = end;
    }
  }

  private keep(bytes: Bytes, start: number, end: number): void {
    if (this.length + end - start > this.output.length) {
      const grown = Buffer.alloc(2 * (this.length + end - start));
      this.output.copy(grown, 0, 0, this.length);
      this.output = grown;
    }
    this.output.set(bytes.subarray(start, end), this.length);
    this.length += end - start;
  }

  disconnect(): void {
    this.handler.closed('gone');
    this.lone.node.endOfTurn();
  }
}
