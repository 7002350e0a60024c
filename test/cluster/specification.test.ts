/**
 * Sentences of the Redis Cluster specification, and of the documentation of the CLUSTER command, as tests.
 */
import { describe, expect, it } from 'vitest';
import { NodeFlag } from '../../src/protocol/bus-frame.js';
import { SimulatedCluster, type SimulatedNode } from './simulated-cluster.js';

function sixNodes(seed = 1): SimulatedCluster {
  const simulation = new SimulatedCluster(seed);
  for (let i = 0; i < 6; i++) simulation.addNode();
  simulation.form(3);
  for (const node of simulation.nodes.slice(0, 3)) node.offset = 100;
  simulation.run(2000);
  return simulation;
}

const stopped = (node: SimulatedNode) => node.stop();
const isMaster = (node: SimulatedNode) => node.cluster.myself.isMaster;
const eventsOf = (node: SimulatedNode, type: string) => node.events.filter((event) => event.type === type);

describe('Nodes handshake', () => {
  it('Nodes accept others as part of the cluster only via MEET, or if a node already trusted gossips about them', () => {
    const simulation = new SimulatedCluster(1);
    const [a, b, c] = [0, 1, 2].map(() => simulation.addNode());
    simulation.run(3000);
    for (const node of [a, b, c]) expect([...node.cluster.nodes]).toHaveLength(1);
    // A is linked to B, and B to C: A and C will be connected eventually.
    a.meet(b);
    b.meet(c);
    simulation.runUntil(() => !!a.sees(c)?.link && !!c.sees(a)?.link);
    expect(a.sees(c)?.isMaster).toBe(true);
  });

  it('A node that does not answer a handshake is forgotten after the node timeout', () => {
    const simulation = new SimulatedCluster(1);
    const [a, b] = [simulation.addNode(), simulation.addNode()];
    b.stop();
    a.meet(b);
    simulation.run(1000);
    expect([...a.cluster.nodes]).toHaveLength(2);
    expect(a.logs.join()).toMatch(`at ${b.ip}:17000 failed: connection closed`);
    simulation.run(5000);
    expect([...a.cluster.nodes]).toHaveLength(1);
  });

  it('A node that met an address where another cluster node lives by now does not take it for the old one', () => {
    const simulation = sixNodes();
    const [a, b] = simulation.nodes;
    const oldId = b.id;
    b.stop();
    b.start('');
    simulation.run(4000);
    expect(a.cluster.node(oldId)?.has(NodeFlag.NOADDR)).toBe(true);
    expect(a.sees(b)).toBeUndefined();
  });

  it('A node learns its own address from MEET, and announces the configured one instead if there is one', () => {
    const simulation = new SimulatedCluster(1);
    const [a, b] = [
      simulation.addNode(),
      simulation.addNode({ announceIp: '10.0.0.2', announceHostname: 'b.example' }),
    ];
    a.meet(b);
    simulation.runUntil(() => !!b.sees(a) && !!a.sees(b));
    simulation.run(2000);
    expect(a.cluster.myself.ip).toBe('10.0.0.1');
    expect(a.sees(b)).toMatchObject({ ip: '10.0.0.2', hostname: 'b.example' });
    b.options.announceHostname = 'c.example';
    b.do((cluster) => cluster.optionsChanged());
    expect(b.savedConfig).toContain(',c.example ');
    simulation.run(2000);
    expect(a.savedConfig).toContain(',c.example ');
  });
});

