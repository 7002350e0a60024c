/** What was refused lately. The same thing within a minute is one entry, with a count. */
import type { AclLogEntry } from '../../commands/facilities/acl.js';

/** Milliseconds within which the same thing counts as one. */
const GROUPING_TIME = 60_000;
/** So many of the latest entries are looked through for the same thing. */
const LOOKED_THROUGH = 10;

export class AclLog {
  /** The latest first. */
  readonly entries: AclLogEntry[] = [];

  /** Keeps at most `length` entries. */
  add(entry: Omit<AclLogEntry, 'count'>, length: number): void {
    const { entries } = this;
    const at = entries.slice(0, LOOKED_THROUGH).findIndex((known) => isSame(known, entry));
    const count = at < 0 ? 1 : entries.splice(at, 1)[0].count + 1;
    entries.unshift({ ...entry, count });
    if (entries.length > length) entries.length = length;
  }

  clear(): void {
    this.entries.length = 0;
  }
}

function isSame(known: AclLogEntry, entry: Omit<AclLogEntry, 'count'>): boolean {
  return (
    known.reason === entry.reason &&
    known.context === entry.context &&
    Math.abs(known.time - entry.time) <= GROUPING_TIME &&
    known.object === entry.object &&
    known.username === entry.username
  );
}
