/**
 * Who looks at commands as they run: the slow log, the latency monitor, MONITOR, client-side caching.
 *
 * For most commands nobody does, and one comparison must be all it costs: a command that took less than `threshold`
 * microseconds interests nobody. The threshold is the slow log's or the latency monitor's, whichever is lower, and -1
 * while there is somebody who wants to see every command.
 */
import { type Command, FLAG } from '../../commands/command.js';
import type { Request } from '../../protocol/request.js';
import type { Config } from '../config/index.js';
import type { Monitors } from '../messaging/monitors.js';
import type { Tracking } from '../messaging/tracking.js';
import type { Session } from '../session.js';
import { LatencyMonitor } from './latency.js';
import { shownArguments } from './shown-arguments.js';
import { SlowLog } from './slowlog.js';
import type { Statistics } from './statistics.js';
import type { Stopwatch } from './stopwatch.js';

const EVERY_COMMAND = -1;

/** Below this many microseconds, commands that are usually quick must be timed one by one too. */
const QUICK = 1000;

const DIRECTIVES = ['slowlog-log-slower-than', 'latency-monitor-threshold', 'latency-tracking'] as const;

/** What observers need of the node. */
export interface ObserversParts {
  readonly config: Config;
  readonly statistics: Statistics;
  readonly stopwatch: Stopwatch;
  readonly monitors: Monitors;
  readonly tracking: Tracking;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly isBlocked: (session: Session) => boolean;
}

/** A command that blocks, to be logged when its wait ends. */
interface Unfinished {
  readonly words: readonly string[];
  readonly microseconds: number;
}

export class Observers {
  /** Commands that took at least so many microseconds are shown to `ended`. */
  threshold = Number.POSITIVE_INFINITY;
  readonly slowLog = new SlowLog();
  readonly latency: LatencyMonitor;
  /** The script that runs now, or ran last. */
  private script: { session: Session; command: Command; request: Request } | null = null;
  private readonly unfinished = new Map<Session, Unfinished>();

  constructor(private readonly parts: ObserversParts) {
    this.latency = new LatencyMonitor(parts.wallClock);
    parts.config.onChange(DIRECTIVES, () => {
      this.update();
      return undefined;
    });
    this.update();
  }

  /** The settings, or who looks, have changed. */
  update(): void {
    const { latency } = this;
    const { config, statistics, stopwatch, monitors, tracking } = this.parts;
    const slow = config.values['slowlog-log-slower-than'];
    statistics.timesCommands = config.values['latency-tracking'];
    latency.threshold = config.values['latency-monitor-threshold'];
    this.threshold = Math.min(
      slow < 0 ? Number.POSITIVE_INFINITY : slow,
      latency.threshold === 0 ? Number.POSITIVE_INFINITY : latency.threshold * 1000,
    );
    if (monitors.any || tracking.clientCount > 0) this.threshold = EVERY_COMMAND;
    stopwatch.exact = this.threshold < QUICK;
  }

  /** A command is about to run. Monitors see a script before what it calls. */
  begins(session: Session, command: Command, request: Request): void {
    if (!isScript(command)) return;
    this.script = { session, command, request };
    this.show(session, command, request);
  }

  /** A command has run. */
  ended(session: Session, command: Command, request: Request, microseconds: number): void {
    const { config, tracking } = this.parts;
    if (config.loading) return;
    const { flags } = command;
    this.latency.add(flags & FLAG.fast ? 'fast-command' : 'command', microseconds / 1000);
    this.logIfSlow(session, command, request, microseconds);
    if (!(flags & (FLAG.skip_monitor | FLAG.admin))) this.show(session, command, request);
    if (tracking.clientCount === 0) return;
    if (flags & FLAG.readonly && !(flags & FLAG.pubsub) && !isScript(command)) {
      // A script that reads anything counts as having read all its keys.
      const reader = session.isScript && this.script !== null ? this.script : { session, command, request };
      tracking.remember(reader.session, reader.command, reader.request);
      tracking.limit(config.values['tracking-table-max-keys']);
    }
    if (!session.mayBlock) return; // a part of a transaction or a script
    tracking.settle();
    if (session.transaction === null) tracking.commandEnded(session, command);
  }

  /** The wait of the session's command is over. */
  unblocked(session: Session): void {
    const unfinished = this.unfinished.get(session);
    if (unfinished === undefined) return;
    this.unfinished.delete(session);
    this.log(session, unfinished);
  }

  forget(session: Session): void {
    this.unfinished.delete(session);
  }

  private show(session: Session, command: Command, request: Request): void {
    const { config, monitors } = this.parts;
    if (!monitors.any || config.loading) return;
    const who = session.isScript ? 'lua' : session.address;
    monitors.show(session.database, who, shownArguments(config, command, request));
  }

  private logIfSlow(session: Session, command: Command, request: Request, microseconds: number): void {
    const { config } = this.parts;
    const limit = config.values['slowlog-log-slower-than'];
    if (limit < 0 || microseconds < limit || command.flags & FLAG.skip_slowlog) return;
    const entry = { words: shownArguments(config, command, request), microseconds };
    if (this.parts.isBlocked(session)) this.unfinished.set(session, entry);
    else this.log(session, entry);
  }

  private log(session: Session, { words, microseconds }: Unfinished): void {
    const { config, wallClock } = this.parts;
    this.slowLog.add(
      {
        time: Math.floor(wallClock() / 1000),
        microseconds: Math.floor(microseconds),
        words,
        address: session.address,
        clientName: session.name,
      },
      config.values['slowlog-max-len'],
    );
  }
}

/** EVAL, FCALL and their like. */
function isScript({ definition, flags }: Command): boolean {
  return definition.group === 'scripting' && (flags & FLAG.skip_monitor) !== 0;
}
