/**
 * Whether an RDB file is sound: what redis-check-rdb does, in its words. Every value is read as a server would read it
 * that trusts nobody, into a keyspace of its own that holds one key at a time.
 */
import type { Database } from '../../keyspace/database.js';
import { Keyspace } from '../../keyspace/keyspace.js';
import type { ReadFile } from '../../node/host.js';
import { allocate, latin1 } from '../../protocol/bytes.js';
import { ChecksumError, EmptyValueError, RdbError } from './format.js';
import { loadValue } from './loader.js';
import { type KeyAttributes, type RdbHandler, type RdbInput, RdbReader, type RdbText } from './reader.js';

/** Takes one line of what a check has to say. */
export type Print = (line: string) => void;

const WINDOW_BYTES = 256 * 1024;

/** Types of values, by number; `undefined`: there is none. */
const TYPES: readonly (string | undefined)[] = [
  'string',
  'list-linked',
  'set-hashtable',
  'zset-v1',
  'hash-hashtable',
  'zset-v2',
  'module-value',
  '',
  undefined,
  'hash-zipmap',
  'list-ziplist',
  'set-intset',
  'zset-ziplist',
  'hash-ziplist',
  'quicklist',
  'stream',
  'hash-listpack',
  'zset-listpack',
  'quicklist-v2',
  'stream-v2',
  'set-listpack',
  'stream-v3',
];

/**
 * Checks the RDB at the beginning of a file, which may go on behind it. Answers where it ends, or undefined when it
 * isn't sound; what was found has been printed.
 * @param name how the file is called in what is printed
 * @param now milliseconds since 1970
 */
export function checkRdb(name: string, file: ReadFile, now: number, print: Print): number | undefined {
  return new RdbCheck(now, print).run(name, file);
}

class RdbCheck implements RdbHandler {
  private keys = 0;
  private expiries = 0;
  private expired = 0;
  /** The name of the key being read. */
  private keyName: string | undefined;
  private readonly reader = new RdbReader(this);
  private readonly db: Database;

  constructor(
    private readonly now: number,
    private readonly print: Print,
  ) {
    const random = () => 0;
    const keyspace = new Keyspace({ databases: 1, clusterMode: false, random, listener: { expiring() {} } });
    keyspace.expiryPolicy = 'ignore';
    this.db = keyspace.databases[0];
  }

  run(name: string, file: ReadFile): number | undefined {
    const { reader } = this;
    this.info(`Checking RDB file ${name}`);
    const window = allocate(Math.min(WINDOW_BYTES, file.size + 1));
    try {
      for (let at = 0; !reader.done; ) {
        const length = file.read(window, 0, window.length, at);
        if (length === 0) throw new RdbError('Unexpected EOF reading RDB file');
        at += reader.feed(window, 0, length);
      }
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      this.complain(error instanceof ChecksumError ? 'RDB CRC error' : error.message);
      return undefined;
    }
    this.info('\\o/ RDB looks OK! \\o/');
    this.printCounts();
    return reader.offset;
  }

  // What the reader tells of the file

  aux(name: string, value: string): void {
    this.info(`AUX FIELD ${name} = '${value}'`);
  }

  selectDatabase(index: number): void {
    this.info(`Selecting DB ID ${index}`);
  }

  library(): void {}

  type(type: number): void {
    if (TYPES[type] === undefined) throw new RdbError(`Invalid object type: ${type}`);
  }

  key(type: number, name: RdbText, { expiry }: KeyAttributes, input: RdbInput): void {
    const { db } = this;
    this.keyName = latin1(name.bytes, name.start, name.end);
    try {
      db.remove(loadValue(type, input, db, name));
    } catch (error) {
      if (!(error instanceof EmptyValueError)) throw error; // no harm: a server passes over these
      this.info(`Skipping empty key '${this.keyName}'`);
    }
    this.keyName = undefined;
    this.keys++;
    if (expiry === -1) return;
    this.expiries++;
    if (expiry < this.now) this.expired++;
  }

  checksum(outcome: 'right' | 'left out'): void {
    this.info(
      outcome === 'right' ? 'Checksum OK' : 'RDB file was saved with checksum disabled: no check performed.',
    );
  }

  // What is printed

  private info(text: string): void {
    this.print(`[offset ${this.reader.position}] ${text}`);
  }

  private complain(text: string): void {
    const { print, reader, keyName } = this;
    const { type } = reader;
    if (keyName !== undefined) this.keys++; // the one that is broken counts
    print('--- RDB ERROR DETECTED ---');
    this.info(text);
    print(`[additional info] While doing: ${reader.step}`);
    if (keyName !== undefined) print(`[additional info] Reading key '${keyName}'`);
    if (type !== -1) print(`[additional info] Reading type ${type} (${TYPES[type] ?? 'unknown'})`);
    this.printCounts();
  }

  private printCounts(): void {
    this.print(`[info] ${this.keys} keys read`);
    this.print(`[info] ${this.expiries} expires`);
    this.print(`[info] ${this.expired} already expired`);
  }
}
