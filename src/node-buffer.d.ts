/**
 * The part of Node.js that the sans-I/O core may see: what `protocol/bytes.ts` needs of `Buffer`.
 * Only tsconfig.core.json includes this file; everything else compiles against @types/node.
 */
declare module 'node:buffer' {
  export class Buffer extends Uint8Array {
    static allocUnsafeSlow(size: number): Buffer;
    static alloc(size: number): Buffer;
    static from(text: string, encoding: 'latin1' | 'utf8'): Buffer;
    static concat(parts: readonly Uint8Array[], totalLength?: number): Buffer;
    static compare(a: Uint8Array, b: Uint8Array): -1 | 0 | 1;
    static byteLength(text: string): number;
    latin1Slice(start: number, end: number): string;
    utf8Slice(start: number, end: number): string;
    latin1Write(text: string, offset: number, length?: number): number;
    utf8Write(text: string, offset: number, length?: number): number;
  }
}
