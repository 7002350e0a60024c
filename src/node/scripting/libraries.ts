/** Function libraries: what FUNCTION LOAD brings, FUNCTION LIST shows and FCALL looks up. */

import { fromLatin1, latin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import { splitArguments } from '../../protocol/inline-arguments.js';

/** A function that a library has registered. */
export interface LibraryFunction {
  readonly name: string;
  readonly description: string | undefined;
  /** Bits of `SCRIPT_FLAG`, and their names. */
  readonly flags: number;
  readonly flagNames: readonly string[];
  /** The Lua function, in the state's registry. */
  readonly ref: number;
}

export interface Library {
  readonly name: string;
  /** One character per byte. */
  readonly code: string;
  readonly functions: Map<string, LibraryFunction>;
}

export const ENGINE = 'LUA';

const BAD_NAME =
  'Library names can only contain letters, numbers, or underscores(_) and must be at least one character long';

/** Complains about the name of a library or function. */
export function nameComplaint(name: string): string | undefined {
  return /^[A-Za-z0-9_]+$/.test(name) ? undefined : BAD_NAME;
}

/** What a library's first line says, and the code behind it (which begins with that line's end, to keep line numbers). */
export function readHeader(code: string): { name: string; body: string } {
  if (!code.startsWith('#!')) throw new CommandError('ERR Missing library metadata');
  const end = code.indexOf('\n');
  const line = fromLatin1(code.slice(0, Math.max(0, end)));
  const parts = end < 0 ? undefined : splitArguments(line, 0, line.length)?.map((part) => latin1(part));
  if (parts === undefined || parts.length === 0) throw new CommandError('ERR Invalid library metadata');
  let name: string | undefined;
  for (const part of parts.slice(1)) {
    if (!/^name=/i.test(part)) throw new CommandError(`ERR Invalid metadata value given: ${part}`);
    if (name !== undefined) {
      throw new CommandError('ERR Invalid metadata value, name argument was given multiple times');
    }
    name = part.slice('name='.length);
  }
  if (name === undefined) throw new CommandError('ERR Library name was not given');
  const complaint = nameComplaint(name);
  if (complaint !== undefined) throw new CommandError(`ERR ${complaint}`);
  const engine = parts[0].slice(2);
  if (engine.toUpperCase() !== ENGINE) throw new CommandError(`ERR Engine '${engine}' not found`);
  return { name, body: code.slice(end) };
}

/** A set of libraries whose functions all have different names. */
export class Libraries {
  readonly byName = new Map<string, Library>();
  readonly functions = new Map<string, LibraryFunction>();

  /** Adds a library, in the place of `old` if there is one. Throws when a function's name is taken. */
  add(library: Library): void {
    const old = this.byName.get(library.name);
    for (const name of library.functions.keys()) {
      if (this.functions.has(name) && !old?.functions.has(name)) {
        throw new CommandError(`ERR Function ${name} already exists`);
      }
    }
    if (old !== undefined) this.remove(old);
    this.byName.set(library.name, library);
    for (const [name, fn] of library.functions) this.functions.set(name, fn);
  }

  remove(library: Library): void {
    this.byName.delete(library.name);
    for (const name of library.functions.keys()) this.functions.delete(name);
  }

  clear(): void {
    this.byName.clear();
    this.functions.clear();
  }
}
