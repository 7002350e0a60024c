/** Scripts and functions before they run: their flags, their shebang line, and what is known of one that runs. */
import { fromLatin1, latin1 } from '../../protocol/bytes.js';
import { splitArguments } from '../../protocol/inline-arguments.js';
import type { Session } from '../session.js';

/** What a script says it will do; the names are those of shebang lines and register_function. */
export const SCRIPT_FLAG = {
  'no-writes': 1 << 0,
  'allow-oom': 1 << 1,
  'allow-stale': 1 << 2,
  'no-cluster': 1 << 3,
  'allow-cross-slot-keys': 1 << 4,
} as const;

/** A script without a shebang line: it may do anything, and is checked command by command. */
export const UNDECLARED = -1;

/** The bit of a flag, undefined when there is no such flag. */
export function scriptFlag(name: string): number | undefined {
  return Object.hasOwn(SCRIPT_FLAG, name) ? SCRIPT_FLAG[name as keyof typeof SCRIPT_FLAG] : undefined;
}

/** The names of the flags that are set. */
export function scriptFlagNames(flags: number): string[] {
  return Object.entries(SCRIPT_FLAG).flatMap(([name, bit]) => (flags & bit ? [name] : []));
}

export type Shebang = { flags: number; length: number } | { error: string };

/** The flags in a script's first line, and how long that is (0 when it isn't a shebang line). */
export function readShebang(body: string): Shebang {
  if (!body.startsWith('#!')) return { flags: UNDECLARED, length: 0 };
  const length = body.indexOf('\n');
  if (length < 0) return { error: 'Invalid script shebang' };
  const line = fromLatin1(body.slice(0, length));
  const parts = splitArguments(line, 0, line.length)?.map((part) => latin1(part));
  if (parts === undefined || parts.length === 0) return { error: 'Invalid engine in script shebang' };
  if (parts[0] !== '#!lua') return { error: `Unexpected engine in script shebang: ${parts[0]}` };
  let flags = 0;
  for (const part of parts.slice(1)) {
    if (!part.startsWith('flags=')) return { error: `Unknown lua shebang option: ${part}` };
    if (part === 'flags=') continue;
    for (const name of part.slice('flags='.length).split(',')) {
      const flag = scriptFlag(name);
      if (flag === undefined) return { error: `Unexpected flag in script shebang: ${name}` };
      flags |= flag;
    }
  }
  return { flags, length };
}

/** A script or function while it runs. */
export class Run {
  /** It has changed data: from then on it can't be refused or killed. */
  wrote = false;
  /** The protocol it wants replies in. */
  resp: 2 | 3 = 2;
  /** Where effects go: a sum of `TO`. */
  targets = 3;
  /** In cluster mode, the slot of the keys used so far; -1 for none. */
  slot = -1;
  /** It has run longer than it may: other clients are being served. */
  overtime = false;
  /** The error that ends it instead of going on. */
  fatal: string | undefined;
  /** It has been interrupted: the caller waits for the reply. */
  suspended = false;
  /** The script's SHA-1, or the function's name. */
  readonly name: string;
  readonly kind: 'eval' | 'function';
  private readonly flags: number;

  constructor(
    task: { readonly name: string; readonly kind: 'eval' | 'function'; readonly flags: number },
    /** Whose request it is. */
    readonly caller: Session,
    /** EVAL_RO and the like. */
    private readonly readOnlyCall: boolean,
    /** Monotonic time in milliseconds. */
    readonly startedAt: number,
    /** Wall clock: the time that the script and its commands see, from first to last. */
    readonly now: number,
  ) {
    this.name = task.name;
    this.kind = task.kind;
    this.flags = task.flags;
  }

  /** Whether it must not write. */
  get readOnly(): boolean {
    return this.readOnlyCall || this.declares('no-writes');
  }

  get allowsOutOfMemory(): boolean {
    return this.declares('allow-oom');
  }

  get allowsCrossSlot(): boolean {
    return this.flags === UNDECLARED || this.declares('allow-cross-slot-keys');
  }

  private declares(flag: keyof typeof SCRIPT_FLAG): boolean {
    return this.flags !== UNDECLARED && (this.flags & SCRIPT_FLAG[flag]) !== 0;
  }
}
