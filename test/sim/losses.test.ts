/** R6: which losses the windows explain, and which they don't. */
import { expect, it } from 'vitest';
import { bitmapOf } from '../../src/cluster/slot-bitmap.js';
import { VirtualCluster, type VirtualNode } from '../../src/local/virtual-cluster.js';
import { History, type Write } from './history.js';
import { explanation } from './losses.js';
import { Watch } from './watch.js';

it('explains with an order what a replaced master takes back by a config epoch that nobody granted (R6)', () => {
  const history = new History(1000, false);
  const watch = new Watch(history);
  const cluster = new VirtualCluster({
    nodeTimeout: 1000,
    observe: (node, event) => watch.happened(node, event),
  });
  watch.cluster = cluster;
  cluster.advanceUntil(() => cluster.isReady());
  const [replaced, other, , successor] = cluster.nodes;
  const isMaster = ({ server }: VirtualNode) => server.clusterService!.cluster.myself.isMaster;
  /** What the node acknowledges now, and WAIT confirms. */
  const write = ({ index, server }: VirtualNode): Write => {
    const { history: stream } = server.replication.master;
    const { now } = cluster;
    const place = { stream: stream.id, offset: stream.offset, slot: 1525, key: 'hoge', value: '' };
    return { ...place, node: index, sent: now, acknowledged: now, onAllReplicas: true };
  };

  cluster.partition(replaced);
  cluster.advanceUntil(() => isMaster(successor));
  cluster.advanceUntil(() => successor.server.clusterService!.cluster.isUp);
  cluster.call(successor, 'SET', 'hoge', 'lost');
  const lost = write(successor);
  expect(explanation(lost, history)).toBeUndefined();

  cluster.call(replaced, 'CLUSTER', 'SETSLOT', 16000, 'IMPORTING', other.id);
  cluster.call(replaced, 'CLUSTER', 'SETSLOT', 16000, 'NODE', replaced.id);
  cluster.heal();
  cluster.advanceUntil(() => !isMaster(successor) && cluster.isReady());
  expect(cluster.call(replaced, 'GET', 'hoge')).toBeNull();
  expect(explanation(lost, history)?.name).toBe('epoch without consensus');

  cluster.call(replaced, 'SET', 'hoge', 'kept');
  expect(explanation(write(replaced), history)).toBeUndefined();
});

it('explains with the moves what two administrators lose who move one slot to different nodes at once (R6)', () => {
  const history = new History(1000, false);
  const lost: Write = {
    ...{ key: 'hoge', slot: 1525, value: '', node: 0, stream: 'a', offset: 10 },
    ...{ sent: 100, acknowledged: 101, onAllReplicas: true },
  };
  history.moves.push({ time: 200, slot: 1525, to: 1, ended: 300 });
  history.moves.push({ time: 301, slot: 1525, to: 2, ended: 400 });
  expect(explanation(lost, history)).toBeUndefined();
  history.moves.push({ time: 399, slot: 1525, to: 1, ended: 500 });
  expect(explanation(lost, history)?.name).toBe('migration');
  expect(explanation({ ...lost, slot: 1526 }, history)).toBeUndefined();
  expect(explanation({ ...lost, sent: 1500 }, history)).toBeUndefined();
});

it('explains with the moves what is lost when the node that gives a slot away is given another (R6)', () => {
  const history = new History(1000, false);
  const lost: Write = {
    ...{ key: 'hoge', slot: 1525, value: '', node: 0, stream: 'a', offset: 10 },
    ...{ sent: 100, acknowledged: 101, onAllReplicas: true },
  };
  history.moves.push({ time: 200, slot: 1525, to: 1, ended: 300 });
  history.claims.push({ time: 250, node: 1, stream: 'b', slots: bitmapOf([1525]) });
  history.claims.push({ time: 250, node: 0, stream: 'a', slots: bitmapOf([1525]) });
  expect(explanation(lost, history)).toBeUndefined();
  history.moves.push({ time: 240, slot: 16000, to: 0, ended: 260 });
  expect(explanation(lost, history)?.name).toBe('migration');
  expect(explanation({ ...lost, slot: 1526 }, history)).toBeUndefined();
});
