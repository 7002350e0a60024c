/**
 * `npm run sim:scale`: what gossip costs, and how long it takes to notice a failure and replace a master, in clusters of
 * many sizes. It prints the table of docs/scale.md.
 *
 *     npm run sim:scale -- [--nodes 6,50,200] [--timeout 5000,15000] [--runs 3]
 *
 * The clusters are the shipping cores (`src/cluster`) without clients and data, on a network that takes 1 to 5 ms. They
 * start from prepared nodes.conf files, so that nobody has to meet anybody, and half of the nodes are masters. With several
 * runs, from as many seeds, the figures are means.
 */
import { parseArgs } from 'node:util';
import { nodesConf, planLayout } from '../../src/local/layout.js';
import {
  addressOf,
  SimulatedCluster,
  type SimulatedNode,
  seededRandom,
} from '../cluster/simulated-cluster.js';

const PORT = 7000;
const SECOND = 1000;
/** Milliseconds. Nodes that start together would all dial all others, and work, in the same moment. */
const BETWEEN_STARTS = 7;
const RING_BYTES = 2 ** 32;
/** Milliseconds from the writing of a frame to its end, at most: a dial, a way, and some more. */
const LONGEST_WAY = 15;
/** Between two lines that say how far it is, milliseconds of this process. */
const PROGRESS_PERIOD = 10_000;

interface Load {
  /** Sent by a node on average; it receives as much. */
  readonly bytesPerSecond: number;
  readonly heartbeatsPerSecond: number;
}

/** Milliseconds since a master lost its power until … */
interface Failure {
  /** … the first node suspects it (PFAIL), */
  suspected: number;
  /** … the first node knows that the majority of masters does (FAIL), */
  failed: number;
  /** … its replica takes writes. */
  writable: number;
}

/** A cluster that has been up for a node timeout: at first everybody has just heard of everybody, and the load is uneven. */
function start(nodes: number, nodeTimeout: number, seed: number): SimulatedCluster {
  const cluster = new SimulatedCluster(seed);
  cluster.fragments = false;
  recycleFrames(cluster);
  tellProgress(cluster, nodes);
  const endpoints = Array.from({ length: nodes }, (_, i) => ({ host: addressOf(i), port: PORT }));
  const layout = planLayout({ masters: nodes / 2, replicas: 1 }, endpoints, seededRandom(seed));
  for (const planned of layout.nodes) {
    cluster.addNode({ nodeTimeout }, asHeardBefore(nodesConf(layout, planned)));
    cluster.run(BETWEEN_STARTS);
  }
  cluster.runUntil(() => cluster.nodes.every((node) => node.cluster.isUp));
  cluster.run(nodeTimeout);
  return cluster;
}

/**
 * nodes.conf of a node that has had a pong of everybody (the field behind ping-sent). A first pong ever is saved at once: a
 * thousand nodes would write a thousand lines a million times.
 */
function asHeardBefore(conf: string): string {
  return conf.replaceAll(' 0 0 ', ' 0 1 ');
}

/** Says now and then how much virtual time has passed: a thousand nodes take half an hour for a minute. */
function tellProgress(cluster: SimulatedCluster, nodes: number): void {
  const begun = cluster.now;
  let told = performance.now();
  const tell = () => {
    cluster.after(SECOND, tell);
    if (performance.now() - told < PROGRESS_PERIOD) return;
    told = performance.now();
    const virtual = (cluster.now - begun) / SECOND;
    const real = (told / SECOND).toFixed(0);
    console.error(`${real} s: ${cluster.nodes.length} of ${nodes} nodes, ${virtual} virtual seconds`);
  };
  cluster.after(SECOND, tell);
}

