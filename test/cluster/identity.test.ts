/** Frames of somebody else than the place they come from would suggest, and what others say about this node. */
import { describe, expect, it } from 'vitest';
import { NodeFlag } from '../../src/protocol/bus-frame.js';
import { idOf, type Role, Stage } from './stage.js';

const pong = { type: 'pong', gossip: [], hostname: '' } as const;
const roles: Role[] = [
  { name: 'a', slots: [0, 9], epoch: 1 },
  { name: 'b', slots: [10, 19], epoch: 2 },
  { name: 'c', slots: [20, 29], epoch: 9 },
];

describe('A node that answers at the address of another', () => {
  it('teaches nothing about that one but that it is not there', () => {
    const stage = new Stage(roles);
    stage.hearAt('b', 'c', pong);
    const b = stage.cluster.node(idOf('b'))!;
    expect([b.configEpoch, b.ip, b.has(NodeFlag.NOADDR), b.link]).toEqual([2, '', true, null]);
    expect(stage.cluster.nodeOfSlot(10)).toBe(b);
    expect(stage.cluster.node(idOf('c'))!.configEpoch).toBe(9);
  });
});

describe('A node that is to be met', () => {
  it('is told so on every connection until it has answered: who is only pinged takes nobody in', () => {
    const stage = new Stage(roles);
    stage.do(() => stage.cluster.administration.forget(idOf('b')));
    stage.do(() => stage.cluster.administration.meet('10.0.0.2', 7000, 17000));
    stage.spoken.length = 0;
    stage.pass(100);
    stage.connect('b');
    stage.disconnect('b');
    stage.pass(100);
    stage.connect('b');
    stage.hearAt('b', 'b', pong);
    stage.disconnect('b');
    stage.pass(100);
    stage.connect('b');
    const said = stage.spoken.filter(({ to }) => to === 'b').map(({ frame }) => frame.body.type);
    expect(said).toEqual(['meet', 'meet', 'ping']);
  });
});

describe('A node that reaches itself', () => {
  const mention = { id: idOf('b'), pingSent: 0, pongReceived: 0, ip: '10.0.0.2', port: 7000, plainPort: 0 };
  const flags = NodeFlag.MASTER | NodeFlag.PFAIL;
  const ping = { type: 'ping', gossip: [{ ...mention, busPort: 17000, flags }], hostname: '' } as const;

  it('has one voice only when it comes to failures', () => {
    const stage = new Stage(roles);
    stage.pass(2000);
    const b = stage.cluster.node(idOf('b'))!;
    stage.hear('a', ping);
    expect([b.isSuspected, b.isFailed]).toEqual([true, false]);
    stage.hear('c', ping);
    expect(b.isFailed).toBe(true);
  });
});

describe('An UPDATE about this node', () => {
  const update = { type: 'update', nodeId: idOf('a'), configEpoch: 7, slots: new Uint8Array(2048) } as const;

  it('makes no master of a replica', () => {
    const stage = new Stage([{ name: 'a', of: 'b' }, ...roles.slice(1)]);
    stage.hear('c', update);
    expect(stage.cluster.myself.master?.id).toBe(idOf('b'));
  });

  it('tells a master of an epoch that it has had and lost, and takes none of its slots', () => {
    const stage = new Stage(roles);
    stage.hear('c', update);
    expect([stage.cluster.myself.configEpoch, stage.cluster.myself.slotCount]).toEqual([7, 10]);
  });
});
