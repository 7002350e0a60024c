/**
 * The rules of elections and of failure agreement, case by case: sentences of the cluster specification, "Masters
 * reply to replica vote request", "Replica election and promotion" and "Failure detection".
 */
import { describe, expect, it } from 'vitest';
import { includeSlot } from '../../src/cluster/slot-bitmap.js';
import { type BusBody, MessageFlag, NodeFlag } from '../../src/protocol/bus-frame.js';
import { idOf, type Role, Stage } from './stage.js';

const voter: Role = { name: 'a', slots: [0, 99], epoch: 1 };
const deadB: Role = { name: 'b', slots: [100, 199], epoch: 2, failed: true };
const deadC: Role = { name: 'c', slots: [200, 299], epoch: 3, failed: true };
const replicaOfB: Role = { name: 'd', of: 'b' };
const replicaOfC: Role = { name: 'e', of: 'c' };
const cast = [voter, deadB, deadC, replicaOfB, replicaOfC];

const request = { type: 'auth-req' } as const;
const votes = (stage: Stage, name: string) => stage.saidTo(name, 'auth-ack').length;

describe('A master that is asked for its vote', () => {
  it('votes a single time for a given epoch', () => {
    const stage = new Stage(cast);
    stage.hear('d', request, { currentEpoch: 6 });
    stage.hear('e', request, { currentEpoch: 6 });
    expect([votes(stage, 'd'), votes(stage, 'e')]).toEqual([1, 0]);
    stage.hear('e', request, { currentEpoch: 7 });
    expect(votes(stage, 'e')).toBe(1);
  });

  it('does not vote again for the epoch after a restart', () => {
    const stage = new Stage(cast);
    stage.hear('d', request, { currentEpoch: 6 });
    stage.restart();
    stage.hear('e', request, { currentEpoch: 6 });
    expect(votes(stage, 'e')).toBe(0);
  });

  it('has its vote on disk when the vote leaves', () => {
    const stage = new Stage(cast);
    stage.hear('d', request, { currentEpoch: 6 });
    const ack = stage.spoken.find(({ frame }) => frame.body.type === 'auth-ack');
    expect(ack?.saved).toContain('vars currentEpoch 6 lastVoteEpoch 6');
  });

  it('has it on disk also when the epoch was known before', () => {
    const stage = new Stage(cast);
    stage.hear('e', { type: 'ping', gossip: [], hostname: '' }, { currentEpoch: 6 });
    stage.hear('d', request, { currentEpoch: 6 });
    const ack = stage.spoken.find(({ frame }) => frame.body.type === 'auth-ack');
    expect(ack?.saved).toContain('vars currentEpoch 6 lastVoteEpoch 6');
  });

  it('refuses an epoch that is behind its own', () => {
    const stage = new Stage(cast, 9);
    stage.hear('d', request, { currentEpoch: 8 });
    expect(votes(stage, 'd')).toBe(0);
  });

  it('votes only if the master of the replica is flagged FAIL, or for a manual failover', () => {
    const stage = new Stage([voter, { ...deadB, failed: false }, deadC, replicaOfB]);
    stage.hear('d', request, { currentEpoch: 6 });
    expect(votes(stage, 'd')).toBe(0);
    stage.hear('d', request, { currentEpoch: 6, messageFlags: MessageFlag.FORCE_ACK });
    expect(votes(stage, 'd')).toBe(1);
  });

  it('takes the word of the request itself that a node which it knows as a master is a replica now', () => {
    const stage = new Stage([voter, { ...deadB, failed: false }, deadC, { name: 'd' }]);
    const header = { masterId: idOf('b'), configEpoch: 2, messageFlags: MessageFlag.FORCE_ACK };
    stage.hear('d', request, { currentEpoch: 6, ...header });
    expect(votes(stage, 'd')).toBe(1);
  });

  it('votes for no second replica of the same master before two node timeouts', () => {
    const stage = new Stage([...cast, { name: 'f', of: 'b' }]);
    stage.hear('d', request, { currentEpoch: 6 });
    stage.now += 1900;
    stage.hear('f', request, { currentEpoch: 7 });
    expect(votes(stage, 'f')).toBe(0);
    stage.now += 100;
    stage.hear('f', request, { currentEpoch: 8 });
    expect(votes(stage, 'f')).toBe(1);
  });

  it('refuses a candidate that claims slots under an older config epoch, and tells it the newer one', () => {
    const stage = new Stage(cast);
    stage.hear('d', request, { currentEpoch: 6, configEpoch: 1 });
    expect(votes(stage, 'd')).toBe(0);
    expect(stage.saidTo('d', 'update')).toMatchObject([{ nodeId: idOf('b'), configEpoch: 2 }]);
  });

  it('has no vote while it serves no slot, nor as a replica', () => {
    for (const self of [{ name: 'a' }, { name: 'a', of: 'c' }]) {
      const stage = new Stage([self, deadB, deadC, replicaOfB]);
      stage.hear('d', request, { currentEpoch: 6 });
      expect(votes(stage, 'd')).toBe(0);
    }
  });
});

