/**
 * The real world, as a node is given it: the system's clocks, its randomness, one timer for the node's alarm, the end
 * of a turn of the event loop, sockets and files. Several hosts live side by side in one process.
 */
import { randomFillSync } from 'node:crypto';
import { machine, release, totalmem, type } from 'node:os';
import { performance } from 'node:perf_hooks'; // the global one asks on every access whether it was replaced
import type { ConnectionOptions } from 'node:tls';
import { seedHash } from '../keyspace/hash.js';
import type { DialPurpose, Disk, Host, Link, LinkHandler } from '../node/host.js';
import { createLuaMachine } from './lua-machine.js';
import { TcpLink } from './tcp-link.js';

/** What the host drives: the part of a node that hears of time. */
export interface Driven {
  wake(): void;
  endOfTurn(): void;
}

export interface HostOptions {
  readonly disk: Disk;
  /** Takes one line of the log, without the line's end. */
  readonly log: (line: string) => void;
  /** The node wants the process to end. */
  readonly exit: (code: number) => void;
  /** Address that dialled connections come from (`bind-source-addr`); '' leaves it to the system. */
  readonly sourceAddress: () => string;
  /** The TLS options for a connection of this kind; undefined when it isn't encrypted. Throws when they are wrong. */
  readonly tls?: (purpose: DialPurpose) => ConnectionOptions | undefined;
}

/** Random numbers are fetched from the system so many at a time. */
const RANDOM_BATCH = 1024;

/** setTimeout takes no more (2^31 - 1 ms); the node asks again when it wakes. */
const LONGEST_ALARM = 0x7fffffff;

// Once for the process, before any table is made: nodes side by side share it.
seedHash(randomFillSync(new Int32Array(1))[0]);

export class NodeHost implements Host {
  readonly disk: Disk;
  readonly log: (line: string) => void;
  readonly exit: (code: number) => void;
  readonly processId = process.pid;
  readonly platform = {
    system: `${type()} ${release()} ${machine()}`,
    executable: process.argv[1] ?? process.execPath,
    memoryBytes: totalmem(),
  };
  readonly wallClock = Date.now;
  readonly createLuaMachine = createLuaMachine;
  roleChanged?: (isReplica: boolean) => void;
  private readonly sourceAddress: () => string;
  private readonly tls: NonNullable<HostOptions['tls']>;
  private node: Driven | undefined;
  private readonly numbers = new Uint32Array(RANDOM_BATCH);
  private nextNumber = RANDOM_BATCH;
  private alarm: NodeJS.Timeout | undefined;
  /** The alarm when it is to ring as soon as what has come has been handled: timers take a millisecond at least. */
  private nextAlarm: NodeJS.Immediate | undefined;
  private alarmTime = Number.POSITIVE_INFINITY;
  private turnEnd: NodeJS.Immediate | undefined;
  private readonly dialled = new Set<TcpLink>();
  private stopped = false;

  constructor({ disk, log, exit, sourceAddress, tls = () => undefined }: HostOptions) {
    this.disk = disk;
    this.log = log;
    this.exit = exit;
    this.sourceAddress = sourceAddress;
    this.tls = tls;
  }

  /** The node to wake. What it asked for before is kept. */
  drive(node: Driven): void {
    this.node = node;
  }

  /** Wakes the node no more, and closes the connections that it opened: it doesn't hear of that, or would dial again. */
  stop(): void {
    this.stopped = true;
    this.callOffAlarm();
    clearImmediate(this.turnEnd);
    for (const link of this.dialled) link.abandon();
  }

  localClock = (): number => {
    const now = Date.now();
    return now - new Date(now).getTimezoneOffset() * 60_000;
  };

  monotonicClock = (): number => performance.now();

  random = (): number => {
    if (this.nextNumber === RANDOM_BATCH) {
      randomFillSync(this.numbers);
      this.nextNumber = 0;
    }
    return this.numbers[this.nextNumber++];
  };

  wakeAt(time: number): void {
    if (this.stopped || time === this.alarmTime) return;
    this.callOffAlarm();
    this.alarmTime = time;
    const delay = Math.ceil(time - performance.now());
    if (delay <= 0) this.nextAlarm = setImmediate(this.ring);
    else this.alarm = setTimeout(this.ring, Math.min(delay, LONGEST_ALARM));
  }

  private callOffAlarm(): void {
    clearTimeout(this.alarm);
    clearImmediate(this.nextAlarm);
  }

  private readonly ring = (): void => {
    this.alarmTime = Number.POSITIVE_INFINITY;
    // What is due now may be long work: what clients have been served leaves before it.
    if (this.turnEnd !== undefined) {
      clearImmediate(this.turnEnd);
      this.finishTurn();
    }
    this.node?.wake();
  };

  wakeAtEndOfTurn(): void {
    if (this.turnEnd !== undefined || this.stopped) return;
    this.turnEnd = setImmediate(this.finishTurn);
  }

  private readonly finishTurn = (): void => {
    this.turnEnd = undefined;
    this.node?.endOfTurn();
  };

  dial(host: string, port: number, handler: LinkHandler, purpose: DialPurpose): Link {
    const target = { host, port, localAddress: this.sourceAddress(), tls: this.tls(purpose) };
    return TcpLink.dial(target, this.dialled, handler);
  }

  sleep(milliseconds: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  }

  usage(): { residentBytes: number; systemSeconds: number; userSeconds: number } {
    const { user, system } = process.cpuUsage();
    return {
      residentBytes: process.memoryUsage.rss(),
      systemSeconds: system / 1e6,
      userSeconds: user / 1e6,
    };
  }
}
