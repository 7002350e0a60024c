/**
 * What stands in a command's way because of the node's own state, whoever sends it; each reason in Redis's words.
 *
 * A state that refuses commands or holds them up (loading, a replica without its master, out of memory …) closes a gate;
 * every command has a mask of the gates it must pass through, computed once. As long as none of a command's gates is
 * closed, the dispatcher needs one AND to know that all is well.
 */
import { type Command, FLAG } from '../commands/command.js';
import type { CommandTable } from '../commands/table.js';

/** What can stand in a command's way. */
const GATE = {
  /** The command changes data. */
  write: 1 << 0,
  /** It may need more memory. */
  memory: 1 << 1,
  /** It may not run while the data set is being loaded. */
  loading: 1 << 2,
  /** It may not run on a replica whose data is out of date. */
  stale: 1 << 3,
  /** It may not run while a script is running too long. */
  busy: 1 << 4,
  /** It may not run while a newer data set is being loaded beside the one that is served. */
  loadingBesides: 1 << 5,
  /** Memory is limited: room is made before it. */
  room: 1 << 6,
  /** Whoever calls it may have to wait: for the end of a pause, or for a key on its way to another node. */
  wait: 1 << 7,
} as const;

/** The states that refuse commands, or hold them up, as the node keeps them. */
export interface GateStates {
  loading: boolean;
  /** Newer data arrives beside the old, which is still served. */
  loadingBesides: boolean;
  /** A replica that may not serve what it has: its master is away and replica-serve-stale-data is no. */
  stale: boolean;
  /** A replica that takes no writes but its master's. */
  readOnly: boolean;
  /** The last snapshot or append-only write failed: the reason to give. */
  diskError: 'none' | 'snapshot' | 'append';
  /** min-replicas-to-write isn't met. */
  tooFewReplicas: boolean;
  /** maxmemory is exceeded and nothing more can be evicted. */
  outOfMemory: boolean;
  /** A script that was interrupted because it takes too long: how it can be ended. */
  busy: 'no' | 'script' | 'function';
  /** There is a maxmemory. */
  limited: boolean;
  /** CLIENT PAUSE or a manual failover. */
  paused: boolean;
  /** Keys are on their way to another node. */
  migrating: boolean;
}

const LOADING = 'LOADING Redis is loading the dataset in memory';
const SNAPSHOT_ERROR =
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
  'Commands that may modify the data set are disabled, because this instance is configured to report errors ' +
  'during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for ' +
  'details about the RDB error.';

export class Gatekeeper {
  /** The gates closed now: a command none of whose gates is among them may run. */
  closed = 0;
  /** The system's words for the last failed write of the append-only file. */
  appendError = '';
  private readonly states: GateStates = {
    loading: false,
    loadingBesides: false,
    stale: false,
    readOnly: false,
    diskError: 'none',
    tooFewReplicas: false,
    outOfMemory: false,
    busy: 'no',
    limited: false,
    paused: false,
    migrating: false,
  };
  private readonly masks: Int32Array;

  constructor(table: CommandTable) {
    this.masks = Int32Array.from(table.all, gatesOf);
  }

  /** Records a change of the node's state. */
  set(change: Partial<GateStates>): void {
    const states = Object.assign(this.states, change);
    const write = states.readOnly || states.tooFewReplicas || states.diskError !== 'none';
    this.closed =
      (write ? GATE.write : 0) |
      (states.outOfMemory ? GATE.memory : 0) |
      (states.loading ? GATE.loading : 0) |
      (states.loadingBesides ? GATE.loadingBesides : 0) |
      (states.stale ? GATE.stale : 0) |
      (states.busy !== 'no' ? GATE.busy : 0) |
      (states.limited ? GATE.room : 0) |
      (states.paused || states.migrating ? GATE.wait : 0);
  }

  get loading(): boolean {
    return this.states.loading;
  }

  /** There is a `maxmemory`: room is made before every command. */
  get memoryLimited(): boolean {
    return this.states.limited;
  }

  /** Whether nothing stands in the way of the command. */
  admits(command: Command): boolean {
    return (this.masks[command.id] & this.closed) === 0;
  }

  /** Why the command is refused, or null. `flags` are the command's, or those of all a transaction holds. */
  refusal(command: Command, flags = command.flags): string | null {
    const { states } = this;
    const writes = (flags & FLAG.write) !== 0;
    if (states.outOfMemory && flags & FLAG.denyoom) {
      return "OOM command not allowed when used memory > 'maxmemory'.";
    }
    if (states.diskError !== 'none' && !states.readOnly && (writes || command.fullName === 'ping')) {
      if (states.diskError === 'snapshot') return SNAPSHOT_ERROR;
      return `MISCONF Errors writing to the AOF file: ${this.appendError}`;
    }
    if (states.tooFewReplicas && writes) return 'NOREPLICAS Not enough good replicas to write.';
    if (states.readOnly && flags & FLAG.write) return "READONLY You can't write against a read only replica.";
    if (states.stale && !(flags & FLAG.stale)) {
      return "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";
    }
    if (states.loading && !(flags & FLAG.loading)) return LOADING;
    if (states.loadingBesides && flags & FLAG.no_async_loading) return LOADING;
    if (states.busy !== 'no' && !(flags & FLAG.allow_busy)) return busyError(states.busy);
    return null;
  }
}

/** How commands are refused while a script takes too long. */
export function busyError(kind: 'script' | 'function'): string {
  const kill = kind === 'script' ? 'SCRIPT KILL' : 'FUNCTION KILL';
  return `BUSY Redis is busy running a script. You can only call ${kill} or SHUTDOWN NOSAVE.`;
}

function gatesOf(command: Command): number {
  const { flags } = command;
  let gates: number = GATE.wait | GATE.room;
  if (flags & FLAG.write || command.fullName === 'ping') gates |= GATE.write;
  if (flags & FLAG.denyoom) gates |= GATE.memory;
  if (!(flags & FLAG.loading)) gates |= GATE.loading;
  if (flags & FLAG.no_async_loading) gates |= GATE.loadingBesides;
  if (!(flags & FLAG.stale)) gates |= GATE.stale;
  if (!(flags & FLAG.allow_busy)) gates |= GATE.busy;
  // What EXEC and scripts may do depends on what they hold: they ask for themselves.
  return gates;
}