describe('A replica that stands for election', () => {
  const candidate: Role = { name: 'd', of: 'b' };
  const masters: Role[] = ['a', 'c', 'f', 'g'].map((name, i) => ({
    name,
    slots: [300 + i, 300 + i],
    epoch: 10 + i,
  }));
  const vote = { type: 'auth-ack' } as const;

  /** Five masters, one failed: three votes make a majority. */
  function standing(): Stage {
    const stage = new Stage([candidate, deadB, ...masters, { name: 'e', of: 'c' }], 20);
    stage.pass(700);
    expect(stage.saidTo('a', 'auth-req')).toHaveLength(1);
    expect(stage.cluster.currentEpoch).toBe(21);
    return stage;
  }

  const isMaster = (stage: Stage) => stage.cluster.myself.isMaster;

  it('wins with the votes of the majority of masters, under the epoch of the election', () => {
    const stage = standing();
    stage.hear('a', vote);
    stage.hear('c', vote);
    expect(isMaster(stage)).toBe(false);
    stage.hear('f', vote);
    expect(isMaster(stage)).toBe(true);
    expect(stage.cluster.myself).toMatchObject({ configEpoch: 21, slotCount: 100 });
    const pong = stage.spoken.findLast(({ frame }) => frame.body.type === 'pong');
    expect(pong?.saved).toMatch(/^d{40} \S+ myself,master - \d+ \d+ 21 connected 100-199$/m);
  });

  it('counts a master once, replicas not at all, and only votes of this epoch', () => {
    const stage = standing();
    stage.hear('a', vote);
    stage.hear('a', vote);
    stage.hear('e', vote);
    stage.hear('c', vote, { currentEpoch: 20 });
    stage.hear('f', vote);
    expect(isMaster(stage)).toBe(false);
    stage.hear('g', vote);
    expect(isMaster(stage)).toBe(true);
  });

  it('asks under an epoch that it has on disk with the next tick, or before it tells that it has won', () => {
    const stage = standing();
    const saidIn = (type: BusBody['type']) =>
      stage.spoken.findLast(({ frame: { body } }) => body.type === type)?.saved;
    expect(saidIn('auth-req')).toContain('vars currentEpoch 20 lastVoteEpoch 0\n');
    for (const name of ['a', 'c', 'f']) stage.hear(name, vote);
    expect(saidIn('pong')).toContain('vars currentEpoch 21 lastVoteEpoch 21\n');

    const unheard = standing();
    unheard.pass(100);
    expect(unheard.saved).toContain('vars currentEpoch 21 lastVoteEpoch 21\n');
  });

  it('wins an epoch a single time, although it has lost it with its power and asks under it again (R4)', () => {
    const stage = standing();
    stage.saved = stage.spoken.find(({ frame: { body } }) => body.type === 'auth-req')!.saved;
    stage.restart();
    stage.pass(700);
    expect(stage.cluster.currentEpoch).toBe(21);
    stage.hear('e', request, { currentEpoch: 21, messageFlags: MessageFlag.FORCE_ACK });
    for (const name of ['a', 'c', 'f']) stage.hear(name, vote);
    stage.hear('e', request, { currentEpoch: 21, messageFlags: MessageFlag.FORCE_ACK });
    expect(votes(stage, 'e')).toBe(0);
    expect(stage.saved).toContain('vars currentEpoch 21 lastVoteEpoch 21\n');
  });

  it('has no vote left for another candidate of the epoch that it has won (R4)', () => {
    const stage = standing();
    for (const name of ['a', 'c', 'f']) stage.hear(name, vote);
    const other = { configEpoch: 11, messageFlags: MessageFlag.FORCE_ACK };
    stage.hear('e', request, { ...other, currentEpoch: 21 });
    expect(votes(stage, 'e')).toBe(0);
    stage.hear('e', request, { ...other, currentEpoch: 22 });
    expect(votes(stage, 'e')).toBe(1);
  });

  it('is not promoted a second time by the same votes', () => {
    const stage = standing();
    for (const name of ['a', 'c', 'f']) stage.hear(name, vote);
    // Its old master is back with a newer claim, and fails once more.
    const ping = { type: 'ping', gossip: [], hostname: '' } as const;
    stage.hear('b', ping, { configEpoch: 30, currentEpoch: 30 });
    expect(isMaster(stage)).toBe(false);
    stage.hear('a', { type: 'fail', nodeId: idOf('b') });
    stage.hear('g', vote, { currentEpoch: 21 });
    stage.pass(500);
    expect(isMaster(stage)).toBe(false);
    expect(stage.events.filter(({ type }) => type === 'election-won')).toHaveLength(1);
  });

  it('tries again only after twice the time that votes count', () => {
    const stage = standing();
    stage.pass(3000);
    expect(stage.saidTo('a', 'auth-req')).toHaveLength(1);
    stage.pass(2000);
    expect(stage.saidTo('a', 'auth-req')).toHaveLength(2);
  });
});