describe('Failure detection', () => {
  it('A node flags another one with PFAIL when it is not reachable for more than NODE_TIMEOUT', () => {
    const simulation = sixNodes();
    const [a, b] = simulation.nodes;
    simulation.cut(a, b);
    simulation.run(4000);
    expect(a.sees(b)?.isSuspected).toBe(false);
    simulation.run(4500);
    expect(a.sees(b)?.isSuspected).toBe(true);
    expect(a.sees(b)?.isFailed).toBe(false);
    simulation.heal();
    simulation.runUntil(() => !a.sees(b)?.isSuspected);
  });

  it('A node that takes connections but does not answer is flagged in time, for a ping counts over reconnections', () => {
    const simulation = sixNodes();
    const [a, , , , , silent] = simulation.nodes;
    silent.pause();
    simulation.runUntil(() => a.sees(silent)!.has(NodeFlag.PFAIL | NodeFlag.FAIL), 5000 + 2500 + 300);
  });

  it('PFAIL is escalated to FAIL if the majority of masters signaled it within a time limit', () => {
    const simulation = sixNodes();
    const [dead, ...others] = simulation.nodes;
    stopped(dead);
    simulation.runUntil(() => others.every((node) => node.sees(dead)?.isFailed), 10_000);
  });

  it('A suspicion is told to the replicas of the suspected master at once', () => {
    const simulation = sixNodes();
    const [a, b, , replica] = simulation.nodes;
    let reports = 0;
    simulation.onEvent = (_node, event) => {
      if (event.type !== 'node-suspected') return;
      simulation.after(6, () => {
        reports = replica.cluster.administration.countFailureReports(a.id);
      });
    };
    simulation.cut(a, b);
    simulation.runUntil(() => b.sees(a)?.isSuspected === true);
    simulation.run(6);
    expect(reports).toBe(1);
  });

  it('A master that has just joined, and knows of few slots yet, decides about nobody (R4)', () => {
    const simulation = sixNodes();
    const { nodes } = simulation;
    const [a, b, ...others] = nodes;
    const joining = simulation.addNode();
    for (const node of [b, ...others]) simulation.cut(joining, node);
    joining.meet(a);
    simulation.runUntil(() => !!joining.sees(b)?.has(NodeFlag.PFAIL | NodeFlag.FAIL));
    simulation.run(10_000);
    expect(nodes.filter((node) => node.sees(b)?.isFailed)).toEqual([]);
  });

  it('A suspicion is never second-hand: neither heard of with the node, nor left from before a restart (R4)', () => {
    const simulation = sixNodes();
    const { nodes } = simulation;
    const [a, b, c, ...others] = nodes;
    simulation.cut(a, b);
    simulation.runUntil(() => a.sees(b)?.isSuspected === true);

    for (const node of [b, ...others]) simulation.cut(c, node);
    c.do((cluster) => cluster.administration.forget(b.id));
    c.stop();
    c.restart();
    simulation.runUntil(() => c.sees(b) !== undefined);
    expect(c.sees(b)?.isSuspected).toBe(false);

    a.do((cluster) => cluster.saveConfig());
    a.stop();
    a.restart();
    expect(a.sees(b)?.isSuspected).toBe(false);
  });

  it('Failure reports expire after two node timeouts', () => {
    const simulation = sixNodes();
    const [a, b, c] = simulation.nodes;
    // Only A can't reach B: its report reaches C, and goes once A is not heard any more.
    simulation.cut(a, b);
    simulation.runUntil(() => c.cluster.administration.countFailureReports(b.id) === 1);
    simulation.isolate(a);
    simulation.run(10_100);
    expect(c.cluster.administration.countFailureReports(b.id)).toBe(0);
  });

  it('FAIL of a replica is cleared when it is reachable again', () => {
    const simulation = sixNodes();
    const [a, , , replica] = simulation.nodes;
    replica.stop();
    simulation.runUntil(() => a.sees(replica)?.isFailed === true);
    replica.restart();
    simulation.runUntil(() => a.sees(replica)?.isFailed === false, 5000);
  });

  it('FAIL of a master with slots that nobody replaced is cleared after some time', () => {
    const simulation = sixNodes();
    const [dead, other, , replica] = simulation.nodes;
    replica.stop();
    dead.stop();
    simulation.runUntil(() => other.sees(dead)?.isFailed === true);
    expect(other.cluster.isUp).toBe(false);
    dead.restart();
    simulation.run(4000);
    expect(other.sees(dead)?.isFailed).toBe(true);
    simulation.runUntil(() => other.sees(dead)?.isFailed === false && other.cluster.isUp, 15_000);
  });
});

