/**
 * Argument hints in grey behind the cursor, which readline does not have: wiped before it handles a key, drawn
 * again after.
 */
import type { Interface } from 'node:readline';
import { type CommandDoc, hint } from './command-docs.js';

const GREY = '\x1b[90m';
const RESET = '\x1b[0m';
const CLEAR_TO_END = '\x1b[0J';

export class HintDisplay {
  readonly #editor: Interface;
  readonly #docs: () => readonly CommandDoc[];
  #shown = false;

  constructor(editor: Interface, docs: () => readonly CommandDoc[]) {
    this.#editor = editor;
    this.#docs = docs;
    process.stdin.prependListener('keypress', this.clear);
    process.stdin.on('keypress', this.#draw);
    editor.once('close', () => {
      this.clear();
      process.stdin.off('keypress', this.clear);
      process.stdin.off('keypress', this.#draw);
    });
  }

  readonly clear = (): void => {
    if (!this.#shown) return;
    process.stdout.write(CLEAR_TO_END);
    this.#shown = false;
  };

  readonly #draw = (_text: string | undefined, key: { name?: string } | undefined): void => {
    if (key?.name === 'return' || key?.name === 'enter') return;
    const { line, cursor } = this.#editor;
    if (line === '' || cursor !== line.length) return;
    const text = hint(line, this.#docs());
    // Only as much as fits on the row: a hint must not scroll the screen.
    const room = process.stdout.columns - this.#editor.getCursorPos().cols - 1;
    const visible = text?.slice(0, Math.max(0, room));
    if (!visible) return;
    process.stdout.write(`${GREY}${visible}${RESET}\x1b[${visible.length}D`);
    this.#shown = true;
  };
}
