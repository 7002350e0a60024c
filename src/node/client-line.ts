/** A client as CLIENT LIST describes it, in one line. */
import type { TrackingView } from '../commands/messaging-facility.js';
import type { SubscriptionCounts } from './pubsub.js';
import { type Session, SPECIAL } from './session.js';

/** What others know about the session. */
export interface ClientFacts {
  /** Wall clock, milliseconds. */
  readonly now: number;
  readonly blocked: boolean;
  readonly subscriptions: SubscriptionCounts;
  readonly tracking: TrackingView | undefined;
  /** Bytes of the request being run, when the session is the caller. */
  readonly requestBytes: number;
}

export function clientLine(session: Session, facts: ClientFacts): string {
  const { link, transaction, input, inputLength } = session;
  const { now, subscriptions, tracking, requestBytes } = facts;
  const seconds = (since: number) => Math.max(0, Math.floor((now - since) / 1000));
  const queued = transaction?.queue ?? [];
  const fields: Record<string, string | number> = {
    id: session.id,
    addr: session.address,
    laddr: session.localAddress,
    fd: session.id + 7,
    name: session.name,
    age: seconds(session.createdAt),
    idle: seconds(session.lastActive),
    flags: flagsOf(session, facts),
    db: session.database,
    sub: subscriptions.channels,
    psub: subscriptions.patterns,
    ssub: subscriptions.shardChannels,
    multi: transaction === null ? -1 : queued.length,
    qbuf: Math.max(inputLength, requestBytes),
    'qbuf-free': Math.max(0, input.length - inputLength),
    'argv-mem': requestBytes,
    'multi-mem': queued.reduce((sum, { request }) => sum + request.buffer.length, 0),
    rbs: 0,
    rbp: 0,
    obl: 0,
    oll: link.buffered > 0 ? 1 : 0,
    omem: link.buffered,
    'tot-mem': input.length + requestBytes + link.buffered,
    events: link.buffered > 0 ? 'rw' : 'r',
    cmd: session.lastCommand?.fullName ?? 'NULL',
    user: session.user,
    redir: tracking?.redirect ?? -1,
    resp: session.resp,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function flagsOf(session: Session, { blocked, tracking }: ClientFacts): string {
  const { special } = session;
  const flags: readonly (readonly [letter: string, set: boolean])[] = [
    ['O', (special & SPECIAL.monitor) !== 0],
    ['S', session.isReplica],
    ['M', session.isMaster],
    ['P', (special & SPECIAL.subscriber) !== 0],
    ['x', session.transaction !== null],
    ['b', blocked],
    ['t', tracking !== undefined],
    ['R', tracking?.brokenRedirect === true],
    ['B', tracking?.broadcast === true],
    ['d', session.watchBroken],
    ['c', session.closing],
    ['r', session.readonly],
    ['e', session.noEvict],
  ];
  return (
    flags
      .filter(([, set]) => set)
      .map(([letter]) => letter)
      .join('') || 'N'
  );
}
