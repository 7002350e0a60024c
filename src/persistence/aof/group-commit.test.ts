import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../test/support/virtual-time.js';
import { GroupCommit } from './group-commit.js';

function makeGroup() {
  const time = new VirtualTime();
  let begun = 0;
  const group = new GroupCommit(time.schedule, () => begun++);
  return { group, time, begun: () => begun };
}

describe('group commit', () => {
  it('never lets a client alone wait', () => {
    const { group } = makeGroup();
    for (let i = 0; i < 10; i++) {
      expect(group.isWhole(1)).toBe(true);
      group.ended(1, 0);
    }
  });

  it('makes one group of two that take turns', () => {
    const { group, time, begun } = makeGroup();
    expect(group.isWhole(20)).toBe(true);
    group.ended(20, 30);
    expect([30, 37, 49].map((waiting) => group.isWhole(waiting))).toEqual([false, false, false]);
    expect(group.isWhole(50)).toBe(true);
    group.ended(50, 0);
    expect(group.isWhole(49)).toBe(false);
    expect(group.isWhole(50)).toBe(true);
    time.advance(100);
    expect(begun()).toBe(0);
  });

  it('waits three milliseconds at most, and then not again for as many fsyncs as it has been wrong, up to 64', () => {
    const { group, time, begun } = makeGroup();
    const atOnce: number[] = [];
    for (let disappointment = 1; disappointment <= 9; disappointment++) {
      group.ended(20, 0);
      expect(group.isWhole(1)).toBe(false);
      time.advance(2);
      expect(begun()).toBe(disappointment - 1);
      time.advance(1);
      expect(begun()).toBe(disappointment);
      let count = 0;
      for (group.ended(20, 0); group.isWhole(1); group.ended(20, 0)) count++;
      atOnce.push(count);
      group.reset();
    }
    expect(atOnce).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64]);
  });
});
