/** Sharded subscriptions end on a node when its shard gives their slot up, or it leaves its shard: nothing comes any more. */
import { describe, expect, it } from 'vitest';
import { idOf, type Role, Stage } from './stage.js';

const roles: Role[] = [
  { name: 'a', of: 'b' },
  { name: 'b', slots: [0, 1], epoch: 1 },
  { name: 'c', slots: [10, 11], epoch: 2 },
];

describe('Sharded subscriptions end', () => {
  it('on a replica that is given another master, and not when it is given the one it has', () => {
    const stage = new Stage(roles);
    stage.do(() => stage.cluster.administration.replicate(idOf('b')));
    expect(stage.released).toEqual([]);
    stage.do(() => stage.cluster.administration.replicate(idOf('c')));
    expect(stage.released).toEqual([0, 1]);
  });

  it('on a replica or a master that is reset', () => {
    for (const [name, ...others] of [roles, [roles[1], roles[0], roles[2]]]) {
      const stage = new Stage([name, ...others]);
      stage.do(() => stage.cluster.administration.reset(false));
      expect(stage.released).toEqual([0, 1]);
    }
  });

  it('not on a replica that takes the place of its master', () => {
    const stage = new Stage(roles);
    stage.do(() => stage.cluster.administration.failover('takeover'));
    expect(stage.cluster.myself.slotCount).toBe(2);
    expect(stage.released).toEqual([]);
  });
});
