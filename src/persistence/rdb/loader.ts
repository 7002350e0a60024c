/**
 * Reads an RDB into a keyspace.
 *
 * A type of value is one entry in `valueLoaders`. The log lines are Redis's. Expired keys are dropped when the file is
 * a snapshot loaded by a master, and kept when commands follow that were recorded or sent with the key alive: an
 * append-only file's base, a replica's snapshot.
 */
import type { Database } from '../../keyspace/database.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { Log } from '../../node/host.js';
import { type Bytes, EMPTY, latin1, slice } from '../../protocol/bytes.js';
import { EmptyValueError, RDB_STRING, RdbError } from './format.js';
import { hashLoaders } from './hash.js';
import { listLoaders } from './list.js';
import { type KeyAttributes, type RdbHandler, type RdbInput, RdbReader, type RdbText } from './reader.js';
import { setLoaders } from './set.js';
import { streamLoaders } from './stream.js';
import { zsetLoaders } from './zset.js';

export interface RdbLoadOptions {
  log: Log;
  /** Leave out keys whose time has passed. */
  dropExpired: boolean;
  /** The file stands here in a replication stream; said before the first key. */
  continueStream?(position: RdbReplicationInfo): void;
  /** A key was left out because its time has passed: who goes on with the stream must hear of it. */
  expired?(db: Database, key: Bytes): void;
  /** `rdbchecksum` */
  checkSum?: boolean;
  /** DEBUG RELOAD MERGE: a key that is there already is replaced. Otherwise it is an error. */
  mayReplace?: boolean;
  /** A function library; without this they are refused. Answers the complaint, or undefined. */
  library?: (code: Bytes, mayReplace: boolean) => string | undefined;
}

/** What a snapshot says about the replication stream that it stands in. */
export interface RdbReplicationInfo {
  id: string;
  offset: number;
  database: number;
}

/**
 * Reads a value and gives it to a key of the database, whatever it was before; answers the key's record. The key is
 * left alone until the value has been read in full and found sound.
 */
export type ValueLoader = (input: RdbInput, db: Database, key: RdbText) => number;

/** The log names so many of the empty keys in a file; all of them count. */
const EMPTY_KEYS_NAMED = 10;

const value: RdbText = { bytes: EMPTY, start: 0, end: 0 };

const valueLoaders: Partial<Record<number, ValueLoader>> = {
  [RDB_STRING]: (input, db, key) => {
    input.string(value);
    return db.setString(key.bytes, key.start, key.end, value.bytes, value.start, value.end);
  },
  ...listLoaders,
  ...setLoaders,
  ...zsetLoaders,
  ...hashLoaders,
  ...streamLoaders,
};

/**
 * Gives a key of the database the value of this type that the input holds, whatever the key was before; answers its
 * record. Throws, with the key as it was, when the value isn't sound or whole.
 */
export function loadValue(type: number, input: RdbInput, db: Database, key: RdbText): number {
  const load = valueLoaders[type];
  if (load === undefined) throw new RdbError(`Unknown RDB encoding type ${type}`);
  return load(input, db, key);
}

export class RdbLoader implements RdbHandler {
  keysLoaded = 0;
  keysExpired = 0;
  private emptyKeysSkipped = 0;
  /** Memory that the data took where it was saved, in bytes; 0 until the file has said it. */
  usedMemory = 0;
  readonly replication: RdbReplicationInfo = { id: '', offset: -1, database: -1 };
  private db: Database;
  /** What the file says about itself has been read. */
  private inKeys = false;
  private readonly reader: RdbReader;

  constructor(
    private readonly keyspace: Keyspace,
    private readonly options: RdbLoadOptions,
  ) {
    this.db = keyspace.databases[0];
    this.reader = new RdbReader(this, options.checkSum ?? true);
  }

  /** Whether the file has been read to its end. */
  get done(): boolean {
    return this.reader.done;
  }

  /** Bytes read. */
  get offset(): number {
    return this.reader.offset;
  }

  /**
   * Takes bytes[start, end); answers how many of them belong to the file: fewer than given only when it is over.
   * Throws `RdbError`, its text in Redis's words where Redis has any; what was loaded before stays.
   */
  feed(bytes: Bytes, start: number, end: number): number {
    const taken = this.reader.feed(bytes, start, end);
    if (this.done) {
      if (!this.inKeys) this.beginKeys();
      this.options.log(
        'notice',
        `Done loading RDB, keys loaded: ${this.keysLoaded}, keys expired: ${this.keysExpired}` +
          (this.emptyKeysSkipped > 0 ? `, empty keys skipped: ${this.emptyKeysSkipped}.` : '.'),
      );
    }
    return taken;
  }

