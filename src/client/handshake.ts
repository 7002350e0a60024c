/** The first words on a connection: who the client is, and in which form it wants its replies. */
import { type Reply, ReplyError } from '../protocol/reply-decoder.js';
import type { Connection } from './connection.js';

/** Who the client is. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

export interface HandshakeOptions extends Credentials {
  /** Asked for user and password instead of the above, before every connection. */
  readonly credentials?: () => Credentials | Promise<Credentials>;
  /** Database to SELECT; 0, the default, needs no command. */
  readonly db?: number;
  /** Protocol version, 2 by default. With 3, a server that only knows 2 is spoken to in 2. */
  readonly resp?: 2 | 3;
  /** Name shown by CLIENT LIST. */
  readonly name?: string;
}

/** Sends HELLO or AUTH, SELECT and CLIENT SETNAME, as far as they are needed. Rejects with what the server has against it. */
export async function shakeHands(call: Connection['call'], options: HandshakeOptions): Promise<void> {
  const { credentials: provider, db, resp, name } = options;
  const { username, password } = provider === undefined ? options : await provider();
  const credentials =
    password === undefined ? [] : username === undefined ? [password] : [username, password];
  const replies: Promise<Reply>[] = [];
  if (resp === 3) {
    const auth = password === undefined ? [] : ['AUTH', username ?? 'default', password];
    try {
      await call('HELLO', 3, ...auth);
    } catch (error) {
      // A server before Redis 6 has no HELLO, and some answer NOPROTO: both are spoken to in RESP2.
      const old = error instanceof ReplyError && (error.code === 'NOPROTO' || error.code === 'ERR');
      if (!old) throw error;
      if (password !== undefined) replies.push(call('AUTH', ...credentials));
    }
  } else if (password !== undefined) {
    replies.push(call('AUTH', ...credentials));
  }
  if (db !== undefined && db !== 0) replies.push(call('SELECT', db));
  if (name !== undefined) replies.push(call('CLIENT', 'SETNAME', name));
  // Every rejection is looked at, whichever comes first.
  for (const outcome of await Promise.allSettled(replies)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}
