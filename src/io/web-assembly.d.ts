/** The part of the WebAssembly API that `lua-machine.ts` uses: Node's types leave it to the DOM's, which aren't ours. */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;

  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { module: string; name: string }[];
  }

  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Record<string, unknown>;
  }

  class Memory {
    readonly buffer: ArrayBuffer;
    /** By so many pages of 64 KB; throws when that can't be. */
    grow(pages: number): number;
  }

  class Table {
    get(index: number): (...args: number[]) => number;
    set(index: number, value: unknown): void;
    grow(count: number): number;
  }
}
