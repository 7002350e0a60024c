/** What a server propagates, seen by a replica that attaches to it with SYNC. */
import { connect, type Socket } from 'node:net';
import { parseReply, replyEnd } from './resp.js';

const LIMIT_MS = 10_000;

/** Attaches, calls `run`, and resolves to the commands after the snapshot, one line each, up to the line `last`. */
export async function commandStream(
  port: number,
  last: string,
  run: () => Promise<unknown>,
): Promise<string[]> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await readStream(socket, last, run);
  } finally {
    socket.destroy();
  }
}

function readStream(socket: Socket, last: string, run: () => Promise<unknown>): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    const limit = setTimeout(() => reject(new Error(`the stream has no end: ${lines.join('\n')}`)), LIMIT_MS);
    let bytes = Buffer.alloc(0);
    let snapshotRead = false;
    let running: Promise<unknown>;
    socket.on('error', reject);
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more]);
      while (!snapshotRead && bytes[0] === 10) bytes = bytes.subarray(1); // the master's way of staying awake
      if (!snapshotRead) {
        const head = /^\$(\d+)\r\n/.exec(bytes.toString('latin1', 0, 40));
        if (head === null || bytes.length < head[0].length + Number(head[1])) return;
        bytes = bytes.subarray(head[0].length + Number(head[1]));
        snapshotRead = true;
        running = run();
        running.catch(reject);
      }
      for (let end = replyEnd(bytes); end > 0; end = replyEnd(bytes)) {
        const command = parseReply(bytes.subarray(0, end));
        bytes = bytes.subarray(end);
        if (!('elements' in command)) continue;
        const line = command.elements.map((word) => ('text' in word ? word.text : '')).join(' ');
        if (line !== 'PING') lines.push(line);
        if (line !== last) continue;
        clearTimeout(limit);
        running.then(() => resolve(lines), reject);
      }
    });
    socket.write('SYNC\r\n');
  });
}
