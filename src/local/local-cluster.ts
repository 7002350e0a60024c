/**
 * A local cluster from start to end: folder, engine, readiness. What `hexis up` is made of, for programs.
 *
 * Everything that can be wrong is looked at before the first file is written: whether the folder is in use, what it
 * holds, whether the ports are free. "Ready" means that every slot takes a write and every replica is linked.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { withConnections } from '../manager/connections.js';
import { holdFolder, type RunningCluster, realFolder } from './control.js';
import type { EngineName, Launch, NodeEnded, RunningNodes } from './engine.js';
import { LocalClusterError } from './errors.js';
import { ClusterFolder, type ClusterRecord, DEFAULT_FOLDER } from './folder.js';
import { type Layout, localEndpoints, nodesConf, phantomNodesConf, planLayout } from './layout.js';
import { stopLeftovers } from './leftovers.js';
import { replacePhantoms } from './phantoms.js';
import { demandPorts } from './ports.js';
import { waitUntilReady, waitUntilServing } from './readiness.js';

export interface LocalClusterOptions {
  /** Folder of the cluster, `.hexis` by default. Not with `ephemeral`. */
  readonly dir?: string;
  /** Keep nothing: a temporary folder, removed at the end, and no append-only files. */
  readonly ephemeral?: boolean;
  /** What runs the nodes: 'hexis' (default), or `redis-server` or `valkey-server` from PATH. */
  readonly engine?: EngineName;
  /** For a new cluster, default 3; when given it must agree with a cluster that is there. So the next three. */
  readonly masters?: number;
  /** Of each master, default 1. */
  readonly replicas?: number;
  /** Of the first node, default 7000; the others follow. */
  readonly port?: number;
  /** cluster-node-timeout in milliseconds, default 5000. */
  readonly nodeTimeout?: number;
  /** Milliseconds until the cluster must be ready, default 30,000. */
  readonly timeout?: number;
  /** Gives the start up: what has been started is stopped again, and an error thrown. */
  readonly signal?: AbortSignal;
  /** Told when a node ends by itself. */
  readonly onNodeEnded?: NodeEnded;
}

export interface LocalCluster {
  readonly folder: string;
  /** Whether it was begun now, and did not come back with its data. */
  readonly isNew: boolean;
  readonly layout: Layout;
  /** Stops the nodes; fulfils when all have ended and the folder is free. */
  stop(): Promise<void>;
  /** Fulfilled when all nodes have ended, for whatever reason, and the folder is free. */
  readonly ended: Promise<void>;
}

const DEFAULT_PORT = 7000;
const DEFAULT_TIMEOUT = 30_000;

/** Starts a local cluster and waits until it is ready. Throws `LocalClusterError`s and `ManagerError`s. */
export async function startLocalCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
  const { ephemeral = false, engine = 'hexis' } = options;
  const folder = new ClusterFolder(folderPath(options));
  const present = folder.read();
  const record = present ?? newRecord(options);
  if (present) demandAgreement(folder, present, options);
  const { layout } = record;

  let running: RunningNodes | undefined;
  const status = (): RunningCluster => ({
    pid: process.pid,
    folder: folder.path,
    startedIn: realFolder(process.cwd()),
    engine,
    ephemeral,
    nodes: layout.nodes.map(({ host, port }) => ({ host, port })),
  });
  let stopAsked = false;
  const stop = async () => {
    stopAsked = true;
    await running?.stop();
  };
  options.signal?.addEventListener('abort', () => void stop());
  const launch = await launchNodes(engine, layout, options.onNodeEnded ?? (() => {}));
  let release = () => {};
  const cleanUp = () => {
    if (ephemeral) folder.remove();
    release();
  };
  try {
    release = await holdFolder(status, () => void stop());
    await stopLeftovers(folder);
    await demandPorts(layout.nodes);
    if (!present) {
      folder.create(layout, { nodeTimeout: record.nodeTimeout, ephemeral }, (node) =>
        engine === 'hexis' ? nodesConf(layout, node) : phantomNodesConf(layout, node),
      );
    }
    running = await launch.start(folder);
    if (stopAsked) await running.stop(); // asked while they were starting
    await withConnections({}, async (connections) => {
      const { timeout = DEFAULT_TIMEOUT } = options;
      if (!present && engine !== 'hexis') {
        await replacePhantoms(connections, layout);
        await waitUntilServing(connections, layout.nodes, timeout);
      } else await waitUntilReady(connections, layout.nodes, timeout);
    });
    if (!present) folder.record(record);
  } catch (error) {
    if (running) await running.stop();
    else launch.abandon();
    cleanUp();
    throw stopAsked ? new LocalClusterError('Stopped before it was ready.') : error;
  }
  const ended = running.ended.then(cleanUp);
  return {
    folder: folder.path,
    isNew: !present,
    layout,
    ended,
    async stop() {
      await stop();
      await ended;
    },
  };
}

function folderPath({ dir, ephemeral }: LocalClusterOptions): string {
  if (!ephemeral) return realFolder(resolve(dir ?? DEFAULT_FOLDER));
  if (dir !== undefined) throw new LocalClusterError('An ephemeral cluster has no folder: leave --dir out.');
  return realFolder(mkdtempSync(join(tmpdir(), 'hexis-')));
}

function newRecord(options: LocalClusterOptions): ClusterRecord {
  const { masters = 3, replicas = 1, port = DEFAULT_PORT, nodeTimeout = 5000 } = options;
  const size = { masters, replicas };
  const random = () => randomBytes(4).readUInt32LE();
  return { version: 1, ...size, nodeTimeout, layout: planLayout(size, localEndpoints(size, port), random) };
}

/** What is there can't become something else by being started. */
function demandAgreement(folder: ClusterFolder, present: ClusterRecord, options: LocalClusterOptions): void {
  const port = present.layout.nodes[0].port;
  const there = {
    masters: present.masters,
    replicas: present.replicas,
    port,
    nodeTimeout: present.nodeTimeout,
  };
  for (const [name, value] of Object.entries(there)) {
    const asked = options[name as keyof typeof there];
    if (asked === undefined || asked === value) continue;
    const option = name === 'nodeTimeout' ? 'node-timeout' : name;
    throw new LocalClusterError(
      `${folder.path} holds a cluster with --${option} ${value}, not ${asked}.`,
      `Leave --${option} out to start it, use another folder with --dir, or remove this one to begin anew.`,
    );
  }
}

/** Engines are loaded when needed: start-up time counts. */
async function launchNodes(engine: EngineName, { nodes }: Layout, onEnded: NodeEnded): Promise<Launch> {
  if (engine === 'hexis') return (await import('./threads.js')).launchThreads(nodes, onEnded);
  return (await import('./processes.js')).launchProcesses(engine)(nodes, onEnded);
}
