/**
 * The manifest of a multi-part append-only file: which files, in which order, make up the data set. Plain data, and
 * its text form, one file a line:
 *
 *     file appendonly.aof.2.base.rdb seq 2 type b
 *     file appendonly.aof.1.incr.aof seq 1 type h
 *     file appendonly.aof.3.incr.aof seq 3 type i
 *
 * At most one base (b), written by a rewrite; increments (i) in order, the commands since; history (h), files that a
 * rewrite has made superfluous and that are still to be deleted. A manifest is changed as a new value and written
 * whole, so that the folder goes from one valid state to the next.
 */
import { fromLatin1, latin1 } from '../../protocol/bytes.js';
import { splitArguments } from '../../protocol/inline-arguments.js';

export interface ManifestEntry {
  readonly name: string;
  readonly sequence: number;
}

export interface Manifest {
  readonly base?: ManifestEntry;
  readonly history: readonly ManifestEntry[];
  readonly increments: readonly ManifestEntry[];
  /** Highest sequence numbers given so far. */
  readonly baseSequence: number;
  readonly incrementSequence: number;
}

export const EMPTY_MANIFEST: Manifest = {
  history: [],
  increments: [],
  baseSequence: 0,
  incrementSequence: 0,
};

const LONGEST_LINE = 1024;

/** The manifest can't be read; `line` and `text` say where when it is a certain line. */
export class ManifestError extends Error {
  override name = 'ManifestError';
  constructor(
    message: string,
    readonly line?: number,
    readonly text?: string,
  ) {
    super(message);
  }
}

/** Reads a manifest. Throws `ManifestError`, in Redis's words. */
export function parseManifest(text: string): Manifest {
  if (text === '') throw new ManifestError('Found an empty AOF manifest');
  let base: ManifestEntry | undefined;
  const history: ManifestEntry[] = [];
  const increments: ManifestEntry[] = [];
  const lines = text.split('\n');
  const unfinished = lines.pop();
  if (unfinished !== '') lines.push(unfinished as string);
  let number = 0;
  for (const line of lines) {
    number++;
    if (line.startsWith('#')) continue;
    if (line.length >= LONGEST_LINE || (number === lines.length && unfinished !== '')) {
      throw new ManifestError('The AOF manifest file contains too long line');
    }
    const fail = (message: string) => new ManifestError(message, number, line.trim());
    const { type, ...entry } = parseLine(line, fail);
    if (type === 'b') {
      if (base) throw fail('Found duplicate base file information');
      base = entry;
    } else if (type === 'h') history.push(entry);
    else if (type === 'i') {
      if (entry.sequence <= (increments.at(-1)?.sequence ?? 0)) {
        throw fail('Found a non-monotonic sequence number');
      }
      increments.push(entry);
    } else throw fail('Unknown AOF file type');
  }
  return {
    base,
    history,
    increments,
    baseSequence: base?.sequence ?? 0,
    incrementSequence: increments.at(-1)?.sequence ?? 0,
  };
}

function parseLine(line: string, fail: (message: string) => Error): ManifestEntry & { type: string } {
  const bytes = fromLatin1(line);
  const words = splitArguments(bytes, 0, bytes.length)?.map((word) => latin1(word));
  if (words === undefined || words.length < 6 || words.length % 2 !== 0) {
    throw fail('Invalid AOF manifest file format');
  }
  let name = '';
  let sequence = 0;
  let type = '';
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1];
    switch (words[i].toLowerCase()) {
      case 'file':
        if (/[/\\]/.test(value)) throw fail("File can't be a path, just a filename");
        name = value;
        break;
      case 'seq':
        sequence = Number.parseInt(value, 10) || 0;
        break;
      case 'type':
        type = value.slice(0, 1);
        break;
    }
  }
  if (name === '' || sequence === 0 || type === '') throw fail('Invalid AOF manifest file format');
  return { name, sequence, type };
}

/** The manifest as text. */
export function formatManifest(manifest: Manifest): string {
  let text = '';
  const add = (entry: ManifestEntry, type: string) => {
    text += `file ${quoted(entry.name)} seq ${entry.sequence} type ${type}\n`;
  };
  if (manifest.base) add(manifest.base, 'b');
  for (const entry of manifest.history) add(entry, 'h');
  for (const entry of manifest.increments) add(entry, 'i');
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

/** A file name as a manifest spells it: in quotes when it has blanks, quotes or unprintable characters. */
function quoted(name: string): string {
  if (name !== '' && !/[^\x21-\x7e]|["'\\]/.test(name)) return name;
  let text = '"';
  for (const character of name) {
    const escaped = ESCAPES[character];
    if (escaped !== undefined) text += escaped;
    else if (character >= ' ' && character <= '~') text += character;
    else text += `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
  return `${text}"`;
}

/** With a further increment; its entry is the last. */
export function withNewIncrement(manifest: Manifest, filename: string): Manifest {
  const sequence = manifest.incrementSequence + 1;
  const entry = { name: `${filename}.${sequence}.incr.aof`, sequence };
  return { ...manifest, increments: [...manifest.increments, entry], incrementSequence: sequence };
}

/** With a new base, an RDB or commands; the one before becomes history. */
export function withNewBase(manifest: Manifest, filename: string, format: 'rdb' | 'aof'): Manifest {
  const sequence = manifest.baseSequence + 1;
  return {
    ...manifest,
    base: { name: `${filename}.${sequence}.base.${format}`, sequence },
    history: manifest.base ? [manifest.base, ...manifest.history] : manifest.history,
    baseSequence: sequence,
  };
}

/** All increments but the last `keep` have become history. */
export function withOldIncrementsAsHistory(manifest: Manifest, keep: number): Manifest {
  const { increments } = manifest;
  const kept = increments.length - keep;
  return {
    ...manifest,
    history: [...increments.slice(0, kept).reverse(), ...manifest.history],
    increments: increments.slice(kept),
  };
}
