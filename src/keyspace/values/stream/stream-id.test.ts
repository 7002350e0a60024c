import { describe, expect, it } from 'vitest';
import { type TestRandom, testSeed, withSeed } from '../../../../test/support/random.js';
import { allocate, fromLatin1, latin1 } from '../../../protocol/bytes.js';
import { ID_BYTES, ID_TEXT_BYTES, StreamId } from './stream-id.js';

const FILE = 'src/keyspace/values/stream/stream-id.test.ts';
const MASK = 2n ** 64n - 1n;
const GREATEST = 2n ** 128n - 1n;
const GREATEST_WORD = 2 ** 32 - 1;

function parse(text: string, missing = 0): string {
  const bytes = fromLatin1(`<${text}>`);
  const id = new StreamId();
  const form = id.parse(bytes, 1, bytes.length - 1, missing);
  return form === 'invalid' ? form : `${form} ${id}`;
}

function idOf(value: bigint): StreamId {
  const id = new StreamId();
  id.ms = value >> 64n;
  id.seq = value & MASK;
  return id;
}

function bitsOf(id: StreamId): bigint {
  return (id.ms << 64n) | id.seq;
}

/** 128 bits, near the edges of words more often than not. */
function value(random: TestRandom): bigint {
  let bits = 0n;
  for (let n = 0; n < 4; n++) {
    const word = random.pick([0, 1, 2, GREATEST_WORD - 1, GREATEST_WORD, random.uint32()]);
    bits = (bits << 32n) | BigInt(word);
  }
  return bits;
}

describe('an ID as text', () => {
  it('is two numbers, or one', () => {
    expect(parse('5-7')).toBe('whole 5-7');
    expect(parse('5')).toBe('milliseconds 5-0');
    expect(parse('5', GREATEST_WORD)).toBe('milliseconds 5-18446744073709551615');
    expect(parse('5-*')).toBe('next 5-0');
    expect(parse('18446744073709551615-9007199254740993')).toBe(
      'whole 18446744073709551615-9007199254740993',
    );
  });

  it('is as liberal as strtoull', () => {
    expect(parse(' 5-+7')).toBe('whole 5-7');
    expect(parse('05-007')).toBe('whole 5-7');
    expect(parse('5--07')).toBe('whole 5-18446744073709551609');
    expect(parse('5-7\0anything')).toBe('whole 5-7');
    expect(parse('5\0-7')).toBe('milliseconds 5-0');
  });

  it.each([
    '',
    '-',
    '+',
    '*',
    '-5',
    'x',
    '5-',
    '5-x',
    '5--7',
    '5-7-9',
    '5 -7',
    '5-*x',
    '18446744073709551616',
  ])('is not %j', (text) => {
    expect(parse(text)).toBe('invalid');
  });

  it('is not longer than 127 bytes', () => {
    expect(parse(`${'0'.repeat(125)}-5`)).toBe('whole 0-5');
    expect(parse(`${'0'.repeat(126)}-5`)).toBe('invalid');
  });
});

describe('an ID', () => {
  it('computes as a number of 128 bits', () => {
    withSeed(testSeed(1), FILE, (random) => {
      const text = allocate(ID_TEXT_BYTES);
      const raw = allocate(ID_BYTES);
      for (let n = 0; n < 1000; n++) {
        const a = value(random);
        const b = random.below(3) === 0 ? a : value(random);
        const id = idOf(a);
        expect(Math.sign(id.compare(idOf(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(id.isZero).toBe(a === 0n);
        expect(id.isMax).toBe(a === GREATEST);
        expect(id.lastOfTime).toBe((a & MASK) === MASK);

        expect(latin1(text, 0, id.write(text, 0))).toBe(`${a >> 64n}-${a & MASK}`);
        expect(parse(String(id))).toBe(`whole ${id}`);
        id.writeBytes(raw, 0);
        expect(bitsOf(new StreamId().readBytes(raw, 0))).toBe(a);

        const next = id.clone();
        expect(next.increment()).toBe(a !== GREATEST);
        expect(bitsOf(next)).toBe((a + 1n) & GREATEST);
        const previous = id.clone();
        expect(previous.decrement()).toBe(a !== 0n);
        expect(bitsOf(previous)).toBe((a - 1n) & GREATEST);

        const other = idOf(b);
        checkDifference(id.msSince(other), id.ms, other.ms);
        checkDifference(id.seqSince(other), id.seq, other.seq);
        const ms = random.uint32() * random.pick([1, -1, 2 ** 19]);
        const seq = random.uint32() * random.pick([1, -1, -(2 ** 19)]);
        const sum = id.clone();
        sum.add(ms, seq);
        expect(sum.ms).toBe((id.ms + BigInt(ms)) & MASK);
        expect(sum.seq).toBe((id.seq + BigInt(seq)) & MASK);
      }
    });
  });
});

/** NaN where the difference isn't a safe integer. */
function checkDifference(difference: number, a: bigint, b: bigint): void {
  const exact = BigInt.asIntN(64, a - b);
  expect(difference).toBe(Number.isSafeInteger(Number(exact)) ? Number(exact) : Number.NaN);
}
