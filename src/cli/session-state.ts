/**
 * What an interactive session must remember between commands, as plain data: where it is connected, which
 * database is selected, whether a transaction is open. The server does not tell these, so they follow from
 * commands and their replies; the prompt follows from them.
 */
import { latin1 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-tree.js';
import type { ByteText } from './byte-text.js';
import type { Address } from './connection.js';

export interface SessionState {
  readonly address: Address;
  /** The database selected on this connection. */
  readonly db: number;
  /** The database to select again after a reconnect. */
  readonly wantedDb: number;
  /** Present between MULTI and its end, with the database to fall back to when nothing is executed. */
  readonly transaction: { readonly dbBefore: number } | undefined;
  /** Whether to switch to RESP3 after connecting; a refusal matters only when it is required. */
  readonly resp3: 'no' | 'preferred' | 'required';
}

/** `127.0.0.1:7001`, with the host in brackets when it has colons itself, or the path of a Unix socket. */
export function formatAddress(address: Address): string {
  if (address.path !== undefined) return address.path;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/** `127.0.0.1:7001[1](TX)> ` */
export function promptOf(state: SessionState, connected: boolean): string {
  if (!connected) return 'not connected> ';
  const address = `${state.address.path === undefined ? '' : 'redis '}${formatAddress(state.address)}`;
  return `${address}${state.db === 0 ? '' : `[${state.db}]`}${state.transaction ? '(TX)' : ''}> `;
}

/** The state behind a command and its reply. */
export function afterReply(state: SessionState, args: readonly ByteText[], reply: Reply): SessionState {
  const failed = reply.type === 'error';
  switch (args[0].toLowerCase()) {
    case 'select': {
      if (failed || args.length !== 2) return state;
      const db = Number.parseInt(args[1], 10) || 0;
      return { ...state, db, wantedDb: db };
    }
    case 'multi':
      if (failed || args.length !== 1) return state;
      return { ...state, transaction: { dbBefore: state.db } };
    case 'exec': {
      if (args.length !== 1 || !state.transaction) return state;
      const { dbBefore } = state.transaction;
      const executed = !failed && reply.type !== 'null';
      const rolledBack = executed ? {} : { db: dbBefore, wantedDb: dbBefore };
      return { ...state, ...rolledBack, transaction: undefined };
    }
    case 'discard': {
      if (failed || args.length !== 1 || !state.transaction) return state;
      const { dbBefore } = state.transaction;
      return { ...state, db: dbBefore, wantedDb: dbBefore, transaction: undefined };
    }
    case 'reset':
      if (failed || args.length !== 1) return state;
      return { ...state, db: 0, wantedDb: 0, transaction: undefined, resp3: 'no' };
    default:
      return state;
  }
}

/** Where a cluster node sends us. */
export interface Redirection {
  /** ASK: for this one command, after ASKING. */
  readonly asking: boolean;
  readonly slot: number;
  /** Empty when the node does not know its own address: stay on the host that we used. */
  readonly host: string;
  readonly port: number;
}

/** Reads `MOVED 1525 127.0.0.1:7000` and `ASK …`; `undefined` for every other reply. */
export function redirectionOf(reply: Reply): Redirection | undefined {
  if (reply.type !== 'error') return undefined;
  const match = /^(MOVED|ASK) (\d+) (\S*):(\d+)/.exec(latin1(reply.value));
  if (!match) return undefined;
  const [, kind, slot, host, port] = match;
  return { asking: kind === 'ASK', slot: Number(slot), host: host === '?' ? '' : host, port: Number(port) };
}
