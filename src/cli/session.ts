/**
 * One user's conversation with a server or a cluster: connects when needed, sends a command, follows
 * redirections, prints what comes back, and keeps the state that the prompt shows.
 *
 * As in redis-cli, a lost connection fails the command that met it and is opened again by the next one; a
 * command is never repeated silently, since it may have been executed. A redirection is safe to repeat: the node
 * that sent it did nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { latin1 } from '../protocol/bytes.js';
import { type Reply, ReplyFormatError } from '../protocol/reply-tree.js';
import type { ByteText } from './byte-text.js';
import { type Address, Connection, ConnectionError } from './connection.js';
import { type OutputStyle, printsText, renderPush, renderRaw, renderReply } from './render.js';
import { afterReply, promptOf, redirectionOf, type SessionState } from './session-state.js';

export interface SessionSettings {
  readonly address: Address;
  readonly tls?: TlsOptions;
  /** Limit for opening a connection, in milliseconds. */
  readonly timeout?: number;
  readonly user?: ByteText;
  readonly password?: ByteText;
  readonly db: number;
  readonly resp3: SessionState['resp3'];
  /** Follow redirections (`-c`). */
  readonly cluster: boolean;
  readonly style: OutputStyle;
  /** Print RESP3 pushes that arrive between replies. */
  readonly showPushes: boolean;
  /** A REPL, on a terminal or on piped lines: redirections are announced and errors never end it. */
  readonly interactive: boolean;
  /** One-shot: an error reply goes to stderr and makes the command fail (`-e`). */
  readonly failOnError: boolean;
  /** Pause after each repetition, in milliseconds (`-i`). */
  readonly interval: number;
}

export interface Output {
  write(text: ByteText): void;
  writeError(text: ByteText): void;
}

/** AUTH, SELECT and HELLO answer at once; a server that does not within this many milliseconds is stuck. */
const HANDSHAKE_TIMEOUT = 30_000;
/** More hops than any cluster in agreement needs. */
const MAX_REDIRECTIONS = 16;

export class Session {
  readonly settings: SessionSettings;
  private readonly output: Output;
  private state: SessionState;
  private link: Connection | undefined;
  /** A MONITOR or SUBSCRIBE is printing; Ctrl-C ends it, not the session. */
  private streaming = false;
  /** The redirection being followed is an ASK. */
  private asking = false;

  constructor(settings: SessionSettings, output: Output) {
    this.settings = settings;
    this.output = output;
    this.state = {
      address: settings.address,
      db: 0,
      wantedDb: settings.db,
      transaction: undefined,
      resp3: settings.resp3,
    };
  }

  get prompt(): string {
    return promptOf(this.state, this.link !== undefined);
  }

  get connection(): Connection | undefined {
    return this.link;
  }

  /** Points the session at another server and connects to it; says why on failure. */
  async connectTo(address: Address): Promise<boolean> {
    this.state = { ...this.state, address };
    return this.connect();
  }

  /**
   * Opens a fresh connection, authenticates, selects the database, switches the protocol. Failures are
   * printed; not reaching the server at all is left unsaid when `quiet`.
   * When a later step than connecting fails, the connection stays, so that the user can AUTH by hand.
   */
  async connect(quiet = false): Promise<boolean> {
    this.close();
    const { address } = this.state;
    try {
      this.link = await Connection.open(address, this.settings);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const name = address.path ?? `${address.host}:${address.port}`;
      if (!quiet) this.output.writeError(`Could not connect to Redis at ${name}: ${error.message}\n`);
      return false;
    }
    return (await this.authenticate()) && (await this.select()) && (await this.switchProtocol());
  }

  close(): void {
    this.link?.close();
    this.link = undefined;
    this.state = { ...this.state, db: 0, transaction: undefined };
  }

  /** Ends a running MONITOR or SUBSCRIBE; answers whether there was one. */
  interrupt(): boolean {
    if (!this.streaming) return false;
    this.streaming = false;
    this.link?.close();
    return true;
  }

  /** Runs a command `repeat` times (for ever when negative); answers whether it could be carried out. */
  async issue(args: readonly ByteText[], repeat = 1): Promise<boolean> {
    if (!this.link && !(await this.connect())) return false;
    for (let hops = 0; hops <= MAX_REDIRECTIONS; hops++) {
      const outcome = await this.send(args, repeat).catch((error) => {
        this.lose(error);
        return 'failed' as const;
      });
      if (outcome !== 'redirected') return outcome === 'done';
      if (!(await this.connect())) return false;
      if (this.asking && !(await this.handshake(['ASKING'], 'ASKING'))) return false;
    }
    this.output.writeError(`Error: gave up after ${MAX_REDIRECTIONS} redirections\n`);
    return false;
  }

