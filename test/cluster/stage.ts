/**
 * One real `Cluster` among nodes that are played by the test: it hears the frames that the test makes up, and what it
 * says to each is kept. For rules whose cases a simulation reaches only once in thousands of runs.
 */
import { Cluster } from '../../src/cluster/cluster.js';
import {
  type BusLinkEvents,
  type ClusterEvent,
  type ClusterOptions,
  DEFAULT_CLUSTER_OPTIONS,
} from '../../src/cluster/environment.js';
import { includeSlot, slotsOf } from '../../src/cluster/slot-bitmap.js';
import {
  type BusBody,
  type BusFrame,
  type BusHeader,
  decodeFrame,
  encodeFrame,
  MalformedFrame,
} from '../../src/protocol/bus-frame.js';
import { BusFrameSplitter } from '../../src/protocol/bus-splitter.js';
import type { Bytes } from '../../src/protocol/bytes.js';

/** The id of the node that a letter stands for. */
export const idOf = (name: string): string => name.repeat(40);

export interface Role {
  name: string;
  /** Name of its master, if it is a replica. */
  of?: string;
  slots?: readonly [first: number, last: number];
  epoch?: number;
  failed?: boolean;
}

export interface Spoken {
  to: string;
  frame: BusFrame;
  /** nodes.conf as it was when the frame left. */
  saved: string;
}

export class Stage {
  now = 1_700_000_000_000;
  /** How far somebody has set the wall clock ahead since the start, milliseconds. */
  wallClockLead = 0;
  cluster: Cluster;
  saved = '';
  offset = 100;
  readonly options: ClusterOptions = { ...DEFAULT_CLUSTER_OPTIONS, port: 7000, nodeTimeout: 1000 };
  readonly spoken: Spoken[] = [];
  readonly events: ClusterEvent[] = [];
  /** The slots whose sharded subscriptions ended. */
  readonly released: number[] = [];
  private readonly roles: Map<string, Role>;
  /** The last link that the node has opened to each. */
  private readonly dialled = new Map<string, BusLinkEvents>();
  /** Whom the node was told last to replicate, as ip:port. */
  followed = '';
  private following = false;

  /** The first role is the real node's. */
  constructor(roles: readonly Role[], epoch = 5) {
    this.roles = new Map(roles.map((role) => [role.name, role]));
    const lines = roles.map((role, i) => {
      const { name, of, slots, failed } = role;
      const flags = `${i === 0 ? 'myself,' : ''}${of ? 'slave' : 'master'}${failed ? ',fail' : ''}`;
      const range = slots ? ` ${slots[0]}-${slots[1]}` : '';
      const address = `10.0.0.${i + 1}:7000@17000`;
      return `${idOf(name)} ${address} ${flags} ${of ? idOf(of) : '-'} 0 1 ${role.epoch ?? 0} connected${range}`;
    });
    this.cluster = this.start(`${lines.join('\n')}\nvars currentEpoch ${epoch} lastVoteEpoch 0\n`);
  }

  /** Crashes and starts again from what was saved. */
  restart(): void {
    this.cluster = this.start(this.saved);
  }

  /** The node hears a frame of another, on a link that this one has opened just now. See `frame`. */
  hear(from: string, body: BusBody, header: Partial<BusHeader> = {}): void {
    const address = `10.0.0.${[...this.roles.keys()].indexOf(from) + 1}`;
    const link = {
      remoteAddress: address,
      localAddress: '10.0.0.1',
      pendingBytes: 0,
      send: () => {},
      close: () => {},
    };
    this.receive(this.cluster.accept(link), this.frame(from, body, header));
  }

  /** The node hears a frame of another on the link that it has opened to somebody: who lives there by now. */
  hearAt(place: string, from: string, body: BusBody, header: Partial<BusHeader> = {}): void {
    this.receive(this.dialled.get(place)!, this.frame(from, body, header));
  }

  /** The link that the node has opened to somebody last comes about, or breaks. */
  connect(place: string): void {
    this.do(() => this.dialled.get(place)!.connected());
  }

  disconnect(place: string): void {
    this.do(() => this.dialled.get(place)!.closed('reset'));
  }

  private receive(events: BusLinkEvents, frame: Bytes): void {
    this.do(() => events.received(frame, 0, frame.length));
  }

  /** The header is what the sender's role says unless told otherwise. */
  private frame(from: string, body: BusBody, header: Partial<BusHeader> = {}): Bytes {
    const role = this.roles.get(from)!;
    const master = role.of ? this.roles.get(role.of)! : role;
    const slots = new Uint8Array(2048);
    if (master.slots)
      for (let slot = master.slots[0]; slot <= master.slots[1]; slot++) includeSlot(slots, slot);
    return encodeFrame(
      {
        sender: idOf(from),
        masterId: role.of ? idOf(role.of) : '',
        ip: '',
        port: 7000,
        plainPort: 0,
        busPort: 17000,
        flags: role.of ? 2 : 1,
        currentEpoch: this.cluster.currentEpoch,
        configEpoch: master.epoch ?? 0,
        offset: 100,
        slots,
        clusterOk: true,
        messageFlags: 0,
        ...header,
      },
      body,
    );
  }

  do(action: () => void): void {
    action();
    this.cluster.afterEvents();
  }

  /** Ticks for so many milliseconds. Nobody answers pings meanwhile. */
  pass(milliseconds: number): void {
    for (const end = this.now + milliseconds; this.now < end; this.now += 100)
      this.do(() => this.cluster.tick());
  }

  /** The bodies of the messages of one kind sent to a node. */
  saidTo(name: string, type: BusBody['type']): BusBody[] {
    return this.spoken.flatMap(({ to, frame: { body } }) =>
      to === name && body.type === type ? [body] : [],
    );
  }

  private start(nodesConf: string): Cluster {
    this.following = nodesConf.includes('myself,slave');
    this.dialled.clear();
    const cluster = new Cluster(
      {
        now: () => this.now,
        wallClock: () => this.now + this.wallClockLead,
        random: () => 0,
        dial: (host, _port, events) => {
          const name = [...this.roles.keys()][Number(host.split('.')[3]) - 1];
          this.dialled.set(name, events);
          return {
            remoteAddress: host,
            localAddress: '10.0.0.1',
            pendingBytes: 0,
            close: () => {},
            send: (bytes) => {
              new BusFrameSplitter().push(bytes, 0, bytes.length, (raw) => {
                const frame = decodeFrame(raw.slice());
                if (frame instanceof MalformedFrame) throw new Error(frame.reason);
                this.spoken.push({ to: name, frame, saved: this.saved });
                return true;
              });
            },
          };
        },
        saveConfig: (text) => {
          this.saved = text;
        },
        log: () => {},
        emit: (event) => this.events.push(event),
        deliver: () => {},
        slotsReleased: (slots) => {
          this.released.push(...slotsOf(slots));
        },
        pauseWrites: () => {},
        resumeWrites: () => {},
        replication: {
          offset: () => this.offset,
          inUnit: () => false,
          dataAge: () => 0,
          isLoading: () => false,
          isFollowing: () => this.following,
          isLinked: () => this.following,
          becomeReplicaOf: (ip, port) => {
            this.following = true;
            this.followed = `${ip}:${port}`;
          },
          becomeMaster: () => {
            this.following = false;
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
    cluster.tick();
    cluster.afterEvents();
    for (const events of this.dialled.values()) events.connected();
    cluster.afterEvents();
    cluster.saveConfig();
    return cluster;
  }
}
