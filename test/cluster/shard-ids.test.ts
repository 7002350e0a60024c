/** Shard ids, which Redis has since 7.2: what a node tells, to whom, and what stays. */
import { describe, expect, it } from 'vitest';
import { MessageFlag } from '../../src/protocol/bus-frame.js';
import { idOf, type Role, Stage } from './stage.js';

const b: Role = { name: 'b', slots: [0, 9], epoch: 1 };
const c: Role = { name: 'c', slots: [10, 19], epoch: 2 };
const replica: Role = { name: 'a', of: 'b' };
const ping = { type: 'ping', gossip: [], hostname: '' } as const;
const fromB = { ...ping, shardId: idOf('s') };
const EXTENSIONS = { messageFlags: MessageFlag.EXTENSIONS };

/** The shard id that the node tells another now; undefined for none. */
function told(stage: Stage, name: string): string | undefined {
  stage.spoken.length = 0;
  stage.pass(1000);
  const [heartbeat] = stage.saidTo(name, 'ping');
  if (heartbeat?.type !== 'ping') throw new Error(`no ping to ${name}`);
  return heartbeat.shardId?.[0];
}

/** C answers, so that it is pinged again. */
function heard(stage: Stage): Stage {
  stage.hearAt('c', 'c', { type: 'pong', gossip: [], hostname: '', shardId: idOf('t') });
  return stage;
}

describe('A shard id', () => {
  it('is that of the node itself on a master', () => {
    expect(told(heard(new Stage([{ name: 'a', slots: [0, 9] }, c])), 'c')).toBe('a');
  });

  it('is what the master tells on a replica, and none while it tells none', () => {
    const stage = new Stage([replica, b, c]);
    expect(told(heard(stage), 'c')).toBeUndefined();
    stage.hear('b', fromB);
    expect(told(heard(stage), 'c')).toBe('s');
    stage.do(() => stage.cluster.administration.replicate(idOf('c')));
    expect(told(heard(stage), 'c')).toBe('t');
  });

  it('stays when the replica takes its place, and over a restart', () => {
    const stage = new Stage([replica, b, c]);
    stage.hear('b', fromB);
    stage.do(() => stage.cluster.administration.failover('takeover'));
    expect(stage.saved).toMatch(new RegExp(`^vars .* shardId ${idOf('s')}$`, 'm'));
    stage.restart();
    expect(told(heard(stage), 'c')).toBe('s');
    stage.do(() => stage.cluster.administration.reset(false));
    expect(stage.saved).not.toContain('shardId');
  });

  it('is a new one when the replica of a node without one takes its place', () => {
    const stage = new Stage([replica, b, c]);
    stage.do(() => stage.cluster.administration.failover('takeover'));
    expect(told(heard(stage), 'c')).toBe('a');
  });

  it('is not told to redis-server 7.0, which shows by its heartbeats that it has none', () => {
    const stage = new Stage([{ name: 'a', slots: [0, 9] }, c]);
    const answer = (hostname: string, flags: object) => {
      stage.hear('c', { ...ping, hostname }, flags);
      stage.hearAt('c', 'c', { type: 'pong', gossip: [], hostname }, flags);
    };
    answer('', {});
    expect(told(stage, 'c')).toBeUndefined();
    answer('c.example', EXTENSIONS);
    expect(told(stage, 'c')).toBeUndefined();
    // Valkey, as long as it doesn't know us.
    answer('', EXTENSIONS);
    expect(told(stage, 'c')).toBe('a');
  });
});

it('A node says that it reads extensions, without which Valkey sends it none', () => {
  const stage = new Stage([replica, b, c]);
  expect(stage.spoken.length).toBeGreaterThan(0);
  for (const { frame } of stage.spoken) expect(frame.header.messageFlags).toBe(MessageFlag.EXTENSIONS);
});
