/**
 * `--pipe`: sends stdin, which is RESP already, as fast as the server takes it, and counts the replies.
 *
 * The end is found with an ECHO of random bytes behind everything else: when it comes back, all is answered,
 * even when stdin was not whole commands.
 */
import { randomBytes } from 'node:crypto';
import { latin1 } from '../../protocol/bytes.js';
import { type Connection, encodeRequest } from '../connection.js';
import { connectionOf, type ModeContext, textOf } from './mode.js';

const MARK_LENGTH = 20;

export async function pipe({ session, options, output, stop }: ModeContext): Promise<number> {
  const connection = connectionOf(session);
  stop.addEventListener('abort', () => process.exit(1));
  const mark = latin1(randomBytes(MARK_LENGTH));
  const timeout = options.pipeTimeout > 0 ? options.pipeTimeout * 1000 : undefined;
  let errors = 0;
  let replies = 0;
  let sent = false;

  const sending = sendStdin(connection, mark).then(() => {
    sent = true;
    output.write('All data transferred. Waiting for the last reply...\n');
  });
  // Only silence after the last byte is suspicious: until then the server may have nothing to answer.
  const silence = new Silence(() => {
    output.writeError(`No replies for ${options.pipeTimeout} seconds: exiting.\n`);
    errors++;
    connection.close();
  });
  void sending.then(() => silence.limit(timeout)).catch(() => {});

  try {
    for (;;) {
      const reply = await connection.receive();
      silence.heard();
      if (reply.type === 'push') continue;
      if (sent && reply.type === 'bulk' && textOf(reply) === mark) {
        output.write('Last reply received from server.\n');
        break;
      }
      replies++;
      if (reply.type === 'error') {
        output.writeError(`${latin1(reply.value)}\n`);
        errors++;
      }
    }
  } catch (error) {
    if (!silence.over) {
      output.writeError(`Error reading replies from server: ${(error as Error).message}\n`);
      return 1;
    }
  } finally {
    silence.stop();
  }
  output.write(`errors: ${errors}, replies: ${replies}\n`);
  return errors > 0 ? 1 : 0;
}

async function sendStdin(connection: Connection, mark: string): Promise<void> {
  for await (const chunk of process.stdin) if (!connection.sendRaw(chunk)) await connection.drained();
  connection.sendRaw(`\r\n${encodeRequest(['ECHO', mark])}`);
}

/** Calls back when nothing is heard for a while. */
class Silence {
  readonly #tooLong: () => void;
  #limit: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  over = false;

  constructor(tooLong: () => void) {
    this.#tooLong = tooLong;
  }

  /** From now on, silence may last so many milliseconds. */
  limit(milliseconds: number | undefined): void {
    this.#limit = milliseconds;
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#timer);
    if (this.#limit === undefined || this.over) return;
    this.#timer = setTimeout(() => {
      this.over = true;
      this.#tooLong();
    }, this.#limit);
  }

  stop(): void {
    this.#limit = undefined;
    clearTimeout(this.#timer);
  }
}
