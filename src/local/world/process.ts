/**
 * One life of a program on a machine, from start to exit: one thread with an inbox of events, as Node.js's event
 * loop is. The thread takes a turn when something has come and it has got a processor; a turn handles all that is
 * there and then tells the program that it is over. Time stands still during a turn, except that `sleep` holds the
 * thread: what the program does behind it happens later, and nothing else is handled meanwhile.
 */
import { createLuaMachine } from '../../io/lua-machine.js';
import type { Host, Link, LinkHandler } from '../../node/host.js';
import type { VirtualDisk } from './disk.js';
import type { VirtualLink } from './link.js';
import type { Machine } from './machine.js';

/** What runs in a process: the shipping node, or anything else that is driven by a `Host`. */
export interface Program {
  wake(): void;
  endOfTurn(): void;
}

/** Starts a program; it may listen, dial and set its timer at once. */
export type StartProgram = (process: VirtualProcess) => Program;

/** Answers the handler of an accepted connection. */
export type Accept = (link: Link) => LinkHandler;

export class VirtualProcess implements Host {
  alive = true;
  exitCode: number | undefined;
  readonly createLuaMachine = createLuaMachine;
  readonly links = new Set<VirtualLink>();
  readonly platform = { system: 'Virtual', executable: '/hexis', memoryBytes: 2 ** 34 };
  readonly listeners = new Map<number, Accept>();
  /** The last lines of the log, oldest first. */
  readonly logLines: string[] = [];
  private program: Program | undefined;
  private inbox: (() => void)[] = [];
  private turnPending = false;
  private frozen = false;
  private endOfTurnAsked = false;
  /** True time until which the thread is held. */
  private busyUntil = 0;
  /** How far the thread has slept in this turn, true milliseconds. */
  private slept = 0;
  private wakeTime = Number.POSITIVE_INFINITY;

  constructor(
    readonly machine: Machine,
    readonly processId: number,
    start: StartProgram,
  ) {
    this.post(() => {
      this.program = start(this);
    });
  }

  get disk(): VirtualDisk {
    return this.machine.disk;
  }

  /** True time as the thread sees it. */
  get trueNow(): number {
    return this.machine.world.now + this.slept;
  }

  /** Accepts connections to the machine's address and this port. */
  listen(port: number, accept: Accept): void {
    this.listeners.set(port, accept);
  }

  /** Something has come for the program's thread. */
  post(event: () => void): void {
    if (!this.alive) return;
    this.inbox.push(event);
    this.scheduleTurn();
  }

  get isFrozen(): boolean {
    return this.frozen;
  }

  /** SIGSTOP: the thread gets no processor; the kernel goes on accepting connections and data. */
  freeze(): void {
    this.frozen = true;
  }

  /** SIGCONT. */
  thaw(): void {
    this.frozen = false;
    if (this.inbox.length > 0 || this.endOfTurnAsked) this.scheduleTurn();
  }

  /** Ends it. With `silently` (a power failure) nobody hears of it. */
  end(silently: boolean): void {
    if (!this.alive) return;
    this.alive = false;
    this.inbox = [];
    for (const link of [...this.links]) link.processEnded(silently);
    this.links.clear();
  }

  // Host, for the program:

  localClock(): number {
    return this.wallClock(); // the virtual world has one time zone
  }

  wallClock(): number {
    return this.machine.clock.wall(this.trueNow);
  }

  monotonicClock(): number {
    return this.machine.clock.monotonic(this.trueNow);
  }

  readonly random = (): number => this.machine.programRandom.uint32();

  wakeAt(time: number): void {
    this.wakeTime = time;
    const delay = this.machine.clock.trueTime(time) - this.machine.world.now;
    this.machine.world.after(delay, () => {
      if (this.wakeTime !== time || !this.alive) return;
      this.wakeTime = Number.POSITIVE_INFINITY;
      this.post(() => this.program!.wake());
    });
  }

  wakeAtEndOfTurn(): void {
    this.endOfTurnAsked = true;
    this.scheduleTurn();
  }

  dial(host: string, port: number, handler: LinkHandler): Link {
    return this.machine.network.dial(this, host, port, handler);
  }

  log(line: string): void {
    const { world } = this.machine;
    world.record('log', this.machine.name, line);
    this.logLines.push(line);
    if (this.logLines.length > 1000) this.logLines.splice(0, 500);
  }

  sleep(milliseconds: number): void {
    this.slept += milliseconds;
  }

  exit(code: number): void {
    this.exitCode = code;
    this.machine.world.record('exit', this.machine.name, String(code));
    this.end(false);
  }

  usage(): { residentBytes: number; systemSeconds: number; userSeconds: number } {
    return { residentBytes: 32 * 2 ** 20, systemSeconds: 0, userSeconds: 0 };
  }

  private scheduleTurn(): void {
    if (this.turnPending || this.frozen || !this.alive) return;
    this.turnPending = true;
    const { world, scheduler, faults } = this.machine;
    const delay = Math.max(this.busyUntil - world.now, 0) + scheduler.exponential(faults.latency);
    world.after(delay, () => this.turn());
  }

  private turn(): void {
    this.turnPending = false;
    if (this.frozen || !this.alive) return;
    const events = this.inbox;
    this.inbox = [];
    for (const event of events) if (this.alive) event();
    if (this.endOfTurnAsked && this.alive) {
      this.endOfTurnAsked = false;
      this.program!.endOfTurn();
    }
    this.busyUntil = this.trueNow;
    this.slept = 0;
    if (this.inbox.length > 0 || this.endOfTurnAsked) this.scheduleTurn();
  }
}
