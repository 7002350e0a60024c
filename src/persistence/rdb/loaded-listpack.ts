/** A listpack that was read from a file or came from a client: looked at in place, and checked. */
import { isListpack, Listpack } from '../../keyspace/values/listpack.js';
import { type ByteRange, latin1 } from '../../protocol/bytes.js';

export class LoadedListpack extends Listpack {
  /** Points it at these bytes; answers whether they are a sound listpack, without which it must not be used. */
  open({ bytes, start, end }: Readonly<ByteRange>): boolean {
    this.bytes = bytes;
    this.start = start;
    return isListpack(bytes, start, end);
  }

  /** Whether it consists of pairs, and the first elements of all are different. */
  holdsDistinctPairs(): boolean {
    const names = new Set<string>();
    let pairs = 0;
    for (let at = this.first; at !== 0; pairs++) {
      const { bytes, start, end } = this.read(at);
      names.add(latin1(bytes, start, end));
      const second = this.next(at);
      if (second === 0) return false;
      at = this.next(second);
    }
    return names.size === pairs;
  }

  protected resize(): never {
    throw new Error('a listpack that was loaded is not to be changed in place');
  }
}
