/** A client as CLIENT LIST describes it, in one line. */
import type { TrackingView } from '../../commands/facilities/messaging.js';
import type { SubscriptionCounts } from '../messaging/pubsub.js';
import { type Session, SPECIAL } from '../session.js';
import type { ClientMemory } from './client-memory.js';

/** What others know about the session. */
export interface ClientFacts {
  /** Wall clock, milliseconds. */
  readonly now: number;
  readonly blocked: boolean;
  readonly subscriptions: SubscriptionCounts;
  readonly tracking: TrackingView | undefined;
  readonly memory: ClientMemory;
}

export function clientLine(session: Session, facts: ClientFacts): string {
  const { transaction } = session;
  const { now, subscriptions, tracking, memory } = facts;
  const seconds = (since: number) => Math.max(0, Math.floor((now - since) / 1000));
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
    multi: transaction === null ? -1 : transaction.queue.length,
    qbuf: memory.query,
    'qbuf-free': memory.queryFree,
    'argv-mem': memory.arguments,
    'multi-mem': memory.queued,
    // There is no reply buffer of its own.
    rbs: 0,
    rbp: 0,
    obl: 0,
    oll: memory.output > 0 ? 1 : 0,
    omem: memory.output,
    'tot-mem': memory.total,
    events: memory.output > 0 ? 'rw' : 'r',
    cmd: session.lastCommand?.fullName ?? 'NULL',
    user: session.userName ?? '(superuser)',
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
