/**
 * A running server: one node with its sockets, files, clocks and log.
 *
 * Several servers can run side by side in one process: nothing here is global, the process's signals and its end are
 * left to the caller (see cli/server.ts).
 */
import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CorruptConfigError } from '../cluster/nodes-conf.js';
import { AclFileError } from '../node/acl/users.js';
import { Config, type DirectiveName } from '../node/config/index.js';
import type { Link, LinkHandler, Log } from '../node/host.js';
import { createLog, type LogRole } from '../node/log.js';
import { Node } from '../node/node.js';
import { protectedModeRefusal } from '../node/protected-mode.js';
import type { ShutdownOptions } from '../node/shutdown.js';
import { fromLatin1 } from '../protocol/bytes.js';
import { createConfig, pathOf, textOf } from './config-files.js';
import { DataClaims } from './data-claims.js';
import { DirectoryDisk, DiskError } from './disk.js';
import { Doors, type Ports } from './doors.js';
import { NodeHost } from './host.js';
import { checkLogFile, logFileWriter } from './log-file.js';
import { OomScore } from './oom-score.js';
import { limitClients } from './open-files.js';
import { nameDataFiles } from './shared-folder.js';
import { StartError } from './start-error.js';
import { introduce, sayHello, sayReady } from './startup-log.js';
import { systemReason } from './system-error.js';
import { Tls } from './tls.js';

/** Directives of redis.conf by name, such as `{ port: 7000, appendonly: true, save: [3600, 1] }`. */
export type Directives = Partial<
  Readonly<Record<DirectiveName, string | number | boolean | readonly (string | number)[]>>
>;

export interface ServerOptions {
  /** Directives, or a configuration read from files. */
  readonly config?: Directives | Config;
  /**
   * Listen on a free port instead of `port`, and set `port` to it. In cluster mode the port 10,000 above is free as
   * well, as the cluster bus needs it.
   */
  readonly anyPort?: boolean;
  /** Takes the log's lines. Unless given they go to the file that `logfile` names, and nowhere without one. */
  readonly log?: (line: string) => void;
  /** Show the banner, as `always-show-logo` does. */
  readonly banner?: boolean;
  /** Told of the server before its data is loaded, for signals that come meanwhile. */
  readonly created?: (server: StartingServer) => void;
}

/** A server whose data may still have to be loaded. */
export interface StartingServer {
  readonly config: Config;
  readonly log: Log;
  /** A signal asks for a shutdown: within 100 ms, not in the middle of a script, and until then it can be aborted. */
  requestShutdown(options: ShutdownOptions): void;
  /** Whether a shutdown has been asked for, and has neither failed nor been aborted. */
  isShuttingDown(): boolean;
}

export interface RunningServer extends StartingServer {
  /** Where clients connect; 0 when it listens on a Unix socket only. */
  readonly port: number;
  /** Where other nodes connect, in cluster mode. */
  readonly busPort: number | undefined;
  /** Fulfilled with the exit code when the server has ended: by `close`, SHUTDOWN or a failure. */
  readonly ended: Promise<number>;
  /**
   * Ends as SHUTDOWN does, saving what is configured to be saved. Answers why it can't, or undefined when it is
   * ending.
   */
  shutdown(options?: ShutdownOptions): string | undefined;
  /** Shuts down, and fulfils when ports and files have been released. */
  close(): Promise<void>;
}

/** Handles links that have been turned away. */
const DEAF: LinkHandler = { received() {}, closed() {} };

