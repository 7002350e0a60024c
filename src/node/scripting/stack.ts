/**
 * The values on a Lua stack, read and written where they lie in the machine's memory.
 *
 * A call across the border costs some 20 ns, and to take a command's arguments from the stack, or a script's result, took
 * a dozen of them: an eighth of a short script's time. What those calls look at is a few words of memory, which the C API
 * promises nothing about; but the machine is one build of Lua 5.1, whose layout (lobject.h, lstate.h) can't change:
 * package.json names its version exactly, and `stack.test.ts` compares what is found here with what the API answers.
 *
 * Whatever allocates, converts or calls goes through the API.
 */
import { type Address, type LuaMachine, type State, TYPE } from './machine.js';

/** In a lua_State: where the first free place of the stack is, and the first of the running function. */
const TOP = 8;
const BASE = 12;

/** A value: 8 bytes that are the number or begin with an address, the type, and 4 bytes of nothing. */
const VALUE_BYTES = 16;
const VALUE_TYPE = 8;

/** In a string: its length, and its bytes behind the header. */
const STRING_LENGTH = 12;
const STRING_BYTES = 16;

export class Stack {
  constructor(private readonly machine: LuaMachine) {}

  /** Number of values of the running function: `lua_gettop`. */
  size(L: State): number {
    const { view } = this.machine;
    return (view.getUint32(L + TOP, true) - view.getUint32(L + BASE, true)) / VALUE_BYTES;
  }

  /** Where the value at `index` is: from 1 on, or from -1, the topmost, down. It must be there. */
  at(L: State, index: number): Address {
    const { view } = this.machine;
    return index > 0
      ? view.getUint32(L + BASE, true) + (index - 1) * VALUE_BYTES
      : view.getUint32(L + TOP, true) + index * VALUE_BYTES;
  }

  /** One of `TYPE`. */
  type(value: Address): number {
    return this.machine.view.getInt32(value + VALUE_TYPE, true);
  }

  /** The number that the value must be. */
  number(value: Address): number {
    return this.machine.view.getFloat64(value, true);
  }

  /** Where the bytes of the string are that the value must be. */
  string(value: Address): Address {
    return this.machine.view.getUint32(value, true) + STRING_BYTES;
  }

  /** How many bytes that string has. */
  stringLength(value: Address): number {
    const { view } = this.machine;
    return view.getUint32(view.getUint32(value, true) + STRING_LENGTH, true);
  }

  /** Takes the topmost values away. */
  pop(L: State, count: number): void {
    const { view } = this.machine;
    view.setUint32(L + TOP, view.getUint32(L + TOP, true) - count * VALUE_BYTES, true);
  }

  /** Keeps the first `count` values only; there must be as many. */
  cut(L: State, count: number): void {
    const { view } = this.machine;
    view.setUint32(L + TOP, view.getUint32(L + BASE, true) + count * VALUE_BYTES, true);
  }

  /** As `lua_pushnumber`. There must be room, as there is for the results of a function. */
  pushNumber(L: State, n: number): void {
    const { view } = this.machine;
    const top = view.getUint32(L + TOP, true);
    view.setFloat64(top, n, true);
    view.setInt32(top + VALUE_TYPE, TYPE.number, true);
    view.setUint32(L + TOP, top + VALUE_BYTES, true);
  }
}
