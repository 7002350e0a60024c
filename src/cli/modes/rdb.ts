/** `--rdb`, `--functions-rdb` and `--replica`: plays a replica to get the data, or to watch the commands. */
import { open } from 'node:fs/promises';
import { systemReason } from '../../io/system-error.js';
import { type Bytes, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { RdbTransfer, type TransferEnd } from '../../protocol/rdb-transfer.js';
import type { ByteText } from '../byte-text.js';
import type { Connection } from '../connection.js';
import { renderReply } from '../render.js';
import { connectionOf, type ModeContext, ModeError, pause } from './mode.js';

const REPLY_TIMEOUT = 60_000;
/** A server sends blank lines while it prepares, so silence this long means that it is gone. */
const SILENCE_LIMIT = 60_000;
/** A diskless transfer's end is seen by the server a little later; only then may a replica acknowledge. */
const ONLINE_DELAY = 1000;

export async function saveRdb(context: ModeContext, file: string, functionsOnly: boolean): Promise<number> {
  const { session, output } = context;
  const connection = connectionOf(session);
  await replconf(context, 'capa', 'eof');
  await replconf(context, 'rdb-only', '1');
  if (functionsOnly && !(await replconf(context, 'rdb-filter-only', 'functions')))
    throw new ModeError('Failed requesting functions only RDB from server, aborting');

  const toStdout = file === '-';
  const target = toStdout ? undefined : await open(file, 'w', 0o644).catch(cannotOpen(file));
  try {
    const announce = (end: TransferEnd) => {
      const what = end.kind === 'length' ? `${end.length} bytes` : 'bytes of bulk transfer until EOF marker';
      output.writeError(`SYNC sent to master, writing ${what} to '${file}'\n`);
    };
    const transfer = await sync(connection, announce, async (bytes) => {
      if (target) await target.writeFile(bytes);
      else output.write(latin1(bytes));
    });
    output.writeError(
      transfer.end?.kind === 'length'
        ? 'Transfer finished with success.\n'
        : `Transfer finished with success after ${transfer.received} bytes\n`,
    );
    session.close();
    await target?.sync();
  } finally {
    await target?.close();
  }
  return 0;
}

/** Prints the command stream that the server sends to its replicas, as CSV, until it ends or Ctrl-C. */
export async function followReplication(context: ModeContext): Promise<number> {
  const { session, output, stop } = context;
  const connection = connectionOf(session);
  stop.addEventListener('abort', () => connection.close());
  await replconf(context, 'capa', 'eof');
  await replconf(context, 'rdb-filter-only', '');
  const announce = (end: TransferEnd) => {
    const what = end.kind === 'length' ? 'bulk transfer' : 'bulk transfer until EOF marker';
    const bytes = end.kind === 'length' ? `${end.length} bytes` : 'bytes';
    output.writeError(`SYNC with master, discarding ${bytes} of ${what}...\n`);
  };
  const transfer = await sync(connection, announce, async () => {});
  output.writeError(`SYNC done after ${transfer.received} bytes. Logging commands from master.\n`);
  if (transfer.end?.kind === 'mark') {
    await pause(ONLINE_DELAY, stop);
    connection.send(['REPLCONF', 'ACK', '0']);
  }
  const style = { ...session.settings.style, format: 'csv' as const };
  try {
    for (;;) output.write(renderReply(await connection.receive(), style));
  } catch (error) {
    if (stop.aborted) return 0;
    throw error;
  }
}

/**
 * Sends SYNC, says with `announce` what is coming, and gives every piece of the RDB file to `take`; what follows
 * the file is left for replies.
 */
async function sync(
  connection: Connection,
  announce: (end: TransferEnd) => void,
  take: (bytes: Bytes) => Promise<void>,
): Promise<RdbTransfer> {
  const transfer = new RdbTransfer();
  connection.sendRaw(fromLatin1('SYNC\r\n'));
  while (!transfer.done) {
    const announced = transfer.end !== undefined;
    const bytes = transfer.push(await connection.receiveRaw(SILENCE_LIMIT));
    if (!announced && transfer.end) announce(transfer.end);
    if (bytes.length > 0) await take(bytes);
  }
  connection.putBack(transfer.rest);
  return transfer;
}

/** Old servers do not know all of these, which is no harm; answers whether the server does. */
async function replconf({ session, output }: ModeContext, name: ByteText, value: ByteText): Promise<boolean> {
  output.writeError(`sending REPLCONF ${name} ${value}\n`);
  const reply = await connectionOf(session).command(['REPLCONF', name, value], REPLY_TIMEOUT);
  if (reply.type !== 'error') return true;
  output.writeError(`REPLCONF ${name} error: ${latin1(reply.value)}\n`);
  return false;
}

function cannotOpen(file: string) {
  return (error: Error): never => {
    throw new ModeError(`Error opening '${file}': ${systemReason(error)}`);
  };
}
