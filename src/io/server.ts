/**
 * A running server: one node with its sockets, files, clocks and log.
 *
 * Several servers can run side by side in one process: nothing here is global, the process's signals and its end are
 * left to the caller (see cli/server.ts).
 */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CorruptConfigError } from '../cluster/nodes-conf.js';
import { AclFileError } from '../node/acl/users.js';
import { banner } from '../node/banner.js';
import { Config, type DirectiveName } from '../node/config/index.js';
import type { Link, LinkHandler, Log } from '../node/host.js';
import { createLog, type LogRole } from '../node/log.js';
import { Node } from '../node/node.js';
import { protectedModeRefusal } from '../node/protected-mode.js';
import type { ShutdownOptions } from '../node/shutdown.js';
import { HEXIS_VERSION, REDIS_VERSION } from '../node/version.js';
import { fromLatin1 } from '../protocol/bytes.js';
import { createConfig, pathOf, textOf } from './config-files.js';
import { DataClaims } from './data-claims.js';
import { DirectoryDisk, DiskError } from './disk.js';
import { Doors, type Ports } from './doors.js';
import { NodeHost } from './host.js';
import { OomScore } from './oom-score.js';
import { limitClients } from './open-files.js';
import { nameDataFiles } from './shared-folder.js';
import { StartError } from './start-error.js';
import { systemReason } from './system-error.js';
import { Tls } from './tls.js';

export { REDIS_VERSION };

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
  const config = options.config instanceof Config ? options.config : configOf(options.config ?? {});
  const { values } = config;
  const pathIn = (name: string) => resolve(pathOf(values.dir), pathOf(name));

  const write = options.log ?? logFileWriter(() => values.logfile && pathIn(values.logfile));
  const disk = new DirectoryDisk(pathIn('.'));
  config.onChange('dir', () => {
    disk.directory = pathIn('.');
    return undefined;
  });
  let running = true;
  let end!: (code: number) => void;
  const ending = new Promise<number>((fulfil) => {
    end = (code) => {
      running = false;
      fulfil(code);
    };
  });
  const tls = new Tls(config);
  const host = new NodeHost({
    disk,
    log: write,
    exit: end,
    sourceAddress: () => values['bind-source-addr'],
    tls: (purpose) => tls.clientFor(purpose),
  });
  let role: LogRole = 'C';
  const log = createLog(host, config, () => role);
  const oomScore = new OomScore(config, log);
  host.roleChanged = (isReplica) => oomScore.roleChanged(isReplica);
  if (options.log === undefined && values.logfile) checkLogFile(pathIn(values.logfile));
  sayHello(host, log);

  const socketPath = values.unixsocket && pathIn(values.unixsocket);
  const pidFile = values.pidfile && pathIn(values.pidfile);
  const doors = new Doors(config, log, tls, {
    client: (link) => welcome(link, node),
    local: (link) => node.accept(link),
    bus: (link) => node.acceptBus(link),
  });
  const claims = new DataClaims(config, log);
  const release = async () => {
    host.stop();
    await doors.close();
    claims.release();
  };

  let node: Node;
  let ports: Ports;
  let starting: StartingServer;
  try {
    limitClients(config, log);
    // Ports first: a second server on the same configuration stops here, before it touches the data. Connections
    // that come before the data is there wait.
    ports = await doors.open(options.anyPort ?? false, socketPath);
    if (pidFile) writePidFile(pidFile, host, log);
    role = values.replicaof === null ? 'M' : 'S';
    introduce(host, config, log, options.banner ?? false);
    const dataFiles = nameDataFiles(config);
    if (dataFiles.length > 0) {
      log('notice', `Data files are named after cluster-config-file: ${dataFiles.join(', ')}`);
    }
    const taken = claims.claim();
    if (taken !== undefined) throw new StartError(taken);
    node = createNode(host, config);
    host.drive(node);
    // Clients that come while the data is being loaded are told so.
    doors.admitClients();
    starting = {
      config,
      log: node.log,
      requestShutdown: (how) => node.requestShutdown(how),
      isShuttingDown: () => node.shutdowns.underWay,
    };
    options.created?.(starting);
    if (!(await loaded(node, ending))) {
      throw new StartError("The data in the server's directory can't be used: see the log.", true);
    }
    doors.admitNodes();
  } catch (error) {
    if (error instanceof StartError && !error.logged) log('warning', error.message);
    await release();
    throw error;
  }
  doors.followConfig();
  if (running) sayReady(ports, config, socketPath, log);

  const ended = ending.then(async (code) => {
    node.endOfTurn(); // what the turn that ended the server still owes to others
    await release();
    if (socketPath) rmSync(socketPath, { force: true });
    if (pidFile) rmSync(pidFile, { force: true });
    if (code === 0) log('warning', 'Hexis is now ready to exit, bye bye...');
    return code;
  });
  return {
    ...starting,
    get port() {
      return values.port;
    },
    busPort: ports.bus,
    ended,
    shutdown: (how = {}) => node.shutdown(how),
    async close() {
      if (node.shutdown({ now: true }) !== undefined) node.shutdown({ now: true, force: true });
      await ended;
    },
  };
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

/** The first lines of the log. */
function sayHello({ processId }: NodeHost, log: Log): void {
  log('warning', 'oO0OoO0OoO0Oo Hexis is starting oO0OoO0OoO0Oo');
  log(
    'warning',
    `Hexis version=${HEXIS_VERSION}, redis=${REDIS_VERSION}, bits=64, pid=${processId}, just started`,
  );
  log('warning', 'Configuration loaded');
}

/** What it is that starts: in a terminal with a picture. */
function introduce(host: NodeHost, { values }: Config, log: Log, withBanner: boolean): void {
  const { processId } = host;
  const mode = values['cluster-enabled'] ? 'cluster' : 'standalone';
  if (withBanner || values['always-show-logo']) host.log(banner({ mode, port: values.port, processId }));
  else log('notice', `Running mode=${mode}, port=${values.port}.`);
  log('warning', 'Server initialized');
}

function sayReady({ client }: Ports, { values }: Config, socketPath: string, log: Log): void {
  if (client !== 0 || values['tls-port'] !== 0) log('notice', 'Ready to accept connections');
  if (socketPath) log('notice', `The server is now ready to accept connections at ${socketPath}`);
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

/** Opened for each line, as Redis does, so that the file can be moved away; lines are few. */
function logFileWriter(path: () => string): (line: string) => void {
  return (line) => {
    const file = path();
    if (file === '') return;
    try {
      appendFileSync(file, `${line}\n`);
    } catch {
      // A full disk, or a folder that has gone: no reason to stop serving, and there is nowhere to say so.
    }
  };
}

function checkLogFile(path: string): void {
  try {
    appendFileSync(path, '');
  } catch (error) {
    throw new StartError(`Can't open the log file ${path}: ${systemReason(error)}`);
  }
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
