import { describe, expect, it } from 'vitest';
import { parseAddress } from './address.js';
import { checkCluster, joinObstacles, readinessObstacles } from './check.js';
import { parseClusterNodes } from './cluster-nodes.js';
import { type ClusterView, describeNode } from './view.js';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const R = 'c'.repeat(40);

const a = (slots = '0-8191') => `${A} 10.0.0.1:7000@17000 master - 0 1 1 connected ${slots}`.trim();
const b = (slots = '8192-16383') => `${B} 10.0.0.2:7000@17000 master - 0 1 2 connected ${slots}`.trim();
const r = (link = 'connected') => `${R} 10.0.0.3:7000@17000 slave ${A} 0 1 1 ${link}`;

interface Said {
  lines: string[];
  state?: 'ok' | 'fail';
  masterLink?: 'up' | 'down';
}

/** A view in which each node (named by its address) says the lines; its own is marked as such here. */
function view(said: Record<string, Said>): ClusterView {
  return {
    nodes: Object.entries(said).map(([address, { lines, state = 'ok', masterLink = 'up' }]) =>
      describeNode(parseAddress(address), {
        nodes: lines
          .map((line) =>
            line.includes(` ${address}@`) ? line.replace(/ (master|slave) /, ' myself,$1 ') : line,
          )
          .join('\n'),
        clusterInfo: `cluster_state:${state}\r\ncluster_slots_assigned:16384\r\n`,
        replication: `# Replication\r\nrole:slave\r\nmaster_link_status:${masterLink}\r\n`,
        keys: 0,
      }),
    ),
    unreachable: [],
  };
}

const healthy: Record<string, Said> = {
  '10.0.0.1:7000': { lines: [a(), b(), r()] },
  '10.0.0.2:7000': { lines: [r(), b(), a()] },
  '10.0.0.3:7000': { lines: [a(), r(), b()] },
};

describe('CLUSTER NODES', () => {
  it('is read field by field', () => {
    const [entry, old] = parseClusterNodes(
      `${A} 127.0.0.1:7000@17001,host.example,shard-id=x myself,master,fail? - 5 6 7 disconnected 0-5 9 [10->-${B}] [11-<-${R}]\n` +
        `${R} :7002 slave,noaddr ${A} 0 0 3 connected\n`,
    );
    expect(entry).toEqual({
      id: A,
      host: '127.0.0.1',
      port: 7000,
      busPort: 17001,
      hostname: 'host.example',
      flags: ['master', 'fail?'],
      myself: true,
      role: 'master',
      masterId: null,
      pingSent: 5,
      pongReceived: 6,
      configEpoch: 7,
      linked: false,
      slots: [
        { start: 0, end: 5 },
        { start: 9, end: 9 },
      ],
      openSlots: [
        { slot: 10, state: 'migrating', peer: B },
        { slot: 11, state: 'importing', peer: R },
      ],
    });
    expect(old).toMatchObject({ host: '', busPort: 17002, role: 'replica', masterId: A, slots: [] });
  });

  it('that can’t be read is an error naming the line', () => {
    expect(() => parseClusterNodes('ERR nonsense')).toThrow('ERR nonsense');
  });
});

describe('checking a cluster', () => {
  it('finds nothing wrong where all agree, whatever the order of their tables', () => {
    const report = checkCluster(view(healthy));
    expect(report).toEqual({
      ok: true,
      agreed: true,
      obstacles: [],
      open: [],
      uncovered: [],
      unreachable: [],
    });
  });

  it('finds an outdated view and says whose', () => {
    const report = checkCluster(view({ ...healthy, '10.0.0.3:7000': { lines: [a('0-8190'), r(), b()] } }));
    expect(report).toMatchObject({ ok: false, agreed: false, uncovered: [] });
    expect(report.obstacles).toMatchObject([
      { kind: 'outdated', about: 'slots', observer: { id: R }, subject: { id: A } },
    ]);
  });

  it('finds open slots on the nodes that hold them open', () => {
    const report = checkCluster(
      view({ ...healthy, '10.0.0.1:7000': { lines: [a(`0-8191 [5->-${B}] [7->-${B}]`), b(), r()] } }),
    );
    expect(report).toMatchObject({ ok: false, agreed: true });
    expect(report.open).toMatchObject([{ node: { id: A }, state: 'migrating', slots: [5, 7] }]);
  });

  it('finds slots that nobody holds', () => {
    const lines = [a('1-8191'), b('8192-16000 16002-16383')];
    const report = checkCluster(view({ '10.0.0.1:7000': { lines }, '10.0.0.2:7000': { lines } }));
    expect(report.ok).toBe(false);
    expect(report.uncovered).toEqual([
      { start: 0, end: 0 },
      { start: 16001, end: 16001 },
    ]);
  });
});

describe('obstacles on the way to a ready cluster', () => {
  it('are nodes that do not see each other', () => {
    const obstacles = joinObstacles(
      view({
        '10.0.0.1:7000': { lines: [a(), r('disconnected')] },
        '10.0.0.2:7000': { lines: [b()] },
      }),
    );
    expect(obstacles).toMatchObject([
      { kind: 'unseen', observer: { id: A }, subject: { id: B, busPort: 17000 } },
      { kind: 'unseen', observer: { id: B }, subject: { id: A } },
    ]);
  });

  it('are roles that others have not heard of', () => {
    const said = { ...healthy, '10.0.0.1:7000': { lines: [a(), b(), r().replace(A, B)] } };
    expect(joinObstacles(view(said))).toMatchObject([
      { kind: 'outdated', about: 'role', observer: { id: A }, subject: { id: R } },
    ]);
  });

  it('are nodes that report the cluster down, and replicas that are behind', () => {
    const said: Record<string, Said> = {
      ...healthy,
      '10.0.0.2:7000': { ...healthy['10.0.0.2:7000'], state: 'fail' },
      '10.0.0.3:7000': { ...healthy['10.0.0.3:7000'], masterLink: 'down' },
    };
    expect(joinObstacles(view(said))).toEqual([]);
    expect(readinessObstacles(view(said))).toMatchObject([
      { kind: 'down', node: { id: B } },
      { kind: 'unsynced', node: { id: R } },
    ]);
  });
});
