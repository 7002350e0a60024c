/**
 * A snapshot as commands that make the data anew: the base of an append-only file with `aof-use-rdb-preamble no`.
 *
 * Commands are arrays of bulk strings, as replies of that kind are, so a ReplyWriter writes them. Large collections take
 * several commands, so that none is too long to be executed without a pause. A type of value is one entry in `rewriters`.
 */
import type { Database } from '../../keyspace/database.js';
import { HASH_TYPE, LIST, SET, STREAM, STRING, typeName, ZSET } from '../../keyspace/record.js';
import { HashValue } from '../../keyspace/values/hash-value.js';
import { ListValue } from '../../keyspace/values/list-value.js';
import { SetValue } from '../../keyspace/values/set-value.js';
import { ZsetValue } from '../../keyspace/values/zset-value.js';
import type { ByteRange, Bytes } from '../../protocol/bytes.js';
import { fromLatin1 } from '../../protocol/bytes.js';
import { ReplyWriter } from '../../protocol/reply-writer.js';
import type { SnapshotWriter } from '../snapshots.js';
import { rewriteStream } from './stream-commands.js';

/** A command takes so many elements of a collection. */
const ELEMENTS_PER_COMMAND = 64;

const list = new ListValue();
const set = new SetValue();
const zset = new ZsetValue();
const hash = new HashValue();

type Rewriter = (writer: CommandWriter, db: Database, ref: number) => void;

const rewriters: Partial<Record<number, Rewriter>> = {
  [STRING]: (writer, db, ref) => {
    writer.begin('SET', db, ref, 1);
    writer.out.bulk(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
  },
  [LIST]: (writer, db, ref) => {
    const { size } = list.open(db, ref);
    const next = writer.inParts('RPUSH', db, ref, size, 1);
    list.forEach((element) => {
      next();
      writer.element(element);
    });
  },
  [SET]: (writer, db, ref) => {
    const { size } = set.open(db, ref);
    const next = writer.inParts('SADD', db, ref, size, 1);
    set.forEach((member) => {
      next();
      writer.element(member);
    });
  },
  [ZSET]: (writer, db, ref) => {
    const { size } = zset.open(db, ref);
    const next = writer.inParts('ZADD', db, ref, size, 2);
    zset.visit(0, size, false, (member, score) => {
      next();
      writer.out.double(score);
      writer.element(member);
    });
  },
  [HASH_TYPE]: (writer, db, ref) => {
    const { size } = hash.open(db, ref);
    const next = writer.inParts('HMSET', db, ref, size, 2);
    hash.forEach((field, value) => {
      next();
      writer.element(field);
      writer.element(value);
    });
  },
  [STREAM]: rewriteStream,
};

export class CommandWriter implements SnapshotWriter {
  readonly out = new ReplyWriter();

  /** @param timestamp to begin with, milliseconds since 1970 (`aof-timestamp-enabled`) */
  constructor(timestamp?: number) {
    if (timestamp !== undefined) this.out.raw(fromLatin1(`#TS:${Math.floor(timestamp / 1000)}\r\n`));
  }

  get pending(): number {
    return this.out.length;
  }

  take(): Bytes {
    const { out } = this;
    const taken = out.buffer.subarray(0, out.length);
    out.length = 0;
    out.shrink();
    return taken;
  }

  library(code: string): void {
    this.out.array(3);
    for (const word of ['FUNCTION', 'LOAD', code]) this.out.text(word);
  }

  selectDatabase(index: number): void {
    this.out.array(2);
    this.out.text('SELECT');
    this.out.text(String(index));
  }

  resizeDatabase(): void {}

  key(db: Database, ref: number): void {
    const rewrite = rewriters[db.type(ref)];
    if (rewrite === undefined) {
      throw new Error(`values of type ${typeName(db.type(ref))} can't be written as commands`);
    }
    rewrite(this, db, ref);
    const expiry = db.expiry(ref);
    if (expiry < 0) return;
    this.begin('PEXPIREAT', db, ref, 1);
    this.out.text(String(expiry));
  }

  end(): void {}

  // For the rewriters of values

  /** Begins a command on a key that has `count` arguments behind it. */
  begin(name: string, db: Database, ref: number, count: number): void {
    const { out } = this;
    out.array(2 + count);
    out.text(name);
    this.keyName(db, ref);
  }

  keyName(db: Database, ref: number): void {
    this.out.bulk(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref));
  }

  /**
   * Commands that add `size` elements of `width` arguments each to a key. The answer is to be called before each element:
   * it begins the next command when it is time.
   */
  inParts(name: string, db: Database, ref: number, size: number, width: number): () => void {
    let left = size;
    return () => {
      if ((size - left) % ELEMENTS_PER_COMMAND === 0) {
        this.begin(name, db, ref, width * Math.min(left, ELEMENTS_PER_COMMAND));
      }
      left--;
    };
  }

  element({ bytes, start, end }: Readonly<ByteRange>): void {
    this.out.bulk(bytes, start, end);
  }
}
