/**
 * What DUMP gives and RESTORE takes: one value in RDB form, the version of that form in two bytes and the CRC-64 of
 * everything before it, both little endian.
 *
 * A payload comes from anybody, so nothing of it is believed: the version and the checksum are compared first, and
 * every length in it with the bytes that are there (RdbInput). A payload that is refused leaves the key as it was.
 */
import type { Ref } from '../../keyspace/arena.js';
import type { Database } from '../../keyspace/database.js';
import type { Log } from '../../node/host.js';
import { allocateZeroed, type Bytes, latin1, slice } from '../../protocol/bytes.js';
import { Crc64 } from './crc64.js';
import { CHECKSUM_BYTES, OP_FUNCTION, RDB_NEWEST_VERSION, RDB_VERSION, RdbError } from './format.js';
import { loadValue } from './loader.js';
import { INCOMPLETE, RdbInput, type RdbText } from './reader.js';
import { RdbWriter } from './writer.js';

const VERSION_BYTES = 2;
const FOOTER_BYTES = VERSION_BYTES + CHECKSUM_BYTES;
const NO_CHECKSUM = allocateZeroed(CHECKSUM_BYTES);

/** The directives that matter here. */
export interface DumpSettings {
  readonly rdbcompression: boolean;
}

export class DumpPayloads {
  /** Take payloads whatever their checksum (DEBUG SET-SKIP-CHECKSUM-VALIDATION). */
  skipChecksum = false;
  private readonly writer: RdbWriter;
  private readonly input = new RdbInput();

  /** `settings` are read anew at every call. */
  constructor(
    settings: DumpSettings,
    private readonly log: Log,
  ) {
    this.writer = new RdbWriter({
      get compress() {
        return settings.rdbcompression;
      },
      checksum: false,
      accessClock: 'none',
    });
  }

  /** The payload of the key's value. */
  dump(db: Database, ref: Ref): Bytes {
    this.writer.value(db, ref);
    return this.seal();
  }

  /** The payload of function libraries, from their code. */
  dumpLibraries(codes: readonly string[]): Bytes {
    for (const code of codes) this.writer.library(code);
    return this.seal();
  }

  /** What was written, with its footer. */
  private seal(): Bytes {
    const { writer } = this;
    writer.byte(RDB_VERSION & 255);
    writer.byte(RDB_VERSION >> 8);
    writer.raw(NO_CHECKSUM);
    const written = writer.take();
    const payload = slice(written, 0, written.length);
    const sumAt = payload.length - CHECKSUM_BYTES;
    checksumOf(payload, 0, sumAt).writeTo(payload, sumAt);
    return payload;
  }

  /** Whether bytes[start, end) are a payload of a version we know, and unharmed. */
  isSound(bytes: Bytes, start: number, end: number): boolean {
    if (end - start < FOOTER_BYTES) return false;
    const footer = end - FOOTER_BYTES;
    if ((bytes[footer] | (bytes[footer + 1] << 8)) > RDB_NEWEST_VERSION) return false;
    const sumAt = end - CHECKSUM_BYTES;
    return this.skipChecksum || checksumOf(bytes, start, sumAt).matches(bytes, sumAt);
  }

  /**
   * Gives the key the value of a payload that `isSound`, whatever the key was before; answers its record, or 0, with
   * the key as it was, when the payload doesn't hold a value.
   */
  restore(db: Database, key: RdbText, bytes: Bytes, start: number, end: number): Ref {
    const { input } = this;
    input.bytes = bytes;
    input.position = start;
    input.end = end - FOOTER_BYTES;
    input.beginItem();
    try {
      return loadValue(input.byte(), input, db, key);
    } catch (error) {
      if (error !== INCOMPLETE && !(error instanceof RdbError)) throw error;
      const reason = error === INCOMPLETE ? 'Unexpected EOF' : (error as RdbError).message;
      this.log('verbose', `RESTORE refused at offset ${input.position - start} of the payload: ${reason}`);
      return 0;
    }
  }

  /** The code of the libraries in a payload that `isSound`; what is wrong when it holds something else. */
  readLibraries(bytes: Bytes, start: number, end: number): string[] | { error: string } {
    const { input } = this;
    const codes: string[] = [];
    const code: RdbText = { bytes, start: 0, end: 0 };
    input.bytes = bytes;
    input.position = start;
    input.end = end - FOOTER_BYTES;
    try {
      while (input.position < input.end) {
        if (input.byte() !== OP_FUNCTION) return { error: 'given type is not a function' };
        input.string(code);
        codes.push(latin1(code.bytes, code.start, code.end));
      }
    } catch (error) {
      if (error !== INCOMPLETE && !(error instanceof RdbError)) throw error;
      return { error: 'Failed loading library data' };
    }
    return codes;
  }
}

function checksumOf(bytes: Bytes, start: number, end: number): Crc64 {
  const sum = new Crc64();
  sum.update(bytes, start, end);
  return sum;
}
