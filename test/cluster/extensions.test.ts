/** What heartbeats carry beside gossip: ours, and those of later versions. */
import { describe, expect, it } from 'vitest';
import { HEADER_SIZE, MessageFlag } from '../../src/protocol/bus-frame.js';
import { type Bytes, writeLatin1 } from '../../src/protocol/bytes.js';
import { idOf, type Role, Stage } from './stage.js';

const roles: Role[] = [
  { name: 'a', of: 'b' },
  { name: 'b', slots: [0, 9], epoch: 1 },
  { name: 'c', slots: [10, 19], epoch: 2 },
  { name: 'd', slots: [20, 29], epoch: 3 },
];

/** A heartbeat of `from` that says it was told to forget a node so many seconds before it may come back. */
function forgetting(stage: Stage, from: string, name: string, seconds: number): Bytes {
  const frame = stage.frame(from, { type: 'ping', gossip: [], hostname: 'x'.repeat(40) });
  frame[HEADER_SIZE + 5] = 2;
  writeLatin1(frame, idOf(name), HEADER_SIZE + 8);
  frame[HEADER_SIZE + 55] = seconds;
  return frame;
}

const mention = (name: string) =>
  ({
    type: 'ping',
    hostname: '',
    gossip: [
      {
        id: idOf(name),
        pingSent: 0,
        pongReceived: 0,
        ip: '10.0.0.4',
        port: 7000,
        plainPort: 0,
        busPort: 17000,
        flags: 1,
      },
    ],
  }) as const;

describe('A node', () => {
  it('says that it reads extensions, without which Valkey sends none', () => {
    const stage = new Stage(roles);
    expect(stage.spoken.length).toBeGreaterThan(0);
    for (const { frame } of stage.spoken)
      expect(frame.header.messageFlags & MessageFlag.EXTENSIONS).toBe(MessageFlag.EXTENSIONS);
  });

  it('forgets whom others were told to forget, for as long as they do', () => {
    const stage = new Stage(roles);
    stage.hearBytes('c', forgetting(stage, 'c', 'd', 20));
    expect(stage.cluster.node(idOf('d'))).toBeUndefined();
    expect(stage.saved).not.toContain(idOf('d'));
    stage.now += 19_000;
    stage.hear('c', mention('d'));
    expect(stage.cluster.node(idOf('d'))).toBeUndefined();
    stage.now += 2000;
    stage.hear('c', mention('d'));
    expect(stage.cluster.node(idOf('d'))).toBeDefined();
  });

  it('forgets neither itself nor its master, nor anybody on the word of a stranger', () => {
    const stage = new Stage(roles);
    for (const name of ['a', 'b', 'c']) stage.hearBytes('c', forgetting(stage, 'c', name, 60));
    const stranger = forgetting(stage, 'c', 'd', 60);
    writeLatin1(stranger, idOf('s'), 40);
    stage.hearBytes('c', stranger);
    for (const name of ['a', 'b', 'c', 'd']) expect(stage.cluster.node(idOf(name))).toBeDefined();
  });
});
