/** Random places and searches among them; see random.test.ts. */
import type { TestRandom } from '../support/random.js';
import type { Vocabulary } from './vocabulary.js';

const templates = [
  'GEOADD <key> <place> <member>',
  'GEOADD <key> <many>',
  'GEOADD <key> <many>',
  'GEOADD <key> CH XX <place> <member>',
  'GEOPOS <key> <member> <member>',
  'GEOHASH <key> <member>',
  'GEODIST <key> <member> <member> <unit>',
  'GEOSEARCH <key> FROMLONLAT <place> BYRADIUS <size> <unit> ASC WITHDIST',
  'GEOSEARCH <key> FROMLONLAT <place> BYRADIUS <size> <unit>',
  'GEOSEARCH <key> FROMMEMBER <member> BYBOX <size> <size> <unit> WITHCOORD WITHHASH',
  'GEOSEARCH <key> FROMLONLAT <place> BYBOX <size> <size> <unit> COUNT 7 ANY',
  'GEOSEARCH <key> FROMLONLAT <place> BYRADIUS <size> <unit> COUNT 3 ANY',
  'GEORADIUS <key> <place> <size> <unit> DESC COUNT 5',
  // No STOREDIST: sines differ in the last bit from one C library to the next.
  'GEORADIUSBYMEMBER <key> <member> <size> <unit> STORE <key>',
  'GEOSEARCHSTORE <key> <key> FROMLONLAT <place> BYRADIUS <size> km',
  'ZREM <key> <member>',
  'DEL <key>',
];

function draw(kind: string, random: TestRandom): string | string[] {
  const fraction = () => random.uint32() / 2 ** 32;
  switch (kind) {
    case 'key':
      return `g${random.below(3)}`;
    case 'member':
      return `m${random.below(200)}`;
    case 'place':
      return random.below(2) === 0
        ? [(fraction() * 360 - 180).toFixed(6), (fraction() * 170 - 85).toFixed(6)]
        : [(13 + fraction()).toFixed(5), (52 + fraction()).toFixed(5)];
    case 'many':
      return Array.from({ length: 1 + random.below(80) }, () => [
        ...draw('place', random),
        draw('member', random) as string,
      ]).flat();
    case 'size':
      return String(random.pick([0, 1, 20, 500, 3000, 12_000, 30_000]) * (1 + random.below(100)) * 0.5);
    default:
      return random.pick(['m', 'km', 'km', 'mi', 'ft']);
  }
}

export const geo: Vocabulary = { templates, draw };