describe('Availability', () => {
  it('Redis Cluster is not available in the minority side of the partition', () => {
    const simulation = sixNodes();
    const [alone] = simulation.nodes;
    simulation.isolate(alone);
    simulation.runUntil(() => !alone.cluster.isUp, 5000 + 100);
    expect(alone.cluster.serves[0]).toBe(0);
  });

  it('A master that wakes from a pause longer than the node timeout accepts no writes until it has heard the news', () => {
    const simulation = sixNodes();
    const [sleeper, , , successor] = simulation.nodes;
    sleeper.pause();
    simulation.runUntil(() => isMaster(successor));
    sleeper.resume();
    simulation.run(0);
    sleeper.do((cluster) => cluster.tick());
    expect([isMaster(sleeper), sleeper.cluster.isUp, sleeper.cluster.serves[0]]).toEqual([true, false, 0]);
    simulation.runUntil(() => sleeper.cluster.myself.master === sleeper.sees(successor));
  });

  it('A starting master refuses requests until all have answered, and no longer than two seconds', () => {
    for (const silent of [false, true]) {
      const simulation = sixNodes();
      const [a, , , , , replica] = simulation.nodes;
      if (silent) simulation.cut(a, replica);
      a.stop();
      a.restart();
      const started = simulation.now;
      simulation.runUntil(() => a.cluster.isUp);
      const waited = simulation.now - started;
      if (silent) expect(waited).toBe(2100);
      else expect(waited).toBeLessThan(300);
    }
  });

  it('A starting master that was replaced does not serve before it knows', () => {
    const simulation = sixNodes();
    const [a, , , successor] = simulation.nodes;
    a.stop();
    simulation.runUntil(() => isMaster(successor));
    a.restart();
    simulation.runUntil(() => a.cluster.isUp);
    expect(a.cluster.myself.master).toBe(a.sees(successor));
  });

  it('A starting master that is held for failed does not serve: its replica may be about to be elected (R6)', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const simulation = sixNodes(seed);
      const [a, , , successor] = simulation.nodes;
      a.stop();
      simulation.runUntil(() => successor.sees(a)?.isFailed === true);
      a.restart();
      const served = () => a.cluster.serves[0] === 1;
      simulation.runUntil(() => isMaster(successor) || served());
      expect(served()).toBe(false);
      simulation.runUntil(() => a.cluster.myself.master === a.sees(successor) || served());
      expect(served()).toBe(false);
    }
  });

  it('A cluster is up as soon as its slots are assigned for the first time', () => {
    const lone = new SimulatedCluster(1);
    const node = lone.addNode();
    lone.run(10_000);
    node.do((cluster) => cluster.administration.addSlots([{ first: 0, last: 16_383 }]));
    expect(node.cluster.isUp).toBe(true);
  });

  it('A master that was among the minority waits before it accepts writes again', () => {
    const simulation = sixNodes();
    const [a, b] = simulation.nodes;
    for (const replica of simulation.nodes.slice(3)) replica.options.replicaNoFailover = true;
    const rest = simulation.nodes.filter((node) => node !== a);
    for (const node of rest) simulation.cut(a, node);
    simulation.runUntil(() => !a.cluster.isUp && !b.cluster.isUp);
    simulation.heal();
    const healed = simulation.now;
    simulation.runUntil(() => a.cluster.isUp);
    expect(simulation.now - healed).toBeGreaterThanOrEqual(5000);
  });

  it('With cluster-require-full-coverage no, the rest of the slots is served', () => {
    const simulation = sixNodes();
    const [dead, other, third, replica] = simulation.nodes;
    other.options.requireFullCoverage = false;
    replica.stop();
    dead.stop();
    simulation.runUntil(() => other.sees(dead)?.isFailed === true && third.sees(dead)?.isFailed === true);
    simulation.run(500);
    expect([other.cluster.isUp, third.cluster.isUp]).toEqual([true, false]);
    expect(other.cluster.serves[6000]).toBe(1);
  });
});