/** What gossip costs while nothing happens, over half a node timeout, in which everybody has pinged everybody. */
function measureLoad(cluster: SimulatedCluster, nodeTimeout: number): Load {
  const time = nodeTimeout / 2;
  let bytes = 0;
  let heartbeats = 0;
  cluster.onSend = (_from, _to, frames) => {
    bytes += frames.length;
    heartbeats++;
  };
  cluster.run(time);
  cluster.onSend = null;
  const nodeSeconds = (cluster.nodes.length * time) / SECOND;
  return { bytesPerSecond: bytes / nodeSeconds, heartbeatsPerSecond: heartbeats / nodeSeconds };
}

/** The master of the first slots loses its power. */
function measureFailure(cluster: SimulatedCluster): Failure {
  const { nodes } = cluster;
  const [victim] = nodes;
  const successor = nodes[nodes.length / 2];
  const failure: Failure = { suspected: 0, failed: 0, writable: 0 };
  const lost = cluster.now;
  cluster.onEvent = (_node, event) => {
    if (event.type !== 'node-suspected' && event.type !== 'node-failed') return;
    const what = event.type === 'node-suspected' ? 'suspected' : 'failed';
    if (event.nodeId === victim.id) failure[what] ||= cluster.now - lost;
  };
  losePower(cluster, victim);
  cluster.runUntil(() => successor.cluster.serves[0] === 1);
  failure.writable = cluster.now - lost;
  return failure;
}

/**
 * Has what is cut into frames come from a ring. A thousand nodes send a gigabyte of them in a second, and for every 64 MB that
 * is allocated outside of its heap the garbage collector goes through all that the nodes know: nine tenths of the time. A frame
 * is on its way for some milliseconds, and the ring is checked to be long enough for that.
 */
function recycleFrames(cluster: SimulatedCluster): void {
  const ring = Buffer.allocUnsafeSlow(RING_BYTES);
  let used = 0;
  let begun = cluster.now;
  Buffer.alloc = (size: number) => {
    if (used + size > RING_BYTES) {
      if (cluster.now - begun < LONGEST_WAY) throw new Error('the ring of frames is too short');
      used = 0;
      begun = cluster.now;
    }
    used += size;
    return ring.subarray(used - size, used).fill(0);
  };
}

/** No connection is reset: only silence shows that the node is gone. */
function losePower(cluster: SimulatedCluster, node: SimulatedNode): void {
  cluster.isolate(node);
  node.pause();
}

/**
 * Heartbeats that a node sends in a second by the cluster specification ("Heartbeat and gossip messages"), at most: it pings
 * every other one in half a node timeout, and one at random each second, and answers as many.
 */
function bound(nodes: number, nodeTimeout: number): number {
  return 2 * ((nodes - 1) / (nodeTimeout / 2 / SECOND) + 1);
}

function measure(nodes: number, nodeTimeout: number, runs: number): string {
  const results = Array.from({ length: runs }, (_, run) => {
    const cluster = start(nodes, nodeTimeout, run + 1);
    return { ...measureLoad(cluster, nodeTimeout), ...measureFailure(cluster) };
  });
  const mean = (what: keyof Load | keyof Failure) =>
    results.reduce((sum, result) => sum + result[what], 0) / runs;
  const seconds = (what: keyof Failure) => `${(mean(what) / SECOND).toFixed(1)} s`;
  const cells = [
    nodes,
    nodeTimeout,
    `${(mean('bytesPerSecond') / 1024).toFixed(1)} KiB`,
    mean('heartbeatsPerSecond').toFixed(1),
    bound(nodes, nodeTimeout).toFixed(1),
    seconds('suspected'),
    seconds('failed'),
    seconds('writable'),
  ];
  return `| ${cells.join(' | ')} |`;
}

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '6,50,200' },
    timeout: { type: 'string', default: '5000,15000' },
    runs: { type: 'string', default: '1' },
  },
});
const numbers = (list: string) => list.split(',').map(Number);
console.log(`| nodes | node timeout | sent by a node in 1 s | heartbeats | at most | PFAIL | FAIL | writable |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`);
for (const nodes of numbers(values.nodes))
  for (const nodeTimeout of numbers(values.timeout))
    console.log(measure(nodes, nodeTimeout, Number(values.runs)));
