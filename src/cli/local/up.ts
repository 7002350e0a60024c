/** `hexis up`. */
import { spawn } from 'node:child_process';
import { relative } from 'node:path';
import type { EngineName } from '../../local/engine.js';
import type { PlannedNode } from '../../local/layout.js';
import { type LocalCluster, startLocalCluster } from '../../local/local-cluster.js';
import { DONE, FAILED } from './outcome.js';

export interface UpWords {
  readonly masters?: number;
  readonly replicas?: number;
  readonly port?: number;
  readonly nodeTimeout?: number;
  readonly engine: EngineName;
  readonly dir: string;
  readonly ephemeral?: boolean;
  readonly detach?: boolean;
  readonly timeout?: number;
}

/** Milliseconds after which a second Ctrl-C is a second one, and not the same sent twice by terminal and shell. */
const SAME_SIGNAL = 200;

/** Starts the cluster and runs it until it is stopped. */
export async function up({ dir, detach, ...words }: UpWords): Promise<number> {
  if (detach && !process.send) return inBackground();
  let cluster: LocalCluster | undefined;
  const starting = new AbortController();
  stopOnSignals(() => {
    if (cluster) void cluster.stop();
    else starting.abort();
  });
  cluster = await startLocalCluster({
    ...words,
    dir: words.ephemeral ? undefined : dir,
    signal: starting.signal,
    onNodeEnded: (node, code) => print(`Node ${node.host}:${node.port} has ended (exit code ${code}).`),
  });
  print(summary(cluster, words.ephemeral ?? false, performance.now(), process.send !== undefined));
  if (process.send) {
    process.send('ready');
    process.disconnect();
  }
  await cluster.ended;
  return DONE;
}

function stopOnSignals(stop: () => void): void {
  let stopping = 0;
  const onSignal = () => {
    if (stopping > 0 && performance.now() - stopping > SAME_SIGNAL) process.exit(FAILED);
    if (stopping > 0) return;
    stopping = performance.now();
    print('Stopping…');
    stop();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // A terminal that is closed takes its cluster along, but not in the middle of a write.
  process.on('SIGHUP', onSignal);
}

/** Starts this command again without a terminal; fulfils when the cluster is ready, or has said why it isn't. */
function inBackground(): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, process.argv.slice(1), {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.stdout!.pipe(process.stdout, { end: false });
    child.stderr!.pipe(process.stderr, { end: false });
    child.once('message', () => {
      child.disconnect();
      for (const stream of [child.stdout!, child.stderr!]) stream.destroy();
      child.unref();
      resolve(DONE);
    });
    child.once('exit', (code) => resolve(code ?? FAILED));
  });
}

/** What a person wants to know now: where it is, how long it took, what to do next. */
function summary(cluster: LocalCluster, ephemeral: boolean, elapsed: number, detached: boolean): string {
  const { layout, isNew, folder } = cluster;
  const { host, port } = layout.nodes[0];
  const place = ephemeral ? 'keeps nothing' : `in ${relative(process.cwd(), folder) || folder}`;
  const state = isNew ? 'is ready' : 'is back';
  return [
    `Your cluster ${state} after ${(elapsed / 1000).toFixed(2)} s (${place})`,
    '',
    ...(isNew ? layout.nodes.map((node) => `  ${describe(node, layout.nodes)}`) : addresses(layout.nodes)),
    '',
    hint(`hexis cli -c -p ${port}`, 'talk to it'),
    hint('hexis status', 'see its nodes'),
    hint(`connect('${host}:${port}') from 'hexis'`, 'use it in a program'),
    '',
    detached ? 'It runs in the background; `hexis down` stops it.' : 'Ctrl-C stops it.',
  ].join('\n');
}

function hint(what: string, purpose: string): string {
  return `  ${what.padEnd(42)} ${purpose}`;
}

function describe({ host, port, slots, masterIndex }: PlannedNode, nodes: readonly PlannedNode[]): string {
  const role = slots
    ? `master   slots ${slots.first}-${slots.last}`
    : `replica  of ${nodes[masterIndex!].port}`;
  return `${host}:${port}  ${role}`;
}

/** Roles may have changed since the beginning: `status` knows them. */
function addresses(nodes: readonly PlannedNode[]): string[] {
  return [`  ${nodes.map(({ host, port }) => `${host}:${port}`).join(' ')}`];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
