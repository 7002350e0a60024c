/**
 * Several clients of one server, in a script: one line a command, the client's name first.
 *
 *   a: BLPOP k 0      waits for the reply
 *   a> BLPOP k 0      waits until the client is blocked
 *   a+ PING           doesn't wait: the client is blocked still
 *
 * `@a` stands for client a's id. When the script is over, blocked clients are unblocked and every client has the last
 * word, so that all it was owed has arrived.
 */
import { connect, type Socket } from 'node:net';
import { splitArguments } from '../../src/protocol/inline-arguments.js';
import { encodeRequest } from '../../src/protocol/request-parser.js';
import { replyEnd } from './resp.js';

const LIMIT_MS = 10_000;
const CLOSED = 'closed';

/** A connection and everything that has come on it. */
class Party {
  readonly replies: string[] = [];
  id = '';
  closed = false;
  private bytes = Buffer.alloc(0);
  private changed = () => {};

  private constructor(private readonly socket: Socket) {
    socket.on('data', (more) => {
      this.bytes = Buffer.concat([this.bytes, more]);
      for (let end = replyEnd(this.bytes); end > 0; end = replyEnd(this.bytes)) {
        this.replies.push(this.bytes.toString('latin1', 0, end));
        this.bytes = this.bytes.subarray(end);
      }
      this.changed();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.replies.push(CLOSED);
      this.changed();
    });
  }

  static open(port: number): Promise<Party> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Party(socket)));
    });
  }

  send(words: readonly (string | Uint8Array)[]): void {
    this.socket.write(encodeRequest(words));
  }

  /** Sends and waits for one more reply than there is. */
  async ask(...words: (string | Uint8Array)[]): Promise<string> {
    const { length } = this.replies;
    this.send(words);
    await this.until(() => this.replies.length > length, words.map(String).join(' '));
    return this.replies[length];
  }

  until(condition: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(
        () => reject(new Error(`in vain: ${what}; ${this.replies.join('')}`)),
        LIMIT_MS,
      );
      this.changed = () => {
        if (!condition() && !this.closed) return;
        clearTimeout(limit);
        this.changed = () => {};
        resolve();
      };
      this.changed();
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Plays the script; resolves to what each client got, by name. */
export async function converse(port: number, script: string): Promise<Record<string, string[]>> {
  const control = await Party.open(port);
  const parties = new Map<string, Party>();
  try {
    await control.ask('FLUSHALL');
    for (const line of script.trim().split('\n')) {
      const [, name, mark, command] = /^\s*(\w+)([:>+]) (.*)$/.exec(line)!;
      let party = parties.get(name);
      if (party === undefined) {
        party = await Party.open(port);
        party.id = (await party.ask('CLIENT', 'ID')).slice(1, -2);
        party.replies.length = 0;
        parties.set(name, party);
      }
      const text = Buffer.from(command.replace(/@(\w+)/g, (word, other) => parties.get(other)?.id ?? word));
      const words = splitArguments(text, 0, text.length)!;
      if (mark === ':') await party.ask(...words);
      else party.send(words);
      if (mark === '>') await untilBlocked(control, party);
    }
    for (const party of parties.values()) await finish(control, party);
    const replies = [...parties].map(([name, party]) => [
      name,
      party.replies.map((reply) => named(reply, parties)),
    ]);
    await control.ask('SET', 'last', 'one');
    return Object.fromEntries(replies);
  } finally {
    control.close();
    for (const party of parties.values()) party.close();
  }
}

/** The reply with clients' names for their ids. */
function named(reply: string, parties: ReadonlyMap<string, Party>): string {
  for (const [name, { id }] of parties) reply = reply.replace(`:${id}\r\n`, `:@${name}\r\n`);
  return reply;
}

async function isBlocked(control: Party, { id }: Party): Promise<boolean> {
  return /flags=\w*b/.test(await control.ask('CLIENT', 'LIST', 'ID', id));
}

async function untilBlocked(control: Party, party: Party): Promise<void> {
  const limit = Date.now() + LIMIT_MS;
  while (!(await isBlocked(control, party))) {
    if (Date.now() > limit || party.closed) throw new Error(`not blocked: ${party.replies}`);
  }
}

async function finish(control: Party, party: Party): Promise<void> {
  if (party.closed) return;
  if (await isBlocked(control, party)) {
    party.replies.push('still blocked');
    await control.ask('CLIENT', 'UNBLOCK', party.id);
  }
  const farewell = '$8\r\nfarewell\r\n';
  party.send(['ECHO', 'farewell']);
  await party.until(() => party.replies.at(-1) === farewell, 'the last word');
}