describe('Replica election and promotion', () => {
  it('The replica with the most updated replication offset is elected', () => {
    const simulation = new SimulatedCluster(5);
    for (let i = 0; i < 6; i++) simulation.addNode();
    simulation.form(3);
    const [master, second, , ahead, behind] = simulation.nodes;
    behind.do((cluster) => cluster.administration.replicate(master.id));
    simulation.run(2000);
    simulation.cut(master, behind);
    master.offset = 500;
    simulation.run(1500);
    master.stop();
    simulation.runUntil(() => second.cluster.nodeOfSlot(0) !== second.sees(master));
    expect(second.cluster.nodeOfSlot(0)?.id).toBe(ahead.id);
    expect(eventsOf(behind, 'election-scheduled')).toContainEqual(expect.objectContaining({ rank: 1 }));
  });

  it('Masters grant a single vote for an epoch, and do not vote again for it after a restart', () => {
    const simulation = sixNodes();
    const [dead, voter, , candidate] = simulation.nodes;
    dead.stop();
    simulation.runUntil(() => eventsOf(voter, 'vote-granted').length > 0);
    const epoch = voter.cluster.currentEpoch;
    expect(voter.savedConfig).toContain(`vars currentEpoch ${epoch} lastVoteEpoch ${epoch}`);
    // As if the vote had been for somebody else: the same epoch is asked for once more after a restart.
    voter.stop();
    voter.restart();
    simulation.run(20_000);
    const votes = eventsOf(voter, 'vote-granted') as { epoch: number }[];
    expect(votes.filter((vote) => vote.epoch === epoch)).toHaveLength(1);
    expect(isMaster(candidate)).toBe(true);
  });

  it('A vote is on disk before it is sent', () => {
    const simulation = sixNodes();
    const [dead, voter, , candidate] = simulation.nodes;
    dead.stop();
    simulation.runUntil(() => eventsOf(candidate, 'election-won').length > 0);
    const [{ epoch }] = eventsOf(candidate, 'election-won') as { epoch: number }[];
    expect(voter.savedConfig).toContain(`lastVoteEpoch ${epoch}`);
  });

  it('A replica without the majority of votes is not promoted', () => {
    const simulation = sixNodes();
    const [dead, second, third, candidate] = simulation.nodes;
    dead.stop();
    simulation.runUntil(() => candidate.sees(dead)?.isFailed === true);
    simulation.cut(candidate, second);
    simulation.cut(candidate, third);
    simulation.run(30_000);
    expect(isMaster(candidate)).toBe(false);
    simulation.heal();
    simulation.runUntil(() => isMaster(candidate), 40_000);
  });

  it('A replica that missed the last config epoch of its master is refused, told, and elected later', () => {
    const simulation = sixNodes();
    const [master, second, third, replica] = simulation.nodes;
    simulation.cut(master, replica);
    master.do((cluster) => cluster.administration.bumpEpoch());
    const { configEpoch } = master.cluster.myself;
    simulation.runUntil(() =>
      [second, third].every((node) => node.sees(master)?.configEpoch === configEpoch),
    );
    expect(replica.sees(master)?.configEpoch).toBeLessThan(configEpoch);
    master.stop();
    simulation.runUntil(() => isMaster(replica));
    expect(second.logs).toContainEqual(expect.stringContaining(`epoch (${configEpoch}) > reqEpoch`));
  });

  it('A replica whose data is too old does not try, unless cluster-replica-validity-factor is 0', () => {
    const simulation = sixNodes();
    const [dead, , , replica] = simulation.nodes;
    replica.options.replicaValidityFactor = 1;
    replica.options.replicaPingPeriod = 1;
    replica.following = { host: 'nowhere', port: 0 };
    simulation.run(15_000);
    dead.stop();
    simulation.run(30_000);
    expect(isMaster(replica)).toBe(false);
    expect(replica.logs.join('\n')).toContain('Disconnected from master for longer than allowed.');
    replica.options.replicaValidityFactor = 0;
    simulation.runUntil(() => isMaster(replica));
  });

  it('A replica with cluster-replica-no-failover does not try', () => {
    const simulation = sixNodes();
    const [dead, second, , replica] = simulation.nodes;
    replica.options.replicaNoFailover = true;
    replica.do((cluster) => cluster.optionsChanged());
    simulation.run(3000);
    expect(second.cluster.view.nodes()).toContain('slave,nofailover');
    dead.stop();
    simulation.run(20_000);
    expect(isMaster(replica)).toBe(false);
  });
});

