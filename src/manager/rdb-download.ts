/**
 * A node's data as an RDB file, fetched as a replica fetches it: REPLCONF, then SYNC. This takes over the whole
 * connection, so it has a socket of its own.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { encodeCommand } from '../client/encode.js';
import { concat, EMPTY, latin1 } from '../protocol/bytes.js';
import { RdbTransfer } from '../protocol/rdb-transfer.js';
import { type Address, formatAddress } from './address.js';
import type { ConnectOptions } from './connections.js';
import { ManagerError } from './errors.js';

/** A server that prepares a snapshot sends blank lines; silence for so many milliseconds means it is gone. */
const SILENCE_LIMIT = 60_000;
const LF = 0x0a;

/** Gives every piece of the node's RDB file to `take`, in order; answers the file's length in bytes. */
export async function downloadRdb(
  address: Address,
  options: ConnectOptions,
  take: (piece: Uint8Array) => Promise<void>,
): Promise<number> {
  const socket = openSocket(address, options);
  socket.setTimeout(SILENCE_LIMIT, () => socket.destroy(new Error('no answer in time')));
  try {
    const preparations = preparing(options);
    for (const { command } of preparations) socket.write(encodeCommand(command), 'latin1');
    let synchronising = false;
    const transfer = new RdbTransfer();
    let pending: Uint8Array = EMPTY;
    for await (const chunk of socket as AsyncIterable<Uint8Array>) {
      pending = pending.length === 0 ? chunk : concat([pending, chunk]);
      while (preparations.length > 0) {
        const end = pending.indexOf(LF);
        if (end < 0) break;
        const line = latin1(pending, 0, end).trimEnd();
        if (preparations.shift()?.required && !line.startsWith('+')) throw new Error(line.replace(/^-/, ''));
        pending = pending.subarray(end + 1);
      }
      if (preparations.length > 0) continue;
      if (!synchronising) {
        // A node refuses SYNC while it still has replies to send.
        synchronising = true;
        socket.write('SYNC\r\n');
      }
      const piece = transfer.push(pending);
      pending = EMPTY;
      if (piece.length > 0) await take(piece);
      if (transfer.done) return transfer.received;
    }
    throw new Error('the node closed the connection');
  } catch (cause) {
    if (cause instanceof ManagerError) throw cause; // from who takes the pieces
    const { message } = cause as Error;
    throw new ManagerError(
      'REFUSED',
      `The data of ${formatAddress(address)} could not be fetched: ${message}`,
      { cause },
    );
  } finally {
    socket.destroy();
  }
}

function openSocket({ host, port }: Address, { tls }: ConnectOptions): Socket {
  if (!tls) return connectTcp({ host, port });
  return connectTls({ host, port, servername: host, ...(tls === true ? {} : tls) });
}

/** What goes before SYNC, each answered by one line. Older servers don't know the REPLCONF options: no harm. */
function preparing({ username, password }: ConnectOptions): { command: string[]; required: boolean }[] {
  const credentials = username === undefined ? [] : [username];
  return [
    ...(password === undefined ? [] : [{ command: ['AUTH', ...credentials, password], required: true }]),
    { command: ['REPLCONF', 'capa', 'eof'], required: false },
    { command: ['REPLCONF', 'rdb-only', '1'], required: false },
  ];
}
