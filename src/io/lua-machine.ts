/**
 * Lua 5.1, the reference implementation compiled to WebAssembly (package `wasmoon-lua5.1`), as a node is given it.
 *
 * The package's own JavaScript is not used: it loads asynchronously, brings lodash, and emulates a file system and
 * an environment. The module is instantiated here with the few functions it can't do without; whatever would reach
 * outside (files, the environment, a shell) answers with an error. Compiling takes some 10 ms at first use.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { LuaApi, LuaFunction, LuaHook, LuaMachine } from '../node/scripting/machine.js';
import { type Bytes, viewOf, withView } from '../protocol/bytes.js';

const PAGE = 65536;
const LARGEST_MEMORY = 2 ** 31;

/** What the module throws in place of longjmp. */
const LONG_JUMP = Symbol('longjmp');

const NOT_SUPPORTED = 52; // ENOSYS, to WASI; its negative to system calls

interface Exports extends LuaApi {
  memory: WebAssembly.Memory;
  __indirect_function_table: WebAssembly.Table;
  __wasm_call_ctors(): void;
  emscripten_stack_init(): void;
  stackSave(): number;
  stackRestore(stack: number): void;
  setThrew(threw: number, value: number): void;
}

let compiled: WebAssembly.Module | undefined;

function luaModule(): WebAssembly.Module {
  if (compiled === undefined) {
    const path = createRequire(import.meta.url).resolve('wasmoon-lua5.1/dist/liblua5.1.wasm');
    compiled = new WebAssembly.Module(readFileSync(path));
  }
  return compiled;
}

class WasmLua implements LuaMachine {
  readonly api: LuaApi;
  memory!: Bytes;
  view!: DataView;
  private readonly exports: Exports;

  constructor() {
    const instance = new WebAssembly.Instance(luaModule(), this.imports());
    this.exports = instance.exports as unknown as Exports;
    this.api = this.exports;
    this.memoryMoved();
    this.exports.emscripten_stack_init();
    this.exports.__wasm_call_ctors();
  }

  register(functions: readonly LuaFunction[], hooks: readonly LuaHook[]): number[] {
    const all = [...functions, ...hooks];
    const names = all.map((_, i) => String(i));
    const module = new WebAssembly.Module(gatewayModule(functions.length, hooks.length));
    const gateway = new WebAssembly.Instance(module, {
      h: Object.fromEntries(names.map((name, i) => [name, all[i]])),
    });
    const table = this.exports.__indirect_function_table;
    const first = table.grow(all.length);
    names.forEach((name, i) => {
      table.set(first + i, gateway.exports[name]);
    });
    return names.map((_, i) => first + i);
  }

  private memoryMoved(): void {
    const { buffer } = this.exports.memory;
    this.memory = withView(Buffer.from(buffer));
    this.view = viewOf(this.memory);
  }

  private imports(): WebAssembly.Imports {
    /** Those that `invoke_vii` has called, by their places in the table: to ask it costs more than the call. */
    const functions: ((a: number, b: number) => void)[] = [];
    const refuse = () => NOT_SUPPORTED;
    const refuseCall = () => -NOT_SUPPORTED;
    const env: Record<string, (...args: number[]) => number | undefined> = {
      invoke_vii: (fn, a, b) => {
        const { exports } = this;
        const stack = exports.stackSave();
        try {
          functions[fn] ??= exports.__indirect_function_table.get(fn);
          functions[fn](a, b);
        } catch (error) {
          if (error !== LONG_JUMP) throw error;
          exports.stackRestore(stack);
          exports.setThrew(1, 0);
        }
        return undefined;
      },
      _emscripten_throw_longjmp: () => {
        throw LONG_JUMP;
      },
      emscripten_memcpy_js: (target, source, length) => {
        this.memory.copyWithin(target, source, source + length);
        return undefined;
      },
      emscripten_resize_heap: (size) => this.grow(size >>> 0),
      emscripten_date_now: () => 0,
      exit: () => {
        throw new Error('Lua tried to end the process');
      },
    };
    const wasi: Record<string, (...args: number[]) => number> = {
      environ_sizes_get: (count, size) => {
        this.view.setUint32(count, 0, true);
        this.view.setUint32(size, 0, true);
        return 0;
      },
      environ_get: () => 0,
    };
    for (const { module, name } of WebAssembly.Module.imports(luaModule())) {
      if (module === 'env') env[name] ??= refuseCall;
      else wasi[name] ??= refuse;
    }
    return { env, wasi_snapshot_preview1: wasi } as unknown as WebAssembly.Imports;
  }

  /** Answers 1 when there is room for `size` bytes now, 0 when there is no more to be had. */
  private grow(size: number): number {
    const { memory } = this.exports;
    const held = memory.buffer.byteLength;
    if (size > LARGEST_MEMORY) return 0;
    const target = Math.min(LARGEST_MEMORY, Math.max(size, Math.floor(held * 1.2)));
    try {
      memory.grow(Math.ceil((target - held) / PAGE));
    } catch {
      return 0;
    }
    this.memoryMoved();
    return 1;
  }
}

/**
 * A WebAssembly module that passes functions of JavaScript on, as only exported functions may be in a table:
 * `functions` of type (i32) → i32 and behind them `hooks` of type (i32, i32) → nothing, named by their numbers.
 */
function gatewayModule(functions: number, hooks: number): Uint8Array {
  const I32 = 0x7f;
  const count = functions + hooks;
  const name = (i: number) => {
    const text = [...String(i)].map((digit) => digit.charCodeAt(0));
    return [text.length, ...text];
  };
  const indices = Array.from({ length: count }, (_, i) => i);
  const section = (id: number, body: number[]) => [id, ...leb128(body.length), ...body];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [2, 0x60, 1, I32, 1, I32, 0x60, 2, I32, I32, 0]),
    ...section(2, [
      ...leb128(count),
      ...indices.flatMap((i) => [1, 0x68, ...name(i), 0, i < functions ? 0 : 1]),
    ]),
    ...section(7, [...leb128(count), ...indices.flatMap((i) => [...name(i), 0, ...leb128(i)])]),
  ]);
}

function leb128(n: number): number[] {
  return n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...leb128(n >>> 7)];
}

/** A machine of its own for each node that runs scripts. */
export function createLuaMachine(): LuaMachine {
  return new WasmLua();
}
