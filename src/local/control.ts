/**
 * How `hexis up`, `down` and `status` find each other: each running cluster listens on a Unix socket (on Windows a
 * named pipe) whose name is made from its folder.
 *
 * The socket is lock, register and remote control in one. It exists only while its process does, so nothing has to
 * be guessed from a process id that another program may have by now, and nobody is ever signalled; and who waits for
 * the end of a cluster waits for its connection to close. A socket that nobody answers on is a leftover of a killed
 * process and is replaced.
 *
 * The protocol is one word, `status` or `stop`, answered by one line of JSON.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { LocalClusterError } from './errors.js';
import type { Endpoint } from './layout.js';

/** What a running cluster says about itself. */
export interface RunningCluster {
  readonly pid: number;
  /** Its folder. */
  readonly folder: string;
  /** Where `hexis up` was called. */
  readonly startedIn: string;
  readonly engine: string;
  readonly ephemeral: boolean;
  readonly nodes: readonly Endpoint[];
}

/** Milliseconds for an answer. */
const ANSWER_LIMIT = 2000;
const WINDOWS_PIPES = '\\\\.\\pipe\\';
const PREFIX = 'hexis-cluster-';

/** Where this user's sockets are. */
function socketDirectory(): string {
  return process.platform === 'win32' ? WINDOWS_PIPES : join(tmpdir(), `hexis-${userInfo().uid}`);
}

function socketOf(folder: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(socketDirectory(), PREFIX + name);
}

/** The one name of a folder behind whatever links; it need not exist yet. */
export function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realFolder(dirname(path)), basename(path));
  }
}

/**
 * Takes the folder for this process until the answer is called. Throws a `LocalClusterError` that names the process
 * when another has it.
 */
export async function holdFolder(status: () => RunningCluster, stop: () => void): Promise<() => void> {
  const { folder } = status();
  const path = socketOf(folder);
  if (process.platform !== 'win32') mkdirSync(socketDirectory(), { recursive: true, mode: 0o700 });
  const server = createServer((socket) => {
    socket.on('error', () => {}); // a caller that has gone
    socket.unref(); // who waits for our end must not prevent it
    socket.once('data', (word) => {
      socket.write(`${JSON.stringify(status())}\n`);
      if (word.toString() === 'stop\n') stop();
      else socket.end();
    });
  });
  if (!(await listens(server, path))) {
    const owner = await ask(path, 'status');
    if (owner !== undefined) {
      throw new LocalClusterError(
        `${folder} is in use: a cluster runs from it (process ${owner.pid}, port ${owner.nodes[0].port}).`,
        'Stop it with `hexis down`, or use another folder with --dir.',
      );
    }
    rmSync(path, { force: true });
    if (!(await listens(server, path))) throw new LocalClusterError(`Can't listen on ${path}.`);
  }
  return () => void server.close();
}

/** The cluster that runs from this folder, if one does. Throws a `LocalClusterError` when it does not answer. */
export function findRunning(folder: string): Promise<RunningCluster | undefined> {
  return ask(socketOf(folder), 'status');
}

/** Every cluster of this user that answers, those of the lowest ports first. Throws as `findRunning` when none does. */
export async function allRunning(): Promise<RunningCluster[]> {
  const names = namesIn(socketDirectory()).filter((name) => name.startsWith(PREFIX));
  const answers = await Promise.allSettled(names.map((name) => ask(join(socketDirectory(), name), 'status')));
  const running = answers.flatMap((answer) => (answer.status === 'fulfilled' ? (answer.value ?? []) : []));
  const silent = answers.find((answer) => answer.status === 'rejected');
  if (running.length === 0 && silent !== undefined) throw silent.reason;
  return running.sort((a, b) => a.nodes[0].port - b.nodes[0].port);
}

/** Asks a running cluster to stop; fulfils with true when its process has ended, false after `limit` milliseconds. */
export function stopRunning({ folder }: RunningCluster, limit: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketOf(folder));
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(false);
    }, limit);
    socket.on('error', () => {}); // the close that follows says it
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
    socket.resume();
    socket.write('stop\n');
  });
}

function listens(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error);
    server.once('error', failed);
    server.listen(path, () => {
      server.off('error', failed);
      resolve(true);
    });
  });
}

/** Undefined when nobody listens; rejects when who listens doesn't answer. */
function ask(path: string, word: string): Promise<RunningCluster | undefined> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(path);
    socket.setTimeout(ANSWER_LIMIT, () => {
      reject(
        new LocalClusterError(
          `The cluster that listens on ${path} does not answer: its process is busy, or has been stopped.`,
          'Try again; a process that was stopped goes on after `kill -CONT`.',
        ),
      );
      socket.destroy();
    });
    socket.setEncoding('utf8');
    socket.on('data', (piece) => {
      text += piece;
    });
    socket.on('error', () => {}); // the close that follows says it
    socket.on('close', () => resolve(text === '' ? undefined : (JSON.parse(text) as RunningCluster)));
    socket.write(`${word}\n`);
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
