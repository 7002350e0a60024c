import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterError } from '../../src/cluster/cluster-error.js';
import type { SlotRange } from '../../src/cluster/slot-bitmap.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RedisNode } from './redis-node.js';
import { SimulatedCluster, type SimulatedNode } from './simulated-cluster.js';

/** What each subcommand becomes here; the answer is the error text or OK. */
function execute(node: SimulatedNode, [name, ...args]: string[]): string {
  const ranges = (): SlotRange[] =>
    name.endsWith('RANGE')
      ? args.flatMap((first, i) => (i % 2 ? [] : [{ first: Number(first), last: Number(args[i + 1]) }]))
      : args.map((slot) => ({ first: Number(slot), last: Number(slot) }));
  try {
    node.do(({ administration: admin, view }) => {
      switch (name) {
        case 'ADDSLOTS':
        case 'ADDSLOTSRANGE':
          return admin.addSlots(ranges());
        case 'DELSLOTS':
        case 'DELSLOTSRANGE':
          return admin.deleteSlots(ranges());
        case 'FLUSHSLOTS':
          return admin.flushSlots();
        case 'SETSLOT':
          if (args[1] === 'MIGRATING') return admin.setSlotMigrating(Number(args[0]), args[2]);
          if (args[1] === 'IMPORTING') return admin.setSlotImporting(Number(args[0]), args[2]);
          if (args[1] === 'STABLE') return admin.setSlotStable(Number(args[0]));
          return admin.setSlotNode(Number(args[0]), args[2]);
        case 'REPLICATE':
          return admin.replicate(args[0]);
        case 'FORGET':
          return admin.forget(args[0]);
        case 'FAILOVER':
          return admin.failover('normal');
        case 'SET-CONFIG-EPOCH':
          return admin.setConfigEpoch(Number(args[0]));
        case 'RESET':
          return admin.reset(args[0] === 'HARD');
        case 'MEET':
          return admin.meet(args[0], Number(args[1]), Number(args[1]) + 10_000);
        case 'COUNT-FAILURE-REPORTS':
          admin.countFailureReports(args[0]);
          return;
        case 'REPLICAS':
          view.replicas(args[0]);
          return;
        default:
          throw new Error(`no such subcommand: ${name}`);
      }
    });
    return '+OK';
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return `-${error.message}`;
  }
}

const SELF = 'SELF';
const NOBODY = 'f'.repeat(40);

describe.skipIf(!hasRedisServer())('CLUSTER operations on a lone node answer as redis-server does', () => {
  const [node] = [new SimulatedCluster(1).addNode()];
  let server: RedisNode;
  let selfId: string;

  beforeAll(async () => {
    server = new RedisNode(await freePorts(1));
    await server.ready();
    selfId = await server.id();
  });
  afterAll(() => server?.stop());

  // In this order, on both.
  it.each(
    [
      'ADDSLOTS 0 1 1',
      'ADDSLOTS 0 1 2',
      'ADDSLOTS 5 1',
      'DELSLOTS 2 3',
      'DELSLOTS 2 2',
      'DELSLOTS 2',
      'ADDSLOTSRANGE 10 5',
      'ADDSLOTSRANGE 10 20 15 25',
      'ADDSLOTSRANGE 10 20 30 40',
      'DELSLOTSRANGE 9 11',
      'DELSLOTSRANGE 10 15',
      `SETSLOT 100 MIGRATING ${NOBODY}`,
      `SETSLOT 0 MIGRATING ${NOBODY}`,
      `SETSLOT 0 IMPORTING ${SELF}`,
      `SETSLOT 100 IMPORTING ${NOBODY}`,
      `SETSLOT 100 NODE ${NOBODY}`,
      `SETSLOT 100 NODE ${SELF}`,
      'SETSLOT 100 STABLE',
      `REPLICATE ${NOBODY}`,
      `REPLICATE ${SELF}`,
      `FORGET ${NOBODY}`,
      `FORGET ${SELF}`,
      'FAILOVER',
      'SET-CONFIG-EPOCH -1',
      'SET-CONFIG-EPOCH 5',
      'SET-CONFIG-EPOCH 6',
      'MEET not-an-ip 7000',
      'MEET 127.0.0.1 0',
      'MEET 127.0.0.1 60000',
      `COUNT-FAILURE-REPORTS ${NOBODY}`,
      `COUNT-FAILURE-REPORTS ${SELF}`,
      `REPLICAS ${NOBODY}`,
      'FLUSHSLOTS',
      'RESET SOFT',
      'SET-CONFIG-EPOCH 7',
      'RESET HARD',
      'SET-CONFIG-EPOCH 7',
    ].map((line) => [line]),
  )('%s', async (line) => {
    const expected = await server.command('CLUSTER', ...line.replace(SELF, selfId).split(' '));
    const answer = execute(node, line.replace(SELF, node.id).split(' '));
    expect(answer).toBe(expected.startsWith('-') ? expected.replaceAll(selfId, node.id) : '+OK');
    expect(await server.info('cluster_slots_assigned')).toBe(`${node.cluster.view.info().slotsAssigned}`);
    expect(await server.info('cluster_current_epoch')).toBe(`${node.cluster.currentEpoch}`);
  });
});