describe('Hash slots configuration propagation', () => {
  it('A returning master with an old configuration gets an UPDATE even from nodes that it did not lose slots to', () => {
    const simulation = sixNodes();
    const [old, second, third, successor, ...replicas] = simulation.nodes;
    simulation.isolate(old);
    simulation.runUntil(() => isMaster(successor));
    simulation.run(3000);
    simulation.heal();
    // It can't hear from the one that replaced it.
    simulation.cut(old, successor);
    simulation.runUntil(() => old.cluster.nodeOfSlot(0) === old.sees(successor));
    expect(old.cluster.myself.isReplica).toBe(true);
    expect([second, third, ...replicas].flatMap((node) => node.logs)).toContainEqual(
      expect.stringContaining('sending an UPDATE message'),
    );
  });

  it('Keys of slots that a master loses while it keeps others are deleted', () => {
    const simulation = sixNodes();
    const [a, b] = simulation.nodes;
    a.keys.set(7, 3);
    b.do((cluster) => {
      cluster.administration.setSlotImporting(7, a.id);
      cluster.administration.setSlotNode(7, b.id);
    });
    simulation.runUntil(() => a.cluster.nodeOfSlot(7) === a.sees(b));
    expect(a.keys.has(7)).toBe(false);
    expect(a.cluster.myself.isMaster).toBe(true);
  });

  it('A master that loses its last slot becomes a replica of the node that took it', () => {
    const simulation = new SimulatedCluster(1);
    for (let i = 0; i < 4; i++) simulation.addNode();
    simulation.form(3, [0, 2, 9000]);
    const [a, b, c, replica] = simulation.nodes;
    for (const slot of [0, 1]) {
      b.do((cluster) => {
        cluster.administration.setSlotImporting(slot, a.id);
        cluster.administration.setSlotNode(slot, b.id);
      });
    }
    simulation.runUntil(() => c.sees(a)?.master === c.sees(b));
    simulation.runUntil(() => replica.cluster.myself.master === replica.sees(b));
  });
});

describe('configEpoch conflicts resolution algorithm', () => {
  it('Masters that have the same configEpoch end up with different ones', () => {
    const simulation = sixNodes();
    simulation.run(3000);
    const epochs = simulation.nodes.slice(0, 3).map((node) => node.cluster.myself.configEpoch);
    expect(new Set(epochs).size).toBe(3);
    for (const node of simulation.nodes) {
      expect(simulation.nodes.slice(0, 3).map((master) => node.sees(master)?.configEpoch)).toEqual(epochs);
    }
  });
});

describe('Replica migration', () => {
  it('A master without working replicas gets one from the master that has most', () => {
    const simulation = new SimulatedCluster(7);
    for (let i = 0; i < 7; i++) simulation.addNode();
    simulation.form(3);
    const [covered, , third, r0, , r2, spare] = simulation.nodes;
    expect(spare.cluster.myself.master?.id).toBe(covered.id);
    simulation.run(2000);
    r2.stop();
    simulation.runUntil(() => [r0, spare].some((node) => node.cluster.myself.master === node.sees(third)));
    const moved = [r0, spare].find((node) => node.cluster.myself.master === node.sees(third))!;
    expect(moved.id).toBe([r0.id, spare.id].sort()[0]);
    expect(moved.following?.host).toBe(third.ip);
  });

  it('No replica migrates below cluster-migration-barrier, or if cluster-allow-replica-migration is no', () => {
    for (const options of [{ migrationBarrier: 2 }, { allowReplicaMigration: false }]) {
      const simulation = new SimulatedCluster(8);
      for (let i = 0; i < 7; i++) simulation.addNode(options);
      simulation.form(3);
      simulation.run(2000);
      simulation.nodes[5].stop();
      simulation.run(20_000);
      expect(simulation.nodes[0].cluster.myself.replicas).toHaveLength(2);
    }
  });
});

