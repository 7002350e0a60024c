/**
 * A running server: one node with its sockets, files, clocks and log.
 *
 * Several servers can run side by side in one process: nothing here is global, the process's signals and its end are
 * left to the caller (see cli/server.ts).
 */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { ServerFacilities } from '../commands/facilities.js';
import { banner } from '../node/banner.js';
import { Config, type DirectiveName } from '../node/config/index.js';
import type { Link, LinkHandler, Log } from '../node/host.js';
import { Logger } from '../node/log.js';
import { Node } from '../node/node.js';
import { protectedModeRefusal } from '../node/protected-mode.js';
import { HEXIS_VERSION, REDIS_VERSION } from '../node/version.js';
import { fromLatin1 } from '../protocol/bytes.js';
import { createConfig, pathOf, textOf } from './config-files.js';
import { DirectoryDisk } from './disk.js';
import { NodeHost } from './host.js';
import { ListenError, Listener } from './listener.js';
import { StartError } from './start-error.js';

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
}

export interface RunningServer {
  readonly config: Config;
  readonly log: Log;
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
  shutdown(options?: Parameters<ServerFacilities['shutdown']>[0]): string | undefined;
  /** Shuts down, and fulfils when ports and files have been released. */
  close(): Promise<void>;
}

/** The bus is this far above the port, unless `cluster-port` says otherwise. */
const BUS_OFFSET = 10_000;
const HIGHEST_PORT = 65_535;

/** Handles links that have been turned away. */
const DEAF: LinkHandler = { received() {}, closed() {} };

