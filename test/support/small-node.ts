/**
 * The least that can be called a data set with commands, for testing persistence and replication without a node: runs
 * the commands that redis-server propagates for strings, and remembers transactions.
 */
import { Keyspace } from '../../src/keyspace/keyspace.js';
import { type SnapshotSettings, Snapshots } from '../../src/persistence/snapshots.js';
import { type Bytes, fromLatin1, latin1 } from '../../src/protocol/bytes.js';
import type { Request } from '../../src/protocol/request.js';
import { encodeRequest } from '../../src/protocol/request-parser.js';

export class SmallNode {
  readonly keyspace: Keyspace;
  readonly snapshots: Snapshots;
  readonly settings: SnapshotSettings = {
    redisVersion: '7.0.15',
    compress: true,
    checksum: true,
    accessClock: 'none',
    libraries: [],
  };
  /** Takes the commands run with `run`, SELECT included. */
  feed: (bytes: Bytes, start: number, end: number) => void = () => {};
  database = 0;
  private fedDatabase = -1;
  private transaction: string[][] | null = null;

  constructor(now: () => number = () => 1_700_000_000_000) {
    this.keyspace = new Keyspace({
      databases: 16,
      clusterMode: false,
      random: () => 4,
      listener: { expiring() {} },
    });
    this.keyspace.now = now();
    this.keyspace.expiryPolicy = 'ignore';
    this.snapshots = new Snapshots(this.keyspace, () => this.settings);
  }

  /** A client's command: runs it and feeds it on. */
  run(...words: string[]): void {
    if (this.fedDatabase !== this.database) this.emit('SELECT', String(this.database));
    this.fedDatabase = this.database;
    this.apply(words);
    this.emit(...words);
  }

  /** Feeds a command on without running it. */
  emit(...words: string[]): void {
    const bytes = encodeRequest(words);
    this.feed(bytes, 0, bytes.length);
  }

  reselect(): void {
    this.fedDatabase = -1;
  }

  get streamDatabase(): number {
    return this.fedDatabase;
  }

  get inTransaction(): boolean {
    return this.transaction !== null;
  }

  dropTransaction(): void {
    this.transaction = null;
  }

  /** A recorded command; answers false when it isn't one of the few known. */
  readonly execute = (request: Request): boolean => {
    const words = Array.from({ length: request.argc }, (_, i) => request.latin1(i));
    const name = words[0].toUpperCase();
    if (name === 'MULTI') this.transaction = [];
    else if (name === 'EXEC') {
      const commands = this.transaction ?? [];
      this.transaction = null;
      return commands.every((command) => this.apply(command));
    } else if (this.transaction) this.transaction.push(words);
    else return this.apply(words);
    return true;
  };

  private apply([name, ...args]: string[]): boolean {
    const db = this.keyspace.databases[this.database];
    const key = fromLatin1(args[0] ?? '');
    const found = () => db.write(key, 0, key.length);
    const current = () => {
      const ref = found();
      return ref === 0 ? undefined : latin1(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
    };
    const set = (text: string, keepExpiry: boolean) => {
      const value = fromLatin1(text);
      return db.setString(key, 0, key.length, value, 0, value.length, keepExpiry);
    };
    switch (name.toUpperCase()) {
      case 'SELECT':
        this.database = Number(args[0]);
        return this.keyspace.databases[this.database] !== undefined;
      case 'PING':
        return true;
      case 'SET': {
        if (args.length < 2) return false;
        const ref = set(args[1], false);
        if (args[2]?.toUpperCase() === 'PXAT') db.expireAt(ref, Number(args[3]));
        return true;
      }
      case 'APPEND':
        if (args.length < 2) return false;
        set((current() ?? '') + args[1], true);
        return true;
      case 'INCR':
        set(String(Number(current() ?? 0) + 1), true);
        return true;
      case 'PEXPIREAT':
        if (found() !== 0) db.expireAt(found(), Number(args[1]));
        return true;
      case 'DEL':
      case 'UNLINK':
        if (found() !== 0) db.remove(found());
        return true;
      case 'FLUSHALL':
        this.clear();
        return true;
      default:
        return false;
    }
  }

  clear(): void {
    for (const db of this.keyspace.databases) db.clear();
  }

  /** All keys as `database/key` with `value@expiry`, in order. */
  dump(): Record<string, string> {
    const all: [string, string][] = [];
    for (const db of this.keyspace.databases) {
      db.forEach((ref) => {
        const value = latin1(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
        all.push([`${db.index}/${db.keyLatin1(ref)}`, `${value}@${db.expiry(ref)}`]);
      });
    }
    return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
