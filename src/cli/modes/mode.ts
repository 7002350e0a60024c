/** What every special mode gets, and the helpers that several of them share. */
import { type Bytes, latin1 } from '../../protocol/bytes.js';
import type { Reply } from '../../protocol/reply-tree.js';
import type { ByteText } from '../byte-text.js';
import { type Connection, ConnectionError } from '../connection.js';
import type { CliOptions } from '../options.js';
import type { Output, Session } from '../session.js';

export interface ModeContext {
  readonly options: CliOptions;
  /** Connected already. */
  readonly session: Session;
  /** The session; with `-c`, for modes that cover the cluster, one session per master. */
  readonly nodes: readonly Session[];
  readonly output: Output;
  /** The words behind the options. */
  readonly args: readonly ByteText[];
  /** Aborted by Ctrl-C: a mode that loops finishes with what it has. */
  readonly stop: AbortSignal;
}

/** A mode cannot go on; the message is for the user. */
export class ModeError extends Error {
  override name = 'ModeError';
}

/** Servers answer these commands at once; a minute allows for a busy one. In milliseconds. */
const REPLY_TIMEOUT = 60_000;

/** Sends a command and answers its reply. @throws ModeError for an error reply, `what` in front of it */
export async function ask(node: Session, args: readonly ByteText[], what = 'Error'): Promise<Reply> {
  return checked(await connectionOf(node).command(args, REPLY_TIMEOUT), what);
}

/** Sends the commands in one go and answers their replies, errors included. */
export async function askAll(node: Session, commands: readonly (readonly ByteText[])[]): Promise<Reply[]> {
  const connection = connectionOf(node);
  for (const args of commands) connection.send(args);
  const replies: Reply[] = [];
  while (replies.length < commands.length) {
    const reply = await connection.receive(REPLY_TIMEOUT);
    if (reply.type !== 'push') replies.push(reply);
  }
  return replies;
}

export function checked(reply: Reply, what: string): Reply {
  if (reply.type === 'error') throw new ModeError(`${what}: ${latin1(reply.value)}`);
  return reply;
}

/** The text of a string reply of any kind; empty for others. */
export function textOf(reply: Reply): ByteText {
  return 'value' in reply && reply.value instanceof Uint8Array ? latin1(reply.value) : '';
}

/** The value of an integer reply; `undefined` for others. */
export function numberOf(reply: Reply): number | undefined {
  return reply.type === 'integer' ? Number(reply.value) : undefined;
}

export function itemsOf(reply: Reply): readonly Reply[] {
  return 'items' in reply ? reply.items : [];
}

/** INFO's `name:value` lines. */
export async function infoOf(node: Session): Promise<Map<string, string>> {
  const text = textOf(await ask(node, ['INFO'], 'ERROR'));
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)]] : [];
    }),
  );
}

/** The session's connection. @throws ConnectionError when there is none */
export function connectionOf(node: Session): Connection {
  if (!node.connection) throw new ConnectionError('Not connected');
  return node.connection;
}

/** Writes, and waits while the server is behind. */
export async function write(node: Session, bytes: Bytes): Promise<void> {
  const connection = connectionOf(node);
  if (!connection.sendRaw(bytes)) await connection.drained();
}

const RECONNECT_EVERY = 1000;
const CLEAR_LINE = '\r\x1b[0K';

/** Does `work`, again when its connection is lost: a mode that watches a server outlives the server's restart. */
export async function reconnecting<Result>(
  node: Session,
  { output, stop }: ModeContext,
  work: (node: Session) => Promise<Result>,
): Promise<Result | undefined> {
  for (let tries = 0; !stop.aborted; tries++) {
    try {
      if (tries > 0 && !(await node.connect(true))) throw new ConnectionError('Not connected');
      const result = await work(node);
      if (tries > 0) output.write(CLEAR_LINE);
      return result;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      output.write(`${CLEAR_LINE}Reconnecting... ${tries + 1}\r`);
      await pause(RECONNECT_EVERY, stop);
    }
  }
  return undefined;
}

/** Waits, or returns at once when the user stops the mode. */
export async function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    stop.addEventListener('abort', done);
  });
}

/** `00.00` to `100.00`, as printf's %05.2f. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '00.00' : ((100 * part) / whole).toFixed(2).padStart(5, '0');
}