/**
 * Starts a server; fulfils when it accepts connections. Throws `ListenError` when it can't listen, `ConfigError` for
 * a directive that is wrong.
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const config = options.config instanceof Config ? options.config : configOf(options.config ?? {});
  const { values } = config;
  const directory = () => pathOf(values.dir);

  const write =
    options.log ?? logFileWriter(() => values.logfile && resolve(directory(), pathOf(values.logfile)));
  const disk = new DirectoryDisk(directory());
  config.onChange('dir', () => {
    disk.directory = directory();
    return undefined;
  });

  let end!: (code: number) => void;
  const ending = new Promise<number>((fulfil) => {
    end = fulfil;
  });
  const host = new NodeHost({ disk, log: write, exit: end, sourceAddress: () => values['bind-source-addr'] });
  const logger = new Logger(host, config);
  const { log } = logger;
  log('warning', 'oO0OoO0OoO0Oo Hexis is starting oO0OoO0OoO0Oo');
  log(
    'warning',
    `Hexis version=${HEXIS_VERSION}, redis=${REDIS_VERSION}, pid=${host.processId}, just started`,
  );
  log('warning', 'Configuration loaded');

  let node: Node | undefined; // exists once its ports are known
  const failed = (reason: string) => log('warning', `Error accepting a connection: ${reason}`);
  const listening = { failed, backlog: values['tcp-backlog'], keepAlive: values['tcp-keepalive'] };
  const clients = new Listener({
    ...listening,
    accept: (link) => (node ? welcome(link, node, config) : hangUp(link)),
  });
  const local = new Listener({ ...listening, accept: (link) => node?.accept(link) ?? hangUp(link) });
  const bus = new Listener({ ...listening, accept: (link) => node?.acceptBus(link) ?? hangUp(link) });
  const listeners = [clients, local, bus];
  const socketPath = values.unixsocket && resolve(directory(), pathOf(values.unixsocket));
  const pidFile = values.pidfile && resolve(directory(), pathOf(values.pidfile));

  let busPort: number | undefined;
  try {
    const ports = await listenOnPorts(clients, bus, config, options.anyPort ?? false);
    busPort = ports.busPort;
    if (ports.port !== values.port) config.record('port', [String(ports.port)]);
    if (socketPath) await local.listenUnix(socketPath, values.unixsocketperm);
    if (values.port === 0 && !socketPath) {
      throw new ListenError('Configured to not listen anywhere: set port or unixsocket.', 'EINVAL');
    }
    if (pidFile) writeFileSync(pidFile, `${host.processId}\n`);
    node = new Node({ host, config, logger });
    host.drive(node);
    if (!node.start()) throw new StartError('The data could not be loaded: the log says why.');
  } catch (error) {
    log('warning', `Can't start: ${(error as Error).message}`);
    host.stop();
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
  config.onChange(['port', 'bind'], () => {
    if (!values.bind.every(isAddress)) return 'Failed to bind to specified addresses.';
    listenAgain(clients, config, log);
    return undefined;
  });

  const running = node;
  const mode = values['cluster-enabled'] ? 'cluster' : 'standalone';
  if (options.banner || values['always-show-logo']) {
    logger.raw(banner({ mode, port: values.port, processId: host.processId }));
  } else log('notice', `Running mode=${mode}, port=${values.port}.`);
  log('warning', 'Server initialized');
  if (values.port !== 0) log('notice', 'Ready to accept connections');
  if (socketPath) log('notice', `The server is now ready to accept connections at ${socketPath}`);

  const ended = ending.then(async (code) => {
    // Replies of the turn that ends the server (SHUTDOWN's own error, others' last ones) leave first.
    running.endOfTurn();
    host.stop();
    await Promise.all(listeners.map((listener) => listener.close()));
    if (socketPath) rmSync(socketPath, { force: true });
    if (pidFile) rmSync(pidFile, { force: true });
    log('warning', 'Hexis is now ready to exit, bye bye...');
    return code;
  });
  return {
    config,
    log,
    get port() {
      return values.port;
    },
    busPort,
    ended,
    shutdown: (how = {}) => running.shutdown(how),
    async close() {
      if (running.shutdown({}) !== undefined) running.shutdown({ force: true });
      await ended;
    },
  };
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
    if (file !== '') appendFileSync(file, `${line}\n`);
  };
}

/** Listens on the configured port and the bus's, or on free ones. */
async function listenOnPorts(
  clients: Listener,
  bus: Listener,
  { values }: Config,
  anyPort: boolean,
): Promise<{ port: number; busPort: number | undefined }> {
  const inCluster = values['cluster-enabled'];
  if (!anyPort) {
    const { port } = values;
    if (port !== 0) await clients.listen(values.bind, port);
    if (!inCluster) return { port, busPort: undefined };
    const busPort = values['cluster-port'] || port + BUS_OFFSET;
    if (busPort > HIGHEST_PORT) {
      throw new ListenError(
        `The cluster bus would be on port ${busPort}, which there isn't: choose a port up to 55535, or set cluster-port.`,
        'EINVAL',
      );
    }
    await bus.listen(values.bind, busPort);
    return { port, busPort };
  }
  for (let attempt = 1; ; attempt++) {
    const port = await clients.listen(values.bind, 0);
    if (!inCluster) return { port, busPort: undefined };
    try {
      const busPort = values['cluster-port'] || port + BUS_OFFSET;
      if (busPort > HIGHEST_PORT) throw new ListenError(`No port ${busPort}`, 'EADDRINUSE');
      await bus.listen(values.bind, busPort);
      return { port, busPort };
    } catch (error) {
      await clients.stopAccepting();
      if (!(error instanceof ListenError) || error.code !== 'EADDRINUSE' || attempt === MOST_ATTEMPTS)
        throw error;
    }
  }
}

const MOST_ATTEMPTS = 100;

/** Whether an entry of `bind` can be listened on without asking a name server. */
function isAddress(entry: string): boolean {
  const address = entry.startsWith('-') ? entry.slice(1) : entry;
  return address === '*' || address === '::*' || isIP(address) !== 0;
}

/** CONFIG SET port or bind: moves on at once; connections that are open stay. */
function listenAgain(clients: Listener, { values }: Config, log: Log): void {
  void clients.stopAccepting();
  if (values.port === 0) return;
  clients.listen(values.bind, values.port).catch((error: Error) => {
    log(
      'warning',
      `${error.message} No new connections are accepted until port or bind is set to one that can be used.`,
    );
  });
}

function welcome(link: Link, node: Node, { values }: Config): LinkHandler {
  const refusal = protectedModeRefusal(values, values.requirepass !== '', link.remoteAddress);
  return refusal === undefined ? node.accept(link) : turnAway(link, refusal);
}

function turnAway(link: Link, message: string): LinkHandler {
  const bytes = fromLatin1(message);
  link.write(bytes, 0, bytes.length);
  return hangUp(link);
}

function hangUp(link: Link): LinkHandler {
  link.close();
  return DEAF;
}