describe('FAIL', () => {
  const masters: Role[] = ['a', 'b', 'c', 'd', 'e'].map((name, i) => ({ name, slots: [i, i], epoch: i + 1 }));
  const roles = [...masters, { name: 'f', of: 'a' }];
  const report = (name: string) =>
    ({
      type: 'ping',
      hostname: '',
      gossip: [
        {
          id: idOf(name),
          pingSent: 0,
          pongReceived: 0,
          ip: '10.0.0.2',
          port: 7000,
          plainPort: 0,
          busPort: 17000,
          flags: NodeFlag.MASTER | NodeFlag.PFAIL,
        },
      ],
    }) as const;

  /** A can't reach anybody for longer than the node timeout. */
  function suspecting(): Stage {
    const stage = new Stage(roles);
    stage.pass(2000);
    expect(stage.cluster.node(idOf('b'))?.isSuspected).toBe(true);
    return stage;
  }

  it('takes the majority of masters, this one included', () => {
    const stage = suspecting();
    stage.hear('c', report('b'));
    stage.hear('c', report('b'));
    stage.hear('f', report('b'));
    expect(stage.cluster.node(idOf('b'))?.isFailed).toBe(false);
    stage.hear('d', report('b'));
    expect(stage.cluster.node(idOf('b'))?.isFailed).toBe(true);
    expect(stage.saidTo('e', 'fail')).toEqual([{ type: 'fail', nodeId: idOf('b') }]);
  });

  it('is not agreed on about a node that this one reaches', () => {
    const stage = new Stage(roles);
    for (const name of ['c', 'd', 'e']) stage.hear(name, report('b'));
    expect(stage.cluster.node(idOf('b'))?.isFailed).toBe(false);
    expect(stage.cluster.administration.countFailureReports(idOf('b'))).toBe(3);
  });

  it('is not reported any more by a node that was forgotten', () => {
    const stage = new Stage(roles);
    for (const name of ['c', 'd']) stage.hear(name, report('b'));
    stage.do(() => stage.cluster.administration.forget(idOf('c')));
    expect(stage.cluster.administration.countFailureReports(idOf('b'))).toBe(1);
  });

  it('is taken from a node that belongs to the cluster, and never about this one', () => {
    const stage = new Stage(roles);
    stage.hear('f', { type: 'fail', nodeId: idOf('a') });
    expect(stage.cluster.myself.isFailed).toBe(false);
    stage.hear('f', { type: 'fail', nodeId: idOf('b') }, { sender: idOf('z') });
    expect(stage.cluster.node(idOf('b'))?.isFailed).toBe(false);
    stage.hear('f', { type: 'fail', nodeId: idOf('b') });
    expect(stage.cluster.node(idOf('b'))?.isFailed).toBe(true);
  });
});

describe('Gossip about an unknown node', () => {
  const mention = (id: string, flags: number) =>
    ({
      type: 'ping',
      hostname: '',
      gossip: [
        { id, pingSent: 0, pongReceived: 0, ip: '10.0.0.9', port: 7000, plainPort: 0, busPort: 17000, flags },
      ],
    }) as const;
  const stage = new Stage([voter, deadB, replicaOfB]);

  it('brings it in, if it has an address and the sender belongs to the cluster', () => {
    stage.hear('d', mention(idOf('x'), NodeFlag.MASTER | NodeFlag.NOADDR));
    stage.hear('d', mention(idOf('y'), NodeFlag.MASTER), { sender: idOf('s') });
    stage.hear('d', mention(idOf('z'), NodeFlag.MASTER | NodeFlag.MYSELF | NodeFlag.HANDSHAKE));
    const known = [...stage.cluster.nodes].map(({ id, flags }) => [id[0], flags]);
    expect(known).toContainEqual(['z', NodeFlag.MASTER]);
    expect(known.map(([name]) => name)).not.toContain('x');
    expect(known.map(([name]) => name)).not.toContain('y');
  });
});

