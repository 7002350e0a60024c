/** Keys of all databases as names for maps that are small and short-lived: watched keys, keys waited for. */
import { type Bytes, latin1 } from '../protocol/bytes.js';

/** The name of the key bytes[start, end) in the database with this number. */
export function keyName(database: number, bytes: Bytes, start: number, end: number): string {
  return `${database}:${latin1(bytes, start, end)}`;
}