/**
 * Starts a server; fulfils when it accepts connections. Throws `ListenError` when it can't listen, `StartError` when
 * its data can't be used, `ConfigError` for a directive that is wrong.
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const server = new Server(options);
  await server.start();
  return server;
}

class Server implements RunningServer {
  readonly config: Config;
  private readonly host: NodeHost;
  /** Before there is a node; then the node has its own. */
  private readonly startLog: Log;
  private role: LogRole = 'C';
  private readonly doors: Doors;
  private readonly claims: DataClaims;
  private readonly socketPath: string;
  private readonly pidFile: string;
  private ports!: Ports;
  private node!: Node;
  /** Fulfilled with the exit code as soon as the node wants to end. */
  private readonly ending: Promise<number>;
  private isEnding = false;
  ended!: Promise<number>;

  constructor(private readonly options: ServerOptions) {
    const config = options.config instanceof Config ? options.config : configOf(options.config ?? {});
    this.config = config;
    const { values } = config;
    const pathIn = (name: string) => resolve(pathOf(values.dir), pathOf(name));
    const disk = new DirectoryDisk(pathIn('.'));
    config.onChange('dir', () => {
      disk.directory = pathIn('.');
      return undefined;
    });
    const tls = new Tls(config);
    let exit!: (code: number) => void;
    this.ending = new Promise<number>((fulfil) => {
      exit = (code) => {
        this.isEnding = true;
        fulfil(code);
      };
    });
    this.host = new NodeHost({
      disk,
      log: options.log ?? logFileWriter(() => values.logfile && pathIn(values.logfile)),
      exit,
      sourceAddress: () => values['bind-source-addr'],
      tls: (purpose) => tls.clientFor(purpose),
    });
    const log = createLog(this.host, config, () => this.role);
    this.startLog = log;
    const oomScore = new OomScore(config, log);
    this.host.roleChanged = (isReplica) => oomScore.roleChanged(isReplica);
    if (options.log === undefined && values.logfile) checkLogFile(pathIn(values.logfile));
    this.doors = new Doors(config, log, tls, {
      client: (link) => welcome(link, this.node),
      local: (link) => this.node.accept(link),
      bus: (link) => this.node.acceptBus(link),
    });
    this.claims = new DataClaims(config, log);
    this.socketPath = values.unixsocket && pathIn(values.unixsocket);
    this.pidFile = values.pidfile && pathIn(values.pidfile);
  }

  /** See `startServer`. */
  async start(): Promise<void> {
    const { host, startLog: log, doors } = this;
    sayHello(host, log);
    try {
      await this.open();
      await this.load();
    } catch (error) {
      if (error instanceof StartError && !error.logged) log('warning', error.message);
      await this.release();
      throw error;
    }
    doors.followConfig();
    if (!this.isEnding) sayReady(this.ports, this.config, this.socketPath, log);
    this.ended = this.ending.then((code) => this.end(code));
  }

  /**
   * Takes what the configuration names, ports first: a second server on the same configuration stops there, before it
   * touches the data. Connections that come before the node is there wait.
   */
  private async open(): Promise<void> {
    const { config, host, startLog: log, options, pidFile } = this;
    limitClients(config, log);
    this.ports = await this.doors.open(options.anyPort ?? false, this.socketPath);
    if (pidFile) writePidFile(pidFile, host, log);
    this.role = config.values.replicaof === null ? 'M' : 'S';
    introduce(host, config, log, options.banner ?? false);
    const dataFiles = nameDataFiles(config);
    if (dataFiles.length > 0) {
      log('notice', `Data files are named after cluster-config-file: ${dataFiles.join(', ')}`);
    }
    const taken = this.claims.claim();
    if (taken !== undefined) throw new StartError(taken);
  }

  /** Loads the data. Clients that come meanwhile are told so; other nodes wait. */
  private async load(): Promise<void> {
    const { config, host, doors } = this;
    this.node = createNode(host, config);
    host.drive(this.node);
    doors.admitClients();
    this.options.created?.(this);
    if (!(await loaded(this.node, this.ending))) {
      throw new StartError("The data in the server's directory can't be used: see the log.", true);
    }
    doors.admitNodes();
  }

  /** Gives back what the process has lent, once the node wants to end. */
  private async end(code: number): Promise<number> {
    const { socketPath, pidFile } = this;
    this.node.endOfTurn(); // what the turn that ended the server still owes to others
    await this.release();
    if (socketPath) rmSync(socketPath, { force: true });
    if (pidFile) rmSync(pidFile, { force: true });
    if (code === 0) this.startLog('warning', 'Hexis is now ready to exit, bye bye...');
    return code;
  }

  private async release(): Promise<void> {
    this.host.stop();
    await this.doors.close();
    this.claims.release();
  }

  get log(): Log {
    return this.node.log;
  }

  get port(): number {
    return this.config.values.port;
  }

  get busPort(): number | undefined {
    return this.ports.bus;
  }

  requestShutdown(how: ShutdownOptions): void {
    this.node.requestShutdown(how);
  }

  isShuttingDown(): boolean {
    return this.node.shutdowns.underWay;
  }

  shutdown(how: ShutdownOptions = {}): string | undefined {
    return this.node.shutdown(how);
  }

  async close(): Promise<void> {
    if (this.shutdown({ now: true }) !== undefined) this.shutdown({ now: true, force: true });
    await this.ended;
  }
}

/** Fulfilled with false when the data can't be used; with true also when the server is ended while it is being loaded. */
function loaded(node: Node, ending: Promise<number>): Promise<boolean> {
  return Promise.race([new Promise<boolean>((fulfil) => node.start(fulfil)), ending.then(() => true)]);
}

function createNode(host: NodeHost, config: Config): Node {
  try {
    return new Node({ host, config });
  } catch (error) {
    if (error instanceof AclFileError) {
      throw new StartError(`Aborting the start because of ACL errors: ${error.message}`);
    }
    const file = pathOf(config.values['cluster-config-file']);
    if (error instanceof DiskError) throw new StartError(`Can't read ${file}: ${error.message}`);
    if (!(error instanceof CorruptConfigError)) throw error;
    const place = error.line > 0 ? `${file}, line ${error.line}` : file;
    throw new StartError(`${error.message} ${place}: ${error.cause}`);
  }
}

function configOf(directives: Directives): Config {
  const config = createConfig();
  for (const [name, value] of Object.entries(directives)) {
    if (value === undefined) continue;
    const word = (item: string | number | boolean) =>
      typeof item === 'boolean' ? (item ? 'yes' : 'no') : textOf(String(item));
    config.record(name as DirectiveName, Array.isArray(value) ? value.map(word) : [word(value as string)]);
  }
  return config;
}

/** A server does without the file, as redis-server does: only those who look for it need it. */
function writePidFile(path: string, { processId }: NodeHost, log: Log): void {
  try {
    writeFileSync(path, `${processId}\n`);
  } catch (error) {
    log('warning', `Can't write the pid file ${path}: ${systemReason(error)}`);
  }
}

function welcome(link: Link, node: Node): LinkHandler {
  const { values } = node.config;
  const refusal = protectedModeRefusal(values, !node.acl.isOpen, link.remoteAddress);
  if (refusal === undefined) return node.accept(link);
  const bytes = fromLatin1(refusal);
  link.write(bytes, 0, bytes.length);
  link.close();
  return DEAF;
}
