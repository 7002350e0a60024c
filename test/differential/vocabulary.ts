/** What random sequences of commands are made of. */
import type { TestRandom } from '../support/random.js';
import type { Step } from './compare.js';

export interface Vocabulary {
  /** Commands with which every sequence begins. */
  readonly opening?: readonly string[];
  /**
   * Commands, with a mark in front where replies can't be equal (see compare.ts); words in angle brackets are drawn
   * anew each time.
   */
  readonly templates: readonly string[];
  /** What stands for words in angle brackets: one word or several. */
  draw(kind: string, random: TestRandom): string | string[];
}

/** A random sequence of commands, the data's digest at its end. */
export function sequence(
  { opening = [], templates, draw }: Vocabulary,
  length: number,
  random: TestRandom,
): Step[] {
  const steps: Step[] = opening.map((command) => ({ mark: '', words: command.split(' ') }));
  for (let n = 0; n < length; n++) {
    const template = random.pick(templates);
    const mark = /^[~?] /.test(template) ? template[0] : '';
    const words = (mark === '' ? template : template.slice(2))
      .split(' ')
      .flatMap((word) => {
        const kind = /^<(.*)>$/.exec(word)?.[1];
        return kind === undefined ? word : draw(kind, random);
      })
      .map((word) => Buffer.from(word, 'latin1'));
    steps.push({ mark, words });
  }
  steps.push({ mark: '', words: ['DEBUG', 'DIGEST'] });
  return steps;
}
