/**
 * The real node with a disk and a clock of the test's, and one client: what persistence is tested with. Time passes
 * only with `advance`; a turn ends after everything that the test does.
 */
import { createLuaMachine } from '../../src/io/lua-machine.js';
import { digestOf } from '../../src/keyspace/data-digest.js';
import { Config } from '../../src/node/config/index.js';
import type { Disk, Host, Link, LinkHandler } from '../../src/node/host.js';
import { NO_LINK } from '../../src/node/no-link.js';
import { Node } from '../../src/node/node.js';
import { encodeRequest } from '../../src/protocol/request-parser.js';
import { MemoryDisk } from './memory-disk.js';
import { TestRandom } from './random.js';
import { VirtualTime } from './virtual-time.js';

/** Directives of several words. */
const LISTS = new Set(['save', 'replicaof', 'client-output-buffer-limit']);

/** The wall clock when the virtual time is 0. */
const ORIGIN = 1_780_000_000_000;

export interface LoneNodeOptions {
  readonly disk?: Disk;
  readonly time?: VirtualTime;
  readonly seed?: number;
}

/** A connection to a server that the test plays. */
export class Dialled {
  /** What the node has sent. */
  output = '';
  closed = false;
  readonly link: Link = {
    ...NO_LINK,
    write: (bytes, start, end) => {
      this.output += Buffer.from(bytes.subarray(start, end)).toString('latin1');
      return true;
    },
    destroy: () => {
      this.closed = true;
    },
  };

  constructor(
    readonly handler: LinkHandler,
    private readonly endTurn: () => void,
  ) {}

  connected(): void {
    this.handler.connected?.();
    this.endTurn();
  }

  /** What the server sends: bytes as they are, one character each. */
  receive(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.handler.received(bytes, 0, bytes.length);
    this.endTurn();
  }

  disconnect(): void {
    this.handler.closed('gone');
    this.endTurn();
  }
}

export class LoneNode {
  readonly node: Node;
  readonly config = new Config();
  readonly disk: Disk;
  readonly time: VirtualTime;
  /** The log's messages, without process and time. */
  readonly lines: string[] = [];
  /** The exit code, undefined while it runs. */
  exited: number | undefined;
  /** What has left the node for the client. */
  output = '';
  /** The connections that it has made to others, the last one last. */
  readonly dialled: Dialled[] = [];
  /** Whether the data has been loaded; undefined while it is being loaded. */
  loaded: boolean | undefined;
  private turnAsked = false;
  private alarm = () => {};
  private readonly client: LinkHandler;

  constructor(directives: Record<string, string> = {}, options: LoneNodeOptions = {}) {
    const { disk = new MemoryDisk(), time = new VirtualTime(), seed = 1 } = options;
    this.disk = disk;
    this.time = time;
    const all = { save: '', 'enable-debug-command': 'yes', ...directives };
    for (const [name, value] of Object.entries(all)) {
      const words = value && LISTS.has(name) ? value.split(' ') : [value];
      this.config.record(name as 'save', words);
    }
    this.node = new Node({ host: this.host(new TestRandom(seed).uint32), config: this.config });
    this.node.start((ok) => {
      this.loaded = ok;
    });
    this.client = this.node.accept({
      ...NO_LINK,
      write: (bytes, start, end) => {
        this.output += Buffer.from(bytes.subarray(start, end)).toString('latin1');
        return true;
      },
    });
    this.endTurn();
  }

  /** A client's command; answers what has left the node for the client since, if anything. */
  send(...words: string[]): string {
    this.sendTogether(words);
    return this.takeOutput();
  }

  /** Several commands that arrive at once. */
  sendTogether(...commands: string[][]): void {
    const bytes = Buffer.concat(commands.map((words) => encodeRequest(words)));
    this.client.received(bytes, 0, bytes.length);
    this.endTurn();
  }

  takeOutput(): string {
    const { output } = this;
    this.output = '';
    return output;
  }

  advance(milliseconds: number): void {
    this.time.advance(milliseconds);
    this.endTurn();
  }

  digest(): string {
    return digestOf(this.node.keyspace.databases).toString();
  }

  info(field: string): string | undefined {
    return new RegExp(`^${field}:(.*)\r$`, 'm').exec(this.send('INFO', 'everything'))?.[1];
  }

  private endTurn(): void {
    while (this.turnAsked && this.exited === undefined) {
      this.turnAsked = false;
      this.node.endOfTurn();
    }
  }

  private dial(handler: LinkHandler): Link {
    const dialled = new Dialled(handler, () => this.endTurn());
    this.dialled.push(dialled);
    return dialled.link;
  }

  private host(random: () => number): Host {
    const { time } = this;
    return {
      wallClock: () => ORIGIN + time.now,
      localClock: () => ORIGIN + time.now,
      monotonicClock: () => time.now,
      random,
      wakeAt: (at) => {
        this.alarm();
        this.alarm = time.schedule(at - time.now, () => {
          if (this.exited !== undefined) return;
          this.node.wake();
          this.endTurn();
        });
      },
      wakeAtEndOfTurn: () => {
        this.turnAsked = true;
      },
      dial: (_host, _port, handler) => this.dial(handler),
      disk: this.disk,
      log: (line) => this.lines.push(line.replace(/^.*?\d\d\.\d{3} /, '')),
      createLuaMachine,
      sleep: (milliseconds) => time.advance(milliseconds),
      exit: (code) => {
        this.exited = code;
      },
      processId: 42,
      platform: { system: 'Test', executable: '/hexis', memoryBytes: 2 ** 30 },
      usage: () => ({ residentBytes: 0, systemSeconds: 0, userSeconds: 0 }),
    };
  }
}

/** One more client of the node. With `unread`, so many bytes of everything that it is sent wait. */
export function connect(lone: LoneNode, unread = false) {
  const client = { output: '', closed: false };
  const link = {
    ...NO_LINK,
    buffered: 0,
    write(bytes: Uint8Array, start: number, end: number) {
      client.output += Buffer.from(bytes.subarray(start, end)).toString('latin1');
      if (unread) link.buffered += end - start;
      return true;
    },
    close() {
      client.closed = true;
    },
    destroy() {
      client.closed = true;
    },
  };
  const handler = lone.node.accept(link);
  /** Bytes as they are, one character each. */
  const raw = (text: string) => {
    client.output = '';
    const bytes = Buffer.from(text, 'latin1');
    handler.received(bytes, 0, bytes.length);
    lone.node.endOfTurn();
    return client.output;
  };
  const send = (...words: string[]) => raw(Buffer.from(encodeRequest(words)).toString('latin1'));
  /** Takes everything that waits. */
  const read = () => {
    link.buffered = 0;
  };
  const disconnect = () => {
    handler.closed('gone');
    lone.node.endOfTurn();
  };
  return Object.assign(client, { raw, send, read, disconnect });
}
