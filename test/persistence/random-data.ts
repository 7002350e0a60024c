/** Commands that make random keys of every type and encoding: what is exchanged with redis-server. */
import type { TestRandom } from '../support/random.js';

const FAR = 4_000_000_000_000;

type Make = (random: TestRandom, key: string) => string[];

/** A value: short, long and compressible, any bytes, an integer of any width. */
function text(random: TestRandom): string {
  return random.pick([
    () => random.text(12),
    () => 'words and words '.repeat(1 + random.below(12)),
    () => String.fromCharCode(...Array.from({ length: random.below(70) }, () => random.below(256))),
    () => String(random.below(300) - 150),
    () => String(random.uint32() - 2 ** 31),
    () => String(BigInt(random.uint32()) * BigInt(random.uint32()) - 2n ** 62n),
    () => 'x'.repeat(random.below(300)),
  ])();
}

/** Mostly few, so that a hundred thousand keys take minutes. */
const MOST_ELEMENTS = [...Array.from({ length: 32 }, () => 3), 20, 20, 20, 20, 20, 150, 150, 700];

/** Numbers of elements on both sides of where small encodings end. */
function count(random: TestRandom): number {
  return 1 + random.below(random.pick(MOST_ELEMENTS));
}

function elements(random: TestRandom, make: (i: number) => string[]): string[] {
  return Array.from({ length: count(random) }, (_, i) => make(i)).flat();
}

const score = (random: TestRandom) =>
  random.pick([
    () => String(random.below(100)),
    () => String((random.uint32() - 2 ** 31) / 3),
    () => String(random.uint32() * 1e100),
    () => random.pick(['inf', '-inf', '0', '1e-300']),
  ])();

/** A stream with groups whose consumers have been given some entries, have acknowledged some, and some are deleted. */
function* stream(random: TestRandom, key: string): Generator<string[]> {
  const entries = count(random);
  for (let i = 1; i <= entries; i++) {
    const fields = Array.from({ length: 1 + random.below(3) }, (_, n) => [`f${n}`, text(random)]).flat();
    yield ['XADD', key, `${1000 + i}-${random.below(3)}`, ...fields];
  }
  const groups = random.below(3);
  for (let g = 0; g < groups; g++) {
    yield ['XGROUP', 'CREATE', key, `group ${g}`, '0'];
    yield ['XGROUP', 'CREATECONSUMER', key, `group ${g}`, 'idle'];
    for (const consumer of ['a', 'b']) {
      yield ['XREADGROUP', 'GROUP', `group ${g}`, consumer, 'COUNT', '7', 'STREAMS', key, '>'];
    }
    yield ['XACK', key, `group ${g}`, '1003-0', '1004-1', '1010-2'];
  }
  for (let n = random.below(3); n > 0; n--) yield ['XDEL', key, `${1001 + random.below(entries)}-1`];
  if (random.below(5) === 0) yield ['XTRIM', key, 'MAXLEN', '0'];
}

/** How keys of each kind come to be; several times where Redis has several encodings. */
const KINDS: readonly Make[] = [
  (random, key) => ['SET', key, text(random)],
  (random, key) => ['SET', key, text(random), 'PXAT', String(FAR + random.below(1e6))],
  (random, key) => ['RPUSH', key, ...elements(random, () => [text(random)])],
  (random, key) => ['RPUSH', key, ...elements(random, () => [text(random)]), 'long '.repeat(2000)],
  (random, key) => ['SADD', key, ...elements(random, () => [String(random.below(70_000) - 35_000)])],
  (random, key) => ['SADD', key, ...elements(random, () => [text(random)])],
  (random, key) => ['ZADD', key, ...elements(random, (i) => [score(random), `${text(random)}${i}`])],
  (random, key) => ['HSET', key, ...elements(random, (i) => [`${random.text(9)}${i}`, text(random)])],
  (random, key) => ['PFADD', key, ...elements(random, () => [text(random)])],
  (random, key) => ['SETBIT', key, String(random.below(2000)), '1'],
  (random, key) => [
    'GEOADD',
    key,
    ...elements(random, (i) => [`${random.below(170)}`, `${random.below(80)}`, `p${i}`]),
  ],
];

/**
 * Commands that make the keys numbered `from` to `to`, one each, with a SELECT now and then and an expiry for some. Keys
 * with different numbers are never the same.
 */
export function* randomData(random: TestRandom, from: number, to: number): Generator<string[]> {
  for (let i = from; i < to; i++) {
    if (i === from || i % 1000 === 0) yield ['SELECT', String(random.below(4))];
    const key = `${random.text(5)}:${i}`;
    if (random.below(KINDS.length + 1) === 0) yield* stream(random, key);
    else yield random.pick(KINDS)(random, key);
    if (random.below(10) === 0) yield ['PEXPIREAT', key, String(FAR + i)];
  }
}