describe('CLUSTER FAILOVER', () => {
  it('The master stops processing queries, and its replica takes over at exactly its offset', () => {
    const simulation = sixNodes();
    const [master, , , replica] = simulation.nodes;
    replica.do((cluster) => cluster.administration.failover('normal'));
    expect(replica.cluster.manualFailoverInProgress).toBe(true);
    simulation.runUntil(() => isMaster(replica), 1000);
    expect(master.pauses).toBe(1);
    simulation.runUntil(() => master.cluster.myself.master === master.sees(replica), 1000);
    expect(replica.offset).toBe(100);
    // The old master lets its clients go, to be redirected.
    expect(master.writesPausedUntil).toBe(0);
  });

  it('The offset is told when the script that runs is over', () => {
    const simulation = sixNodes();
    const [master, , , replica] = simulation.nodes;
    master.runsScript = true;
    replica.do((cluster) => cluster.administration.failover('normal'));
    simulation.run(1000);
    expect([master.pauses, isMaster(replica)]).toEqual([1, false]);
    master.offset += 50; // what it has written
    master.runsScript = false;
    simulation.runUntil(() => isMaster(replica), 2000);
    expect(replica.offset).toBe(150);
  });

  it('Its reverse, and it again, can be ordered at once', () => {
    const simulation = sixNodes();
    const [master, , , replica] = simulation.nodes;
    for (const [from, to] of [
      [master, replica],
      [replica, master],
      [master, replica],
      [replica, master],
    ]) {
      to.do((cluster) => cluster.administration.failover('normal'));
      simulation.runUntil(() => isMaster(to), 500);
      simulation.runUntil(() => from.cluster.myself.isReplica, 100);
    }
  });

  it('One that was given up for want of votes can be ordered again at once', () => {
    const simulation = sixNodes();
    const [, ...others] = simulation.nodes;
    const replica = others[2];
    for (const { cluster } of others) cluster.dropMessages('auth-req');
    replica.do((cluster) => cluster.administration.failover('normal'));
    simulation.run(5200);
    expect(isMaster(replica)).toBe(false);
    for (const { cluster } of others) cluster.dropMessages(null);
    replica.do((cluster) => cluster.administration.failover('normal'));
    simulation.runUntil(() => isMaster(replica), 500);
  });

  it('It is given up after the time limit when the replica does not reach the offset', () => {
    const simulation = sixNodes();
    const [master, , , replica] = simulation.nodes;
    replica.following = { host: 'nowhere', port: 0 };
    master.offset = 200;
    replica.do((cluster) => cluster.administration.failover('normal'));
    simulation.runUntil(() => master.writesPausedUntil > 0, 200);
    simulation.run(6000);
    expect([isMaster(replica), master.writesPausedUntil]).toEqual([false, 0]);
    expect(replica.logs).toContain('Manual failover timed out.');
  });

  it('A replica that awaits a snapshot does not stand, though its offset is that of its master', () => {
    const simulation = sixNodes();
    const [master, , , replica] = simulation.nodes;
    const { following } = replica;
    replica.following = { host: 'nowhere', port: 0 };
    expect(replica.offset).toBe(master.offset);
    replica.do((cluster) => cluster.administration.failover('normal'));
    simulation.runUntil(() => master.writesPausedUntil > 0, 200);
    simulation.run(2000);
    expect(isMaster(replica)).toBe(false);
    replica.following = following;
    simulation.runUntil(() => isMaster(replica), 500);
  });

  it('FORCE does not need the master', () => {
    const simulation = sixNodes();
    const [master, , , replica] = simulation.nodes;
    master.stop();
    simulation.run(100);
    expect(() => replica.cluster.administration.failover('normal')).toThrow(
      'ERR Master is down or failed, please use CLUSTER FAILOVER FORCE',
    );
    replica.do((cluster) => cluster.administration.failover('force'));
    simulation.runUntil(() => isMaster(replica), 1000);
  });

  it('TAKEOVER does not need the majority', () => {
    const simulation = sixNodes();
    const [first, second, third, replica] = simulation.nodes;
    for (const master of [first, second, third]) master.stop();
    replica.do((cluster) => cluster.administration.failover('takeover'));
    expect(isMaster(replica)).toBe(true);
    expect(replica.cluster.nodeOfSlot(0)).toBe(replica.cluster.myself);
    expect(replica.savedConfig).toContain(`vars currentEpoch ${replica.cluster.currentEpoch}`);
  });
});

