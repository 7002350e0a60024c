/**
 * A `Cluster` on real TCP sockets, without data: what is needed to put it among real redis-servers. As a replica it
 * pretends to have processed everything its master has.
 */
import net from 'node:net';
import { Cluster } from '../../src/cluster/cluster.js';
import {
  type BusLink,
  type BusLinkEvents,
  type ClusterEvent,
  type ClusterOptions,
  DEFAULT_CLUSTER_OPTIONS,
} from '../../src/cluster/environment.js';
import { testBusPort } from './redis-node.js';

export class TcpNode {
  readonly cluster: Cluster;
  readonly options: ClusterOptions;
  readonly events: ClusterEvent[] = [];
  readonly logs: string[] = [];
  readonly published: string[] = [];
  savedConfig = '';
  private readonly server: net.Server;
  private readonly sockets = new Set<net.Socket>();
  private readonly timer: NodeJS.Timeout;

  constructor(options: Partial<ClusterOptions>, nodesConf = '') {
    this.options = { ...DEFAULT_CLUSTER_OPTIONS, nodeTimeout: 2000, ...options };
    this.options.busPort = testBusPort(this.options.port);
    let following = false;
    this.cluster = new Cluster(
      {
        now: () => Math.floor(performance.timeOrigin + performance.now()),
        wallClock: () => Date.now(),
        random: () => Math.floor(Math.random() * 2 ** 32),
        dial: (host, port, events) => this.dial(host, port, events),
        saveConfig: (text) => {
          this.savedConfig = text;
        },
        log: (level, message) => {
          if (level !== 'debug') this.logs.push(message);
        },
        emit: (event) => this.events.push(event),
        deliver: (channel, message, sharded) => {
          this.published.push(`${sharded ? 's' : ''}${Buffer.from(channel)}=${Buffer.from(message)}`);
        },
        slotsReleased: () => {},
        pauseWrites: () => {},
        resumeWrites: () => {},
        replication: {
          offset: () => this.cluster?.myself.master?.replicationOffset ?? 0,
          inUnit: () => false,
          dataAge: () => 0,
          isLoading: () => false,
          isFollowing: () => following,
          isLinked: () => following,
          becomeReplicaOf: () => {
            following = true;
          },
          becomeMaster: () => {
            following = false;
          },
        },
        keyspace: {
          isEmpty: () => true,
          countKeysInSlot: () => 0,
          deleteKeysInSlot: () => {},
          flushAll: () => {},
        },
      },
      this.options,
      nodesConf,
    );
    this.server = net.createServer((socket) => this.wire(socket, (link) => this.cluster.accept(link)));
    this.timer = setInterval(() => this.do((cluster) => cluster.tick()), 100);
  }

  get id(): string {
    return this.cluster.myself.id;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.busPort, '127.0.0.1', resolve);
    });
  }

  /** One batch of inputs. */
  do(action: (cluster: Cluster) => void): void {
    action(this.cluster);
    this.cluster.afterEvents();
  }

  stop(): void {
    clearInterval(this.timer);
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private dial(host: string, port: number, events: BusLinkEvents): BusLink {
    const socket = net.connect({ host, port });
    socket.once('connect', () => this.do(() => events.connected()));
    return this.wire(socket, () => events);
  }

  private wire(socket: net.Socket, attach: (link: BusLink) => BusLinkEvents): BusLink {
    const link: BusLink = {
      get remoteAddress() {
        return socket.remoteAddress ?? '';
      },
      get localAddress() {
        return socket.localAddress ?? '';
      },
      get pendingBytes() {
        return socket.writableLength;
      },
      send: (bytes) => {
        socket.write(bytes);
      },
      close: () => socket.destroy(),
    };
    const events = attach(link);
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.do(() => events.received(bytes, 0, bytes.length)));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.do(() => events.closed('connection closed'));
    });
    return link;
  }
}
