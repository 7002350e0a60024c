import { describe, expect, it } from 'vitest';
import { encodeCommand } from './encode.js';
import { keyRange, slotOf, slotOfCommand } from './keys.js';
import { infoOf } from './routing.js';
import { combine, gather, splitBySlot } from './scatter.js';

function split(...args: string[]) {
  return splitBySlot(args, keyRange(infoOf(args[0], args.slice(1)), args)!);
}

describe('commands over several slots', () => {
  it('finds keys by position, by distance and by count', () => {
    const keys = (...args: string[]) => keyRange(infoOf(args[0], args.slice(1)), args);
    expect(keys('GET', 'a')).toEqual({ first: 1, last: 1, step: 1 });
    expect(keys('MSET', 'a', '1', 'b', '2')).toMatchObject({ first: 1, step: 2 });
    expect(keys('EVAL', 'script', '2', 'a', 'b', 'x')).toEqual({ first: 3, last: 4, step: 1 });
    expect(keys('EVAL', 'script', '0', 'x')).toBeUndefined();
    expect(keys('BLPOP', 'a', 'b', '0')).toEqual({ first: 1, last: 2, step: 1 });
    expect(keys('PING')).toBeUndefined();
    expect(slotOfCommand(infoOf('object', ['encoding', 'k']), ['object', 'encoding', 'k'])).toBe(slotOf('k'));
  });

  it('keeps keys of one slot together, with what belongs to them', () => {
    const parts = split('MSET', '{a}1', 'x', 'b', 'y', '{a}2', 'z');
    expect(parts).toEqual([
      { slot: slotOf('a'), payload: encodeCommand(['MSET', '{a}1', 'x', '{a}2', 'z']), keys: [0, 2] },
      { slot: slotOf('b'), payload: encodeCommand(['MSET', 'b', 'y']), keys: [1] },
    ]);
  });

  it('sends keys beyond ASCII as they are', () => {
    expect(split('DEL', 'ä', 'b')[0]).toMatchObject({ payload: encodeCommand(['DEL', 'ä']) });
  });

  it('puts values back in the order of the keys', () => {
    const parts = split('MGET', 'a', 'b', '{a}c');
    expect(gather(infoOf('MGET', []), parts, [['1', '3'], ['2']])).toEqual(['1', '2', '3']);
  });

  it('makes answers one', () => {
    expect(combine('sum', [1, 2, 3])).toBe(6);
    expect(combine('min', [3, 1, 2])).toBe(1);
    expect(combine('concatenate', [['a'], ['b', 'c']])).toEqual(['a', 'b', 'c']);
    expect(combine('all-succeeded', ['OK', 'OK'])).toBe('OK');
  });
});
