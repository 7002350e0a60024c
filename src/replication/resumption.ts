/** Whether a replica can go on where it was (PSYNC id offset), or what stands in the way. */
import type { LogLevel } from '../node/host.js';
import type { Backlog } from './backlog.js';
import type { ReplicationHistory } from './history.js';

/** The place in the stream from which the replica lacks it, which the backlog has, or what to log about why it needs everything. */
export type Resumption =
  | { readonly place: number; readonly backlog: Backlog }
  | { readonly refusal: readonly (readonly [level: LogLevel, text: string])[] };

/**
 * @param id of the stream that the replica has followed, in small letters; `?` when it has none
 * @param offset of the first byte that it lacks
 * @param name of the replica, for the log
 */
export function resumption(
  history: ReplicationHistory,
  backlog: Backlog | null,
  { id, offset, name }: { readonly id: string; readonly offset: number; readonly name: string },
): Resumption {
  const refuse = (...texts: string[]): Resumption => ({
    refusal: texts.map((text) => [text.startsWith('Warning') ? 'warning' : 'notice', text]),
  });
  if (id.startsWith('?')) return refuse(`Full resync requested by replica ${name}`);
  if (id !== history.id && id !== history.secondId) {
    return refuse(
      `Partial resynchronization not accepted: Replication ID mismatch (Replica asked for '${id}', my replication IDs are '${history.id}' and '${history.secondId}')`,
    );
  }
  if (id !== history.id && offset > history.secondOffset) {
    return refuse(
      `Partial resynchronization not accepted: Requested offset for second ID was ${offset}, but I can reply up to ${history.secondOffset}`,
    );
  }
  const place = offset - 1;
  if (backlog !== null && place >= backlog.start && place <= backlog.end) return { place, backlog };
  const lacking = `Unable to partial resync with replica ${name} for lack of backlog (Replica request was: ${offset}).`;
  if (place <= history.offset) return refuse(lacking);
  return refuse(
    lacking,
    `Warning: replica ${name} tried to PSYNC with an offset that is greater than the master replication offset.`,
  );
}