describe('CLUSTER FORGET', () => {
  it('The node is not added again for 60 seconds though others gossip about it', () => {
    const simulation = sixNodes();
    const [a, , , , , gone] = simulation.nodes;
    const id = gone.id;
    a.do((cluster) => cluster.administration.forget(id));
    simulation.run(59_000);
    expect(a.cluster.node(id)).toBeUndefined();
    simulation.runUntil(() => a.cluster.node(id) !== undefined, 20_000);
  });
});

describe('CLUSTER RESET', () => {
  it('All other nodes are forgotten, slots released; HARD also changes the node ID and the epochs', () => {
    const simulation = sixNodes();
    const [, , , replica] = simulation.nodes;
    replica.keys.set(1, 1);
    const id = replica.id;
    replica.do((cluster) => cluster.administration.reset(false));
    expect(replica.id).toBe(id);
    expect([...replica.cluster.nodes]).toHaveLength(1);
    expect(replica.cluster.view.info()).toMatchObject({ slotsAssigned: 0, knownNodes: 1 });
    expect([isMaster(replica), replica.keys.size]).toEqual([true, 0]);
    expect(replica.cluster.currentEpoch).toBeGreaterThan(0);
    replica.do((cluster) => cluster.administration.reset(true));
    expect(replica.id).not.toBe(id);
    expect(replica.savedConfig).toMatch(
      new RegExp(`^${replica.id} .*\nvars currentEpoch 0 lastVoteEpoch 0\n$`),
    );
  });
});

describe('Publish/Subscribe', () => {
  it('Messages reach all nodes, sharded ones the nodes of the shard', () => {
    const simulation = sixNodes();
    const [master, , , replica] = simulation.nodes;
    master.do((cluster) => {
      cluster.publish(Buffer.from('c'), Buffer.from('all'), false);
      cluster.publish(Buffer.from('c'), Buffer.from('shard'), true);
    });
    simulation.run(100);
    const got = simulation.nodes.map((node) => node.published.length);
    expect(got).toEqual([0, 1, 1, 2, 1, 1]);
    expect(replica.published).toEqual(['c=all', 'sc=shard']);
  });
});

describe('nodes.conf', () => {
  it('brings a node back with its name, slots, epochs and migrations, at a new address', () => {
    const simulation = sixNodes();
    const [a, b] = simulation.nodes;
    a.do((cluster) => cluster.administration.setSlotMigrating(5, b.id));
    a.stop();
    const before = a.savedConfig;
    a.options.port = 7777;
    a.restart();
    expect(a.cluster.migratingTo(5)).toBe(a.sees(b));
    simulation.runUntil(() => b.sees(a)?.port === 7777);
    simulation.runUntil(() => a.cluster.isUp);
    expect(a.cluster.serves[0]).toBe(1);
    expect(before).toContain(`[5->-${b.id}]`);
    const times = / \d+ \d+ (\d+ connected)/g;
    a.cluster.saveConfig();
    expect(a.savedConfig.replace(times, ' $1').split('\n').sort()).toEqual(
      before.replace(':7000@17000 myself', ':7777@17777 myself').replace(times, ' $1').split('\n').sort(),
    );
  });
});

describe('A whole cluster', () => {
  it('comes back after all nodes were killed', () => {
    const simulation = sixNodes();
    for (const node of simulation.nodes) node.stop();
    for (const node of simulation.nodes) node.restart();
    simulation.runUntil(() => simulation.nodes.every((node) => node.cluster.isUp), 15_000);
    expect(simulation.nodes.map(isMaster)).toEqual([true, true, true, false, false, false]);
  });
});
