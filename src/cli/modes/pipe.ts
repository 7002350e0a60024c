/**
 * `--pipe`: sends stdin, which is RESP or one command a line, as fast as the server takes it, and counts the replies.
 * With `-c` every command goes to the master of its key.
 *
 * The end is found with an ECHO of random bytes behind everything else: when it comes back, all is answered,
 * even when stdin was not whole commands.
 */
import { randomBytes } from 'node:crypto';
import { type Bytes, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { encodeRequest } from '../../protocol/request-parser.js';
import type { Session } from '../session.js';
import { connectionOf, type ModeContext, ModeError, textOf, write } from './mode.js';
import { openClusterRoute } from './pipe-route.js';

const MARK_LENGTH = 20;

/** Where stdin goes. */
export interface PipeRoute {
  readonly nodes: readonly Session[];
  /** Takes a piece of stdin; resolves when more is welcome. */
  send(piece: Bytes): Promise<void>;
  /** Bytes held back because the request that they begin has not ended. */
  readonly unfinished: number;
}

interface Tally {
  errors: number;
  replies: number;
}

export async function pipe(context: ModeContext): Promise<number> {
  const { session, options, output, stop } = context;
  stop.addEventListener('abort', () => process.exit(1));
  const cluster = options.cluster ? await openClusterRoute(session, output) : undefined;
  try {
    return await transfer(context, cluster ?? directRoute(session));
  } finally {
    for (const node of cluster?.nodes ?? []) node.close();
  }
}

/** One server takes stdin as it is. */
function directRoute(node: Session): PipeRoute {
  return { nodes: [node], send: (piece) => write(node, piece), unfinished: 0 };
}

async function transfer({ options, output }: ModeContext, route: PipeRoute): Promise<number> {
  const mark = latin1(randomBytes(MARK_LENGTH));
  const tally: Tally = { errors: 0, replies: 0 };
  const silence = new Silence(() => {
    output.writeError(`No replies for ${options.pipeTimeout} seconds: exiting.\n`);
    tally.errors++;
    for (const node of route.nodes) node.close();
  });

  const sending = sendStdin(route, mark).then(() => {
    output.write('All data transferred. Waiting for the last reply...\n');
    // Only silence after the last byte is suspicious: until then the server may have nothing to answer.
    silence.limit(options.pipeTimeout > 0 ? options.pipeTimeout * 1000 : undefined);
  });
  const onReply = (error: string | undefined) => {
    silence.heard();
    tally.replies++;
    if (error === undefined) return;
    tally.errors++;
    output.writeError(`${error}\n`);
  };
  try {
    await Promise.all([sending, ...route.nodes.map((node) => readReplies(node, mark, onReply))]);
    output.write('Last reply received from server.\n');
  } catch (error) {
    if (!silence.over) throw error;
  } finally {
    silence.stop();
  }
  output.write(`errors: ${tally.errors}, replies: ${tally.replies}\n`);
  return tally.errors > 0 ? 1 : 0;
}

async function sendStdin(route: PipeRoute, mark: string): Promise<void> {
  for await (const piece of process.stdin) await route.send(piece);
  // Ends a last line without an end; empty lines mean nothing.
  await route.send(fromLatin1('\r\n'));
  if (route.unfinished > 0) throw new ModeError('stdin ends in the middle of a request');
  for (const node of route.nodes) await write(node, encodeRequest(['ECHO', mark]));
}

/** Reads a node's replies up to the mark, telling of each the error that it is, if it is one. */
async function readReplies(
  node: Session,
  mark: string,
  onReply: (error: string | undefined) => void,
): Promise<void> {
  const connection = connectionOf(node);
  for (;;) {
    const reply = await connection.receive();
    if (reply.type === 'push') continue;
    if (reply.type === 'bulk' && textOf(reply) === mark) return;
    onReply(reply.type === 'error' ? latin1(reply.value) : undefined);
  }
}

/** Calls back when nothing is heard for a while. */
class Silence {
  private readonly tooLong: () => void;
  private milliseconds: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  over = false;

  constructor(tooLong: () => void) {
    this.tooLong = tooLong;
  }

  /** From now on, silence may last so many milliseconds. */
  limit(milliseconds: number | undefined): void {
    this.milliseconds = milliseconds;
    this.heard();
  }

  heard(): void {
    clearTimeout(this.timer);
    if (this.milliseconds === undefined || this.over) return;
    this.timer = setTimeout(() => {
      this.over = true;
      this.tooLong();
    }, this.milliseconds);
  }

  stop(): void {
    this.milliseconds = undefined;
    clearTimeout(this.timer);
  }
}
