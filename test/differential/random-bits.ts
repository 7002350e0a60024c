/** Random bit operations: rows of bits of all lengths, integers of all widths. */
import type { TestRandom } from '../support/random.js';
import type { Vocabulary } from './vocabulary.js';

const templates = [
  'SETBIT <key> <bit> 1',
  'SETBIT <key> <bit> 0',
  'GETBIT <key> <bit>',
  'SET <key> <bytes>',
  'APPEND <key> <bytes>',
  'BITCOUNT <key>',
  'BITCOUNT <key> <index> <index>',
  'BITCOUNT <key> <index> <index> BIT',
  'BITPOS <key> 0',
  'BITPOS <key> 1',
  'BITPOS <key> 0 <index>',
  'BITPOS <key> 1 <index>',
  'BITPOS <key> 0 <index> <index>',
  'BITPOS <key> 1 <index> <index> BYTE',
  'BITPOS <key> 0 <index> <index> BIT',
  'BITPOS <key> 1 <index> <index> BIT',
  'BITOP <operation> <key> <key> <key> <key>',
  'BITOP NOT <key> <key>',
  'BITFIELD <key> GET <type> <bit> GET <type> <place>',
  'BITFIELD <key> SET <type> <bit> <integer>',
  'BITFIELD <key> OVERFLOW <overflow> SET <type> <bit> <integer> INCRBY <type> <place> <integer>',
  'BITFIELD <key> OVERFLOW <overflow> INCRBY <type> <place> <integer>',
  'BITFIELD_RO <key> GET <type> <bit>',
  'DEL <key>',
  'GET <key>',
];

function draw(kind: string, random: TestRandom): string {
  switch (kind) {
    case 'key':
      return `k${random.below(5)}`;
    case 'bit':
      return String(random.below(random.pick([40, 4000])));
    case 'place':
      return `#${random.below(20)}`;
    case 'bytes': {
      const byte = random.pick(['\0', '\xff']).repeat(random.below(random.pick([5, 600])));
      return byte + random.text(random.below(20), '\0\x01\x80\xff\xaa') + byte;
    }
    case 'index':
      return String(random.below(random.pick([20, 2000])) - random.pick([0, 1000]));
    case 'operation':
      return random.pick(['AND', 'OR', 'XOR']);
    case 'type':
      return random.below(2) === 0 ? `i${1 + random.below(64)}` : `u${1 + random.below(63)}`;
    case 'overflow':
      return random.pick(['WRAP', 'SAT', 'FAIL']);
    default:
      return random.pick([
        () => String(random.below(300) - 150),
        () => String((BigInt(random.uint32()) << 31n) | BigInt(random.uint32() >>> 1)),
        () => `-${(BigInt(random.uint32()) << 31n) | 1n}`,
        () => '9223372036854775807',
        () => '-9223372036854775808',
      ])();
  }
}

export const bits: Vocabulary = { templates, draw };
