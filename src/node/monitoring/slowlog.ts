/** The slow log: the last commands that took longer than `slowlog-log-slower-than` microseconds. */
import type { SlowCommand, SlowLogFacility } from '../../commands/facilities/monitoring.js';

const MOST_ARGUMENTS = 32;
const LONGEST_ARGUMENT = 128;

export class SlowLog implements SlowLogFacility {
  readonly entries: SlowCommand[] = [];
  private nextId = 0;

  /** Adds a command, and forgets those that are too many. */
  add(command: Omit<SlowCommand, 'id'>, mostEntries: number): void {
    this.entries.unshift({ ...command, id: this.nextId++, words: shortened(command.words) });
    if (this.entries.length > mostEntries) this.entries.length = mostEntries;
  }

  reset(): void {
    this.entries.length = 0;
  }
}

function shortened(words: readonly string[]): string[] {
  const kept = words.length > MOST_ARGUMENTS ? words.slice(0, MOST_ARGUMENTS - 1) : words;
  const short = kept.map((word) =>
    word.length > LONGEST_ARGUMENT
      ? `${word.slice(0, LONGEST_ARGUMENT)}... (${word.length - LONGEST_ARGUMENT} more bytes)`
      : word,
  );
  if (kept !== words) short.push(`... (${words.length - kept.length} more arguments)`);
  return short;
}
