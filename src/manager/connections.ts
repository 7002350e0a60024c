/**
 * The manager's line to the nodes: one pipelined connection per address, opened when first used. Failures
 * become `ManagerError`s that name the node, because an operation talks to many.
 */

import { Connection, type ConnectionOptions } from '../client/connection.js';
import { type Argument, encodeCommand } from '../client/encode.js';
import { ConnectError, reasonOf, TimeoutError } from '../client/errors.js';
import { NO_DEADLINE, NO_SLOT, Request } from '../client/request.js';
import { keyless } from '../client/routing.js';
import { type Reply, ReplyError } from '../protocol/reply-decoder.js';
import { type Address, formatAddress } from './address.js';
import { ManagerError } from './errors.js';

/** How to reach every node of a cluster: the connection's options but for the address. */
export type ConnectOptions = Pick<
  ConnectionOptions,
  'username' | 'password' | 'tls' | 'connectTimeout' | 'commandTimeout'
>;

/** A command whose reply is wanted as bytes; the connection needs to know nothing else about it. */
const PLAIN_COMMAND = keyless('');

export class Connections {
  readonly options: ConnectOptions;
  private readonly open = new Map<string, Promise<Connection>>();

  constructor(options: ConnectOptions = {}) {
    this.options = options;
  }

  /** Sends one command to a node. Throws UNREACHABLE or, with the node's words, REFUSED. */
  call(address: Address, ...args: Argument[]): Promise<Reply> {
    return this.exchange(address, (connection) => connection.call(...args));
  }

  /** The same with strings of the reply as bytes: for keys, which need not be text. */
  callForBytes(address: Address, ...args: Argument[]): Promise<Reply> {
    return this.exchange(address, (connection) => {
      const request = new Request(PLAIN_COMMAND, encodeCommand(args), NO_SLOT, NO_DEADLINE, true);
      connection.send(request);
      return request.promise as Promise<Reply>;
    });
  }

  /** Ends every connection. */
  close(): void {
    for (const connection of this.open.values()) {
      connection.then(
        (open) => open.destroy(),
        () => undefined,
      );
    }
    this.open.clear();
  }

  private async exchange(address: Address, send: (connection: Connection) => Promise<Reply>): Promise<Reply> {
    try {
      return await send(await this.connection(address));
    } catch (error) {
      const name = formatAddress(address);
      const reply = error instanceof ConnectError ? error.cause : error;
      if (reply instanceof ReplyError) {
        throw new ManagerError('REFUSED', `Node ${name} replied with error:\n${reply.message}`, {
          cause: reply,
          hint: reply.code === 'NOAUTH' ? 'Give the password with -a PASSWORD.' : undefined,
        });
      }
      throw new ManagerError('UNREACHABLE', `Could not connect to Redis at ${name}: ${plainReason(reply)}`, {
        cause: error,
        hint: this.options.tls || !isHangUp(error) ? undefined : 'If it speaks TLS only, use --tls.',
      });
    }
  }

  private connection(address: Address): Promise<Connection> {
    const key = formatAddress(address);
    const known = this.open.get(key);
    if (known) return known;
    const opening = Connection.open({
      ...this.options,
      host: address.host,
      port: address.port,
      onClose: () => this.open.delete(key),
    });
    this.open.set(key, opening);
    opening.catch(() => this.open.delete(key));
    return opening;
  }
}

/** Runs `work` with connections of its own and closes them after it. */
export async function withConnections<Result>(
  options: ConnectOptions,
  work: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  const connections = new Connections(options);
  try {
    return await work(connections);
  } finally {
    connections.close();
  }
}

/** Whether the error is a node's error reply, and its text matches. */
export function isRefusal(error: unknown, text: RegExp = /^/): error is ManagerError {
  return error instanceof ManagerError && error.cause instanceof ReplyError && text.test(error.cause.message);
}

/** Whether the node ended a connection before anything was said: so does a TLS port with what it can't read. */
function isHangUp(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  const { code, message } = error.cause as { code?: string; message?: string };
  return code === 'ECONNRESET' || message === 'the server closed the connection';
}

/** The reason in the words people know it by. */
function plainReason(error: unknown): string {
  if (error instanceof TimeoutError) return 'no answer in time';
  const { code, reason } = error as { code?: string; reason?: string };
  // OpenSSL's message is the place in its source; its reason is for people.
  if (code?.startsWith('ERR_SSL_') && reason !== undefined) return reason;
  if (code === 'ECONNREFUSED') return 'Connection refused';
  if (code === 'ENOTFOUND') return 'Name or service not known';
  if (code === 'EHOSTUNREACH') return 'No route to host';
  return reasonOf(error);
}