describe('Gossip about a node that cannot be reached', () => {
  const elsewhere = { ip: '10.0.0.9', port: 7009, plainPort: 0, busPort: 17009, flags: NodeFlag.MASTER };
  const entry = { id: idOf('b'), pingSent: 0, pongReceived: 0, ...elsewhere };
  const gossip = { type: 'ping', hostname: '', gossip: [entry] } as const;

  it('tells where it is by now, and a replica of it follows it there', () => {
    const stage = new Stage([{ name: 'd', of: 'b' }, deadB, voter]);
    stage.hear('a', gossip);
    expect(stage.cluster.node(idOf('b'))).toMatchObject({ ip: '10.0.0.9', port: 7009, busPort: 17009 });
    expect(stage.followed).toBe('10.0.0.9:7009');
    expect(stage.saved).toContain('10.0.0.9:7009@17009');
  });

  it('tells where a node is whose old address another has by now', () => {
    const stage = new Stage([replicaOfB, { ...deadB, failed: false }, voter]);
    stage.hearAt('b', 'a', { ...gossip, type: 'pong', gossip: [] });
    expect(stage.cluster.node(idOf('b'))).toMatchObject({ ip: '', isFailed: false });
    stage.hear('a', gossip);
    expect(stage.cluster.node(idOf('b'))).toMatchObject({ ip: '10.0.0.9', port: 7009, busPort: 17009 });
    expect(stage.followed).toBe('10.0.0.9:7009');
  });

  it('moves no node that is reached where it is, and none that tells where it is', () => {
    const alive = new Stage([{ name: 'd', of: 'b' }, { ...deadB, failed: false }, voter]);
    alive.hear('a', gossip);
    expect(alive.cluster.node(idOf('b'))?.ip).toBe('10.0.0.2');
    const heard = new Stage([{ name: 'd', of: 'b' }, deadB, voter]);
    heard.hear('b', { ...gossip, gossip: [] });
    heard.hear('a', gossip);
    expect(heard.cluster.node(idOf('b'))).toMatchObject({ ip: '10.0.0.2', isFailed: true });
  });
});

describe('A claim to slots', () => {
  const claim = (...slots: number[]) => {
    const bitmap = new Uint8Array(2048);
    for (const slot of slots) includeSlot(bitmap, slot);
    return bitmap;
  };
  const ping = { type: 'ping', gossip: [], hostname: '' } as const;
  const roles: Role[] = [
    { name: 'a', slots: [0, 9], epoch: 3 },
    { name: 'b', slots: [10, 19], epoch: 5 },
    { name: 'c', epoch: 4 },
  ];
  const owner = (stage: Stage, slot: number) => stage.cluster.nodeOfSlot(slot)?.id[0];

  it('wins over a smaller config epoch and over nobody, and loses to a greater or equal one', () => {
    const stage = new Stage(roles);
    stage.hear('c', ping, { slots: claim(0, 10, 500) });
    expect([0, 10, 500].map((slot) => owner(stage, slot))).toEqual(['c', 'b', 'c']);
    expect(stage.saidTo('c', 'update')).toMatchObject([{ nodeId: idOf('b'), configEpoch: 5 }]);
  });

  it('leaves a slot alone that this node is importing', () => {
    const stage = new Stage(roles);
    stage.do(() => stage.cluster.administration.setSlotImporting(12, idOf('b')));
    stage.hear('c', ping, { slots: claim(12), configEpoch: 9 });
    expect(owner(stage, 12)).toBe('b');
  });

  it('that was given up leaves the slot with its owner until another claims it, under any epoch', () => {
    const stage = new Stage(roles);
    stage.hear('b', ping, { slots: claim(10, 11) });
    expect(owner(stage, 15)).toBe('b');
    stage.hear('c', ping, { slots: claim(15) });
    expect(owner(stage, 15)).toBe('c');
  });

  it('of a replica that was elected outlives what it had said before, which comes later on its other connection', () => {
    const stage = new Stage([...roles, { name: 'd', of: 'b' }]);
    const slots = claim(10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
    stage.hear('d', ping, { slots, masterId: '', flags: NodeFlag.MASTER, configEpoch: 6 });
    stage.hear('d', ping, { slots, configEpoch: 5 });
    expect(owner(stage, 10)).toBe('d');
    // But it may lose them again.
    stage.hear('b', ping, { slots, configEpoch: 7 });
    stage.hear('d', ping, { slots, configEpoch: 7 });
    expect([owner(stage, 10), stage.cluster.node(idOf('d'))?.isReplica]).toEqual(['b', true]);
  });
});
