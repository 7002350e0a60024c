/** Nodes that answer what a test wants: for what real servers do only at the wrong moment. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** What a node answers to a command, as RESP; nothing for no answer at all. */
export type Answer = (words: string[], socket: Socket, node: FakeNode) => string | undefined;

export const OK = '+OK\r\n';
export const NULL = '$-1\r\n';

export function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

export function error(text: string): string {
  return `-${text}\r\n`;
}

/** A host and a port; the host may be absent in the ways that servers know. */
export type Announced = readonly [host: string | null, port: number];

/** The answer to CLUSTER SLOTS. */
export function slotsReply(
  ranges: readonly (readonly [first: number, last: number, ...Announced[]])[],
): string {
  const rows = ranges.map(([first, last, ...nodes]) => {
    const named = nodes.map(([host, port]) => `*2\r\n${host === null ? NULL : bulk(host)}:${port}\r\n`);
    return `*${2 + nodes.length}\r\n:${first}\r\n:${last}\r\n${named.join('')}`;
  });
  return `*${rows.length}\r\n${rows.join('')}`;
}

export class FakeNode {
  /** Every command that came, but for those of the handshake. */
  readonly received: string[][] = [];
  readonly data = new Map<string, string>();
  /** In how many pieces all that came. */
  writes = 0;
  /** Accepts and reads, but answers nothing any more. */
  silent = false;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private answer: Answer;
  port = 0;

  private constructor(answer: Answer, tls?: TlsOptions) {
    this.answer = answer;
    const serve = (socket: Socket) => this.serve(socket);
    this.server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  }

  /** Starts a node on this port, by default any. What `answer` leaves open, a small store answers. */
  static async start(
    answer: Answer = () => undefined,
    { port = 0, tls }: { port?: number; tls?: TlsOptions } = {},
  ) {
    const node = new FakeNode(answer, tls);
    await new Promise<void>((resolve) => node.server.listen(port, '127.0.0.1', resolve));
    node.port = (node.server.address() as { port: number }).port;
    return node;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** How often a command came, counted by its first words. */
  count(...words: string[]): number {
    return this.received.filter((command) => words.every((word, i) => command[i] === word)).length;
  }

  answers(answer: Answer): void {
    this.answer = answer;
  }

  /** Cuts all connections. */
  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  stop(): Promise<void> {
    this.hangUp();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    let pending = '';
    socket.on('data', (data) => {
      this.writes++;
      const { commands, rest } = splitWords(pending + data.toString('latin1'));
      pending = rest;
      for (const words of commands) {
        if (this.silent || socket.destroyed) return;
        this.received.push(words);
        const reply = this.answer(words, socket, this) ?? this.store(words);
        if (reply !== '') socket.write(reply, 'latin1');
      }
    });
  }

  private store([name, key, value]: string[]): string {
    switch (name.toUpperCase()) {
      case 'HELLO':
        return '%1\r\n$5\r\nproto\r\n:3\r\n';
      case 'GET':
        return this.data.has(key) ? bulk(this.data.get(key)!) : NULL;
      case 'SET':
        this.data.set(key, value);
        return OK;
      case 'INCR':
        this.data.set(key, String(Number(this.data.get(key) ?? 0) + 1));
        return `:${this.data.get(key)}\r\n`;
      default:
        return OK;
    }
  }
}

/** The commands that a text of RESP arrays begins with, and what is left of it. */
function splitWords(text: string): { commands: string[][]; rest: string } {
  const commands: string[][] = [];
  let at = 0;
  for (;;) {
    const start = at;
    const line = (): number => {
      const end = text.indexOf('\r\n', at);
      if (end < 0) return -1;
      const value = Number(text.slice(at + 1, end));
      at = end + 2;
      return value;
    };
    const words: string[] = [];
    const count = line();
    for (let i = 0; i < count; i++) {
      const length = line();
      if (length < 0 || at + length + 2 > text.length) return { commands, rest: text.slice(start) };
      words.push(text.slice(at, at + length));
      at += length + 2;
    }
    if (count < 0) return { commands, rest: text.slice(start) };
    commands.push(words);
  }
}