describe('CLUSTER operations among others', () => {
  const simulation = new SimulatedCluster(1);
  for (let i = 0; i < 4; i++) simulation.addNode();
  simulation.form(3);
  const [a, b, , replica] = simulation.nodes;

  it.each([
    ['SETSLOT 0 STABLE', 'Please use SETSLOT only with masters.'],
    [`FORGET ${a.id}`, "Can't forget my master!"],
  ])('a replica refuses %s', (line, error) => {
    expect(execute(replica, line.split(' '))).toBe(`-ERR ${error}`);
  });

  it.each([
    [`SETSLOT 0 MIGRATING ${replica.id}`, 'Target node is not a master'],
    [`SETSLOT 16383 IMPORTING ${replica.id}`, 'Target node is not a master'],
    [`SETSLOT 0 NODE ${replica.id}`, 'Target node is not a master'],
    [`REPLICATE ${replica.id}`, 'I can only replicate a master, not a replica.'],
    [`REPLICATE ${b.id}`, 'To set a master the node must be empty and without assigned slots.'],
    [`REPLICAS ${replica.id}`, 'The specified node is not a master'],
    [
      'SET-CONFIG-EPOCH 9',
      'The user can assign a config epoch only when the node does not know any other node.',
    ],
  ])('a master refuses %s', (line, error) => {
    expect(execute(a, line.split(' '))).toBe(`-ERR ${error}`);
  });

  it('a master that has keys refuses to give up their slots, FLUSHSLOTS and RESET', () => {
    a.keys.set(0, 1);
    expect(execute(a, ['SETSLOT', '0', 'NODE', b.id])).toBe(
      "-ERR Can't assign hashslot 0 to a different node while I still hold keys for this hash slot.",
    );
    expect(execute(a, ['FLUSHSLOTS'])).toBe('-ERR DB must be empty to perform CLUSTER FLUSHSLOTS.');
    expect(execute(a, ['RESET'])).toBe(
      "-ERR CLUSTER RESET can't be called with master nodes containing keys",
    );
    a.keys.clear();
  });

  it('a slot moves from one master to another, and everyone learns it', () => {
    execute(b, ['SETSLOT', '0', 'IMPORTING', a.id]);
    execute(a, ['SETSLOT', '0', 'MIGRATING', b.id]);
    expect([a.cluster.serves[0], a.cluster.migratingTo(0), b.cluster.importingFrom(0)]).toEqual([
      0,
      a.sees(b),
      b.sees(a),
    ]);
    execute(b, ['SETSLOT', '0', 'NODE', b.id]);
    execute(a, ['SETSLOT', '0', 'NODE', b.id]);
    simulation.runUntil(
      () => simulation.nodes.every((node) => node.cluster.nodeOfSlot(0) === node.sees(b)),
      100,
    );
    expect([a.cluster.migratingTo(0), b.cluster.importingFrom(0), b.cluster.serves[0]]).toEqual([
      undefined,
      undefined,
      1,
    ]);
    expect(b.cluster.myself.configEpoch).toBe(
      Math.max(...simulation.nodes.map((node) => node.cluster.currentEpoch)),
    );
  });

  it('a node that loads keys of slots it does not serve says so', () => {
    b.stop();
    b.restart();
    b.keys.set(1, 1);
    b.do((cluster) => cluster.reconcileWithData());
    expect(b.cluster.importingFrom(1)).toBe(b.sees(a));
    const lone = simulation.addNode();
    lone.keys.set(9, 1);
    lone.do((cluster) => cluster.reconcileWithData());
    expect(lone.cluster.nodeOfSlot(9)).toBe(lone.cluster.myself);
  });
});
