/**
 * Whether a command may run here and now: every check, in the order of Redis's processCommand. The first that fails
 * answers the client in Redis's words.
 *
 * Most requests never come here: the dispatcher's three quick tests tell that nothing is unusual. What stands in the way
 * of commands whoever sends them is the gatekeeper's to know (gatekeeper.ts), what of keys the slot gate's (slot-gate.ts).
 */

import { type Command, FLAG } from '../commands/command.js';
import type { Denial } from '../commands/facilities/acl.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Request } from '../protocol/request.js';
import type { Acl } from './acl/acl.js';
import type { Gatekeeper } from './gatekeeper.js';
import type { Deliveries } from './messaging/deliveries.js';
import type { Statistics } from './monitoring/statistics.js';
import { type Session, SPECIAL } from './session.js';
import type { SlotGate } from './slot-gate.js';
import { discardTransaction, type Watches } from './transactions.js';

/** What the checks need of the node around them. */
export interface AdmissionParts {
  readonly reply: ReplyWriter;
  readonly gatekeeper: Gatekeeper;
  readonly acl: Acl;
  readonly statistics: Statistics;
  readonly watches: Watches;
  readonly deliveries: Deliveries;
  /** Null outside cluster mode. */
  readonly slotGate: SlotGate | null;
  /** Makes room under maxmemory before a command that may need more. */
  readonly makeRoom: () => void;
}

/** What a session that listens to channels may send in RESP2, where replies and messages look alike. */
const FOR_SUBSCRIBERS = new Set([
  'subscribe',
  'psubscribe',
  'ssubscribe',
  'unsubscribe',
  'punsubscribe',
  'sunsubscribe',
  'ping',
  'quit',
  'reset',
]);

export class Admission {
  constructor(private readonly parts: AdmissionParts) {}

  /** Whether the command may run now; if not, it has been answered with the reason. */
  admits(session: Session, command: Command, request: Request): boolean {
    const { slotGate, gatekeeper, deliveries, makeRoom } = this.parts;
    const ofSession = session.special === 0 ? null : this.refusalOfSession(session, command, request);
    if (ofSession !== null) {
      this.reject(session, command, ofSession);
      return false;
    }
    const { isMaster, transaction } = session;
    if (slotGate !== null && !isMaster) {
      const ofSlot =
        command.fullName === 'exec' && transaction !== null
          ? slotGate.refusalOfTransaction(command, transaction.queue, session)
          : slotGate.refusal(command, request, session);
      if (ofSlot !== null) {
        if (command.fullName === 'exec') discardTransaction(session, this.parts.watches);
        this.parts.statistics.rejected[command.id]++;
        this.refuse(session, ofSlot);
        return false;
      }
    }
    if (gatekeeper.memoryLimited) {
      makeRoom();
      // Invalidations of evicted keys come first; behind a reply that is taken back they come by themselves.
      if (deliveries.waiting && !(session.special & SPECIAL.muted)) deliveries.writeFollowing();
    }
    const ofNode = isMaster || gatekeeper.admits(command) ? null : gatekeeper.refusal(command);
    if (ofNode === null) return true;
    this.reject(session, command, ofNode);
    return false;
  }

  /** Why a session that isn't in an ordinary state may not run the command, or null. */
  private refusalOfSession(session: Session, command: Command, request: Request): string | null {
    const { special } = session;
    const { flags, fullName } = command;
    if (special & SPECIAL.stranger && !(flags & FLAG.no_auth)) return 'NOAUTH Authentication required.';
    if (session.inTransaction && flags & FLAG.no_multi) {
      return 'ERR Command not allowed inside a transaction';
    }
    const context = session.inTransaction ? 'multi' : 'toplevel';
    const denial = this.parts.acl.refusal(session, command, request, context);
    if (denial !== null) return notAllowed(denial, command);
    if (special & SPECIAL.subscriber && session.resp === 2 && !FOR_SUBSCRIBERS.has(fullName)) {
      return (
        `ERR Can't execute '${fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are ` +
        'allowed in this context'
      );
    }
    if (
      special & (SPECIAL.replica | SPECIAL.monitor) &&
      flags & (FLAG.write | FLAG.readonly | FLAG.may_replicate)
    ) {
      return "ERR Replica can't interact with the keyspace";
    }
    return null;
  }

  /** The command isn't run: counts that, and ends the transaction that it would have run. */
  reject(session: Session, command: Command, text: string): null {
    this.parts.statistics.rejected[command.id]++;
    if (command.fullName === 'exec') {
      discardTransaction(session, this.parts.watches);
      text = `EXECABORT Transaction discarded because of: ${text.replace(/^ERR /, '')}`;
    }
    return this.refuse(session, text);
  }

  /** Answers an error; EXEC of an open transaction will fail. */
  refuse(session: Session, text: string): null {
    if (session.transaction !== null) session.transaction.broken = true;
    this.parts.reply.error(text);
    this.parts.statistics.countError(this.parts.reply.errorCode);
    return null;
  }
}

function notAllowed({ reason }: Denial, { fullName }: Command): string {
  return reason === 'command'
    ? `NOPERM this user has no permissions to run the '${fullName}' command`
    : `NOPERM this user has no permissions to access one of the ${reason}s used as arguments`;
}