  private async send(args: readonly ByteText[], repeat: number): Promise<'done' | 'failed' | 'redirected'> {
    const connection = this.link!;
    const name = args[0].toLowerCase();
    for (let left = repeat; left !== 0; left--) {
      connection.send(args);
      if (name === 'monitor' || SUBSCRIBE.test(name)) {
        if ((await this.stream(connection, name)) === 'redirected') return 'redirected';
        continue;
      }
      if (name === 'shutdown') return this.shutdown(connection, args);
      const reply = await this.reply(connection, UNSUBSCRIBE.test(name));
      if (this.settings.cluster && this.redirect(reply)) return 'redirected';
      if (reply.type === 'error' && this.settings.failOnError && !this.settings.interactive) {
        this.output.writeError(`${latin1(reply.value)}\n`);
        return 'failed';
      }
      this.print(reply, args);
      this.state = afterReply(this.state, args, reply);
      if (name === 'auth' && !(await this.select())) return 'done';
      if (this.settings.interval > 0) await sleep(this.settings.interval);
    }
    return 'done';
  }

  /** A server that obeys SHUTDOWN answers by closing the connection. */
  private async shutdown(connection: Connection, args: readonly ByteText[]): Promise<'done'> {
    const reply = await this.reply(connection, false).catch(() => undefined);
    if (reply) this.print(reply, args);
    else this.close();
    return 'done';
  }

  /** Prints all that comes until the user interrupts or the server refuses. */
  private async stream(connection: Connection, name: string): Promise<'ended' | 'redirected'> {
    if (name !== 'monitor' && this.settings.style.format !== 'raw')
      this.output.write('Reading messages... (press Ctrl-C to quit)\n');
    this.streaming = true;
    try {
      while (this.streaming) {
        const reply = await this.reply(connection, true);
        if (this.settings.cluster && this.redirect(reply)) return 'redirected';
        this.print(reply, [name]);
        if (reply.type === 'error') this.streaming = false;
      }
    } catch (error) {
      if (this.streaming) throw error;
      await this.connect();
    } finally {
      this.streaming = false;
    }
    return 'ended';
  }

  /** The next reply; pushes before it are printed or dropped, unless the reply itself is one. */
  private async reply(connection: Connection, repliesWithPush: boolean): Promise<Reply> {
    for (;;) {
      const reply = await connection.receive();
      if (reply.type !== 'push' || repliesWithPush) return reply;
      if (this.settings.showPushes) this.output.write(renderPush(reply, this.settings.style));
    }
  }

  private print(reply: Reply, args: readonly ByteText[]): void {
    const { style } = this.settings;
    this.output.write(
      printsText(args) ? renderRaw(reply, style.elementDelimiter) : renderReply(reply, style),
    );
  }

  /** When the reply is a redirection, points the session at its target and says so. */
  private redirect(reply: Reply): boolean {
    const redirection = redirectionOf(reply);
    if (!redirection) return false;
    const { address } = this.state;
    const host = redirection.host || (address.path === undefined ? address.host : '127.0.0.1');
    if (this.settings.interactive)
      this.output.write(
        `-> Redirected to slot [${redirection.slot}] located at ${host}:${redirection.port}\n`,
      );
    this.state = { ...this.state, address: { host, port: redirection.port } };
    this.asking = redirection.asking;
    return true;
  }

  private async authenticate(): Promise<boolean> {
    const { user, password } = this.settings;
    if (password === undefined) return true;
    return this.handshake(user === undefined ? ['AUTH', password] : ['AUTH', user, password], 'AUTH');
  }

  private async select(): Promise<boolean> {
    const { wantedDb, db } = this.state;
    if (wantedDb === db) return true;
    const selected = await this.handshake(['SELECT', String(wantedDb)], `SELECT ${wantedDb}`);
    if (selected) this.state = { ...this.state, db: wantedDb };
    return selected;
  }

  private async switchProtocol(): Promise<boolean> {
    if (this.state.resp3 === 'no') return true;
    const switched = await this.handshake(['HELLO', '3'], 'HELLO 3');
    return switched || this.state.resp3 === 'preferred';
  }

  private async handshake(args: readonly ByteText[], what: string): Promise<boolean> {
    try {
      const reply = await this.link!.command(args, HANDSHAKE_TIMEOUT);
      if (reply.type !== 'error') return true;
      this.output.writeError(`${what} failed: ${latin1(reply.value)}\n`);
    } catch (error) {
      this.lose(error);
    }
    return false;
  }

  /** Drops a connection that has failed, and says why. */
  private lose(error: unknown): void {
    if (!(error instanceof ConnectionError || error instanceof ReplyFormatError)) throw error;
    this.output.writeError(`Error: ${error.message}\n`);
    this.close();
  }
}

const SUBSCRIBE = /^[ps]?subscribe$/;
const UNSUBSCRIBE = /^[ps]?unsubscribe$/;
