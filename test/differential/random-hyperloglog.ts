/** Random elements into HyperLogLogs: every byte of the sparse form and its way to the dense one. */
import type { TestRandom } from '../support/random.js';
import type { Vocabulary } from './vocabulary.js';

const templates = [
  'PFADD <key> <element>',
  'PFADD <key> <elements>',
  'PFADD <key> <elements>',
  'PFCOUNT <key>',
  'PFCOUNT <key> <key>',
  'PFMERGE <key> <key> <key>',
  'PFDEBUG ENCODING <key>',
  'GET <key>',
  'DEL <rare>',
];

function draw(kind: string, random: TestRandom): string | string[] {
  if (kind === 'key') return `k${random.below(3)}`;
  if (kind === 'rare') return `k${random.below(20)}`;
  const element = () => random.text(random.below(24), '\0\x01\x7f\x80\xffabc');
  return kind === 'element' ? element() : Array.from({ length: random.below(8) }, element);
}

export const hyperloglogs: Vocabulary = { templates, draw };
