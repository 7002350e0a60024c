/**
 * What a node is given from outside: time, randomness, network, disk, a log. This is the whole boundary of the
 * sans-I/O core. `io/` implements it with Node.js, the simulator with a virtual world; the node can't tell.
 *
 * Nothing here waits. What takes time answers later, through a handler, on the node's own thread.
 */
import type { Bytes } from '../protocol/bytes.js';
import type { LuaMachine } from './scripting/machine.js';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

/** Notes one event in the log. */
export type Log = (level: LogLevel, text: string) => void;

/** Runs an action once, so many milliseconds from now; answers how to call it off. */
export type Schedule = (milliseconds: number, action: () => void) => () => void;

/** One byte-stream connection, as the node writes to it. */
export interface Link {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** It is encrypted (TLS). */
  readonly secure?: boolean;
  /** Bytes taken but not yet given to the system: what output buffer limits measure. */
  readonly buffered: number;
  /**
   * Sends bytes[start, end). Answers false when the link keeps hold of `bytes`: the caller must not write into that
   * buffer again. True: the bytes have been sent or copied.
   */
  write(bytes: Bytes, start: number, end: number): boolean;
  /** Closes when everything written has been sent. */
  close(): void;
  /** Closes now. */
  destroy(): void;
  /** Stops and resumes reading. */
  pause(): void;
  resume(): void;
}

/** What the node does with what happens on a link. */
export interface LinkHandler {
  /** A dialled link is up. */
  connected?(): void;
  /** Bytes have come: bytes[start, end), valid only during the call. */
  received(bytes: Bytes, start: number, end: number): void;
  /** The link has gone, for whatever reason; `reason` is for the log. Called once. */
  closed(reason: string): void;
}

/** Files, all below the node's directory. Calls are synchronous but for `sync`; failures throw `DiskError`. */
export interface Disk {
  /** A whole file, or undefined when it doesn't exist. For small files: see `open`. */
  read(path: string): Bytes | undefined;
  /** Opens a file to be read piece by piece, or answers undefined when it doesn't exist. */
  open(path: string): ReadFile | undefined;
  /**
   * Writes a file so that it is there whole or not at all (write beside it, rename); unless `durable` is false also
   * so that it survives power loss (fsync of the file before, of the directory behind).
   */
  replace(path: string, contents: Bytes, durable?: boolean): void;
  /** Opens for appending, creating the file when it is absent. */
  append(path: string): AppendFile;
  rename(from: string, to: string): void;
  remove(path: string): void;
  makeDirectory(path: string): void;
  /** Names in a directory; empty when there is none. */
  list(path: string): string[];
}

export interface ReadFile {
  /** Size in bytes. */
  readonly size: number;
  /** Reads up to `length` bytes at `position` of the file to `offset` of target; answers how many, 0 at the end. */
  read(target: Bytes, offset: number, length: number, position: number): number;
  close(): void;
}

export interface AppendFile {
  /** Size in bytes. */
  readonly size: number;
  /** Gives bytes[start, end) to the system, all of them. Not yet safe from power loss: see `sync`. */
  write(bytes: Bytes, start: number, end: number): void;
  /**
   * Makes what was written so far survive power loss; calls `done` with the failure or nothing.
   * @param awaited whether everybody waits for it anyway: on a fast disk the call itself may then take as long as the
   *   fsync, and `done` is called before it returns
   */
  sync(done: (error?: DiskError) => void, awaited?: boolean): void;
  /** The same, before it returns. */
  syncNow(): void;
  truncate(size: number): void;
  close(): void;
}

export class DiskError extends Error {
  constructor(
    /** ENOSPC, EACCES … */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'DiskError';
  }
}

/** What a connection is for: to another node's bus, to our master, to the target of MIGRATE. */
export type DialPurpose = 'bus' | 'master' | 'migration';

/** What a node runs on, as INFO tells it. */
export interface Platform {
  /** Name, release and hardware, as `uname -srm`. */
  readonly system: string;
  /** Path of the program. */
  readonly executable: string;
  readonly memoryBytes: number;
}

export interface Host {
  /** Milliseconds since 1970. */
  wallClock(): number;
  /** The same in the local time zone, for dates that people read. */
  localClock(): number;
  /** Milliseconds, with a fraction, that never go back. */
  monotonicClock(): number;
  /** Unsigned 32-bit random numbers, unpredictable outside simulation. */
  random(): number;
  /** Asks for `node.wake()` at this monotonic time, replacing an earlier request. */
  wakeAt(time: number): void;
  /** Asks for `node.endOfTurn()` when the events at hand have been handled. */
  wakeAtEndOfTurn(): void;
  /** Opens a connection, encrypted if it is to be; the handler hears `connected` or `closed`. */
  dial(host: string, port: number, handler: LinkHandler, purpose: DialPurpose): Link;
  readonly disk: Disk;
  /** One line of the log, formatted. */
  log(line: string): void;
  /** Holds the thread (DEBUG SLEEP). */
  sleep(milliseconds: number): void;
  /** A Lua virtual machine of the caller's own: what scripts run in. Asked for at the first script. */
  createLuaMachine(): LuaMachine;
  /** Told when the node has become a replica, or a master. */
  roleChanged?(isReplica: boolean): void;
  /** Ends the process (or the simulated one). */
  exit(code: number): void;
  readonly processId: number;
  readonly platform: Platform;
  /** Bytes of memory the process holds, and CPU seconds it has used. */
  usage(): { residentBytes: number; systemSeconds: number; userSeconds: number };
}
