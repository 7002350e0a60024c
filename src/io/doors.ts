/**
 * Where a server listens: for clients in the clear and in TLS, on a Unix socket, for other nodes; and how that follows
 * the configuration.
 */
import { isIP } from 'node:net';
import type { Config } from '../node/config/index.js';
import type { Link, LinkHandler, Log } from '../node/host.js';
import { ListenError, Listener } from './listener.js';
import { portProblem } from './port-problem.js';
import { TLS_DIRECTIVES, type Tls } from './tls.js';

/** Where a server listens; no bus outside cluster mode. */
export interface Ports {
  /** In the clear; 0 when it doesn't. */
  readonly client: number;
  readonly bus: number | undefined;
}

/** Who takes the connections. */
export type Welcome = Readonly<Record<'client' | 'local' | 'bus', (link: Link) => LinkHandler>>;

/** The bus is this far above the port, unless `cluster-port` says otherwise. */
const BUS_OFFSET = 10_000;
const HIGHEST_PORT = 65_535;
const MOST_ATTEMPTS = 100;

export class Doors {
  private readonly plain: Listener;
  private readonly secure: Listener;
  private readonly local: Listener;
  private readonly bus: Listener;

  constructor(
    private readonly config: Config,
    private readonly log: Log,
    private readonly tls: Tls,
    welcome: Welcome,
  ) {
    const { values } = config;
    const common = {
      failed: (reason: string) => log('warning', `Error accepting a connection: ${reason}`),
      backlog: values['tcp-backlog'],
      keepAlive: values['tcp-keepalive'],
    };
    const encrypted = { ...common, tls: () => tls.server };
    this.plain = new Listener({ ...common, accept: welcome.client });
    this.secure = new Listener({ ...encrypted, accept: welcome.client });
    this.local = new Listener({ ...common, accept: welcome.local });
    this.bus = new Listener({ ...(values['tls-cluster'] ? encrypted : common), accept: welcome.bus });
  }

  private get all(): readonly Listener[] {
    return [this.plain, this.secure, this.local, this.bus];
  }

  /**
   * Listens where the configuration says, or on free ports instead of `port`, which is set then. What comes waits until
   * it is admitted. Throws `ListenError`.
   */
  async open(anyPort: boolean, socketPath: string): Promise<Ports> {
    const { config, secure, local, tls } = this;
    const { values } = config;
    try {
      tls.renew();
    } catch (error) {
      throw new ListenError(`Failed to configure TLS: ${(error as Error).message}`, 'EINVAL');
    }
    const securePort = values['tls-port'];
    if (securePort !== 0) await secure.listen(values.bind, securePort);
    const ports = anyPort ? await this.listenOnFreePorts() : await this.listenOnPorts();
    if (ports.client !== values.port) config.record('port', [String(ports.client)]);
    if (socketPath) await local.listenUnix(socketPath, values.unixsocketperm);
    if (ports.client === 0 && securePort === 0 && !socketPath) {
      throw new ListenError('Configured to not listen anywhere: set port, tls-port or unixsocket.', 'EINVAL');
    }
    if (ports.bus !== undefined && !values['tls-cluster']) this.warnOfOpenBus();
    return ports;
  }

  /** Clients are served from now on. */
  admitClients(): void {
    for (const listener of [this.plain, this.secure, this.local]) listener.begin();
  }

  /** Other nodes are. */
  admitNodes(): void {
    this.bus.begin();
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((listener) => listener.close()));
  }

  /** CONFIG SET of ports, addresses and certificates acts at once; connections that are open stay. */
  followConfig(): void {
    const { config } = this;
    const { values } = config;
    config.onChange('bind', () => {
      const moved =
        values.bind.every(isAddress) &&
        this.move(this.plain, values.port) &&
        this.move(this.secure, values['tls-port']);
      return moved ? undefined : 'Failed to bind to specified addresses.';
    });
    const cantListen = 'Unable to listen on this port. Check server logs.';
    config.onChange('port', () => (this.move(this.plain, values.port) ? undefined : cantListen));
    config.onChange([...TLS_DIRECTIVES, 'tls-replication', 'tls-cluster'], () => this.renewTls());
    config.onChange('tls-port', () => {
      return this.renewTls() ?? (this.move(this.secure, values['tls-port']) ? undefined : cantListen);
    });
  }

  private async listenOnPorts(): Promise<Ports> {
    const { values } = this.config;
    const { port } = values;
    if (port !== 0) await this.plain.listen(values.bind, port);
    if (!values['cluster-enabled']) return { client: port, bus: undefined };
    const busPort = this.busPortBeside(port);
    if (busPort > HIGHEST_PORT) {
      throw new ListenError(
        `The cluster bus would be on port ${busPort}, which there isn't: choose a port up to 55535, or set cluster-port.`,
        'EINVAL',
      );
    }
    await this.bus.listen(values.bind, busPort);
    return { client: port, bus: busPort };
  }

  private async listenOnFreePorts(): Promise<Ports> {
    const { values } = this.config;
    for (let attempt = 1; ; attempt++) {
      const port = await this.plain.listen(values.bind, 0);
      if (!values['cluster-enabled']) return { client: port, bus: undefined };
      try {
        const busPort = this.busPortBeside(port);
        if (busPort > HIGHEST_PORT) throw new ListenError(`No port ${busPort}`, 'EADDRINUSE');
        await this.bus.listen(values.bind, busPort);
        return { client: port, bus: busPort };
      } catch (error) {
        await this.plain.stopAccepting();
        if (!(error instanceof ListenError) || error.code !== 'EADDRINUSE' || attempt === MOST_ATTEMPTS)
          throw error;
      }
    }
  }

  private busPortBeside(port: number): number {
    const { values } = this.config;
    return values['cluster-port'] || (values['tls-cluster'] ? values['tls-port'] : port) + BUS_OFFSET;
  }

  /** Listens on another port or other addresses. Answers false, and why in the log, when that can't be. */
  private move(listener: Listener, port: number): boolean {
    const { bind } = this.config.values;
    void listener.stopAccepting();
    if (port === 0) return true;
    const problem = portProblem(bind, port);
    if (problem !== undefined) {
      this.log('warning', `Failed listening on port ${port}: ${problem}`);
      return false;
    }
    listener.listen(bind, port).catch((error: Error) => {
      this.log('warning', `${error.message} No new connections are accepted there until it can be used.`);
    });
    return true;
  }

  private renewTls(): string | undefined {
    try {
      this.tls.renew();
      for (const listener of this.all) listener.renewTls();
      return undefined;
    } catch (error) {
      this.log('warning', `Failed to configure TLS: ${(error as Error).message}`);
      return 'Unable to update TLS configuration. Check server logs.';
    }
  }

  private warnOfOpenBus(): void {
    const open = this.config.values.bind.filter((entry) => !isLoopback(entry.replace(/^-/, '')));
    if (open.length === 0) return;
    this.log(
      'warning',
      `The cluster bus listens on ${open.join(' ')} and is neither encrypted nor authenticated: whoever can connect ` +
        'to it can take over the cluster. Keep its port behind a firewall, or set tls-cluster yes.',
    );
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address === 'localhost';
}

/** Whether an entry of `bind` can be listened on without asking a name server. */
function isAddress(entry: string): boolean {
  const address = entry.startsWith('-') ? entry.slice(1) : entry;
  return address === '*' || address === '::*' || isIP(address) !== 0;
}