  private beginKeys(): void {
    this.inKeys = true;
    if (this.replication.id !== '' && this.replication.offset >= 0) {
      this.options.continueStream?.(this.replication);
    }
  }

  /** No more bytes will come. Throws `RdbError` when the file isn't whole. */
  end(): void {
    if (!this.done) {
      throw new RdbError('Short read or OOM loading DB. Unrecoverable error, aborting now.');
    }
  }

  checksum(outcome: 'right' | 'left out'): void {
    if (outcome === 'right') return;
    this.options.log('warning', 'RDB file was saved with checksum disabled: no check performed.');
  }

  aux(name: string, text: string): void {
    const { log } = this.options;
    if (name.startsWith('%')) {
      log('notice', `RDB '${name}': ${text}`);
      return;
    }
    switch (name.toLowerCase()) {
      case 'repl-stream-db':
        this.replication.database = Number.parseInt(text, 10);
        break;
      case 'repl-id':
        if (text.length === 40) this.replication.id = text;
        break;
      case 'repl-offset':
        this.replication.offset = Number.parseInt(text, 10);
        break;
      case 'redis-ver':
        log('notice', `Loading RDB produced by version ${text}`);
        break;
      case 'ctime': {
        const age = Math.floor(this.keyspace.now / 1000) - Number.parseInt(text, 10);
        log('notice', `RDB age ${Math.max(0, age)} seconds`);
        break;
      }
      case 'used-mem':
        this.usedMemory = Number(text) || 0;
        log('notice', `RDB memory usage when created ${(Number(text) / 2 ** 20).toFixed(2)} Mb`);
        break;
      case 'aof-preamble':
        if (Number.parseInt(text, 10)) log('notice', 'RDB has an AOF tail');
        break;
      case 'aof-base':
        if (Number.parseInt(text, 10)) log('notice', 'RDB is base AOF');
        break;
      case 'lua':
      case 'redis-bits':
        break;
      default:
        log('debug', `Unrecognized RDB AUX field: '${name}'`);
    }
  }

  selectDatabase(index: number): void {
    const { databases } = this.keyspace;
    if (index >= databases.length) {
      throw new RdbError(
        `FATAL: Data file was created with a Redis server configured to handle more than ${databases.length} databases. Exiting`,
      );
    }
    this.db = databases[index];
  }

  library(code: Bytes): void {
    const complaint = this.options.library
      ? this.options.library(code, this.options.mayReplace === true)
      : 'functions are not supported';
    if (complaint !== undefined) throw new RdbError(`Failed loading library, ${complaint}`);
  }

  key(type: number, name: RdbText, attributes: KeyAttributes, input: RdbInput): void {
    const { db, keyspace } = this;
    const { expiry } = attributes;
    if (!this.inKeys) this.beginKeys();
    const existing = db.peek(name.bytes, name.start, name.end);
    if (existing !== 0 && this.options.mayReplace) db.remove(existing);
    else if (existing !== 0) {
      const text = latin1(name.bytes, name.start, name.end);
      throw new RdbError(`RDB has duplicated key '${text}' in DB ${db.index}`);
    }
    const ref = this.load(type, name, input);
    if (ref === 0) return;
    if (expiry >= 0 && this.options.dropExpired && expiry < keyspace.now) {
      db.remove(ref);
      this.keysExpired++;
      this.options.expired?.(db, slice(name.bytes, name.start, name.end));
      return;
    }
    if (expiry >= 0) db.expireAt(ref, expiry);
    this.setAccess(db, ref, attributes);
    this.keysLoaded++;
  }

  /** Reads a value; 0 when it is one that is left out. */
  private load(type: number, name: RdbText, input: RdbInput): number {
    try {
      return loadValue(type, input, this.db, name);
    } catch (error) {
      if (!(error instanceof EmptyValueError)) throw error;
      const text = latin1(name.bytes, name.start, name.end);
      this.emptyKeysSkipped++;
      if (this.emptyKeysSkipped <= EMPTY_KEYS_NAMED) {
        this.options.log('warning', `rdbLoadObject skipping empty key: ${text}`);
      }
      return 0;
    }
  }

  private setAccess(db: Database, ref: number, { idle, frequency }: KeyAttributes): void {
    const seconds = Math.floor(this.keyspace.now / 1000);
    if (frequency >= 0) db.setAccessClock(ref, ((Math.floor(seconds / 60) & 0xffff) << 8) | frequency);
    else if (idle >= 0) db.setAccessClock(ref, (seconds - idle) & 0xffffff);
  }
}
