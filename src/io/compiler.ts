/**
 * How V8 compiles a process that runs servers.
 *
 * A request passes through some twenty short functions. V8 compiles a function together with those it calls as long as
 * they have less than 920 bytes of its bytecode in all: the way of a request is cut into half a dozen pieces, and at each
 * cut what lies in registers goes to memory and comes back. With four times that limit it is two or three (measured: 12
 * to 18 % off the node's own time for GET, SET, LPUSH, SADD, 16 deep; twice that limit again gives nothing). The price is
 * twice the time for compiling, which happens once and beside the work: some tenths of a second for each kind of load.
 *
 * These are settings of the whole process: only for programs of our own, not for those that have a server in them.
 */
import { setFlagsFromString } from 'node:v8';

/** To be called before the server has work. Unknown settings are passed over. */
export function compileForServing(): void {
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=4000');
  setFlagsFromString('--max-inlined-bytecode-size=1500');
}
