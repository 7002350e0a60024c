/** Finds the special mode, connects for it, and gives Ctrl-C its meaning. */

import { TransferError } from '../../protocol/rdb-transfer.js';
import { ReplyFormatError } from '../../protocol/reply-tree.js';
import { ConnectionError } from '../connection.js';
import type { Mode } from '../options.js';
import type { Session } from '../session.js';
import { findBigKeys } from './big-keys.js';
import { runScript } from './eval.js';
import { findHotKeys } from './hot-keys.js';
import { measureIntrinsicLatency } from './intrinsic-latency.js';
import { measureLatency } from './latency.js';
import { testCache } from './lru-test.js';
import { connectMasters } from './masters.js';
import { type ModeContext, ModeError } from './mode.js';
import { pipe } from './pipe.js';
import { followReplication, saveRdb } from './rdb.js';
import { listKeys } from './scan.js';
import { showStatistics } from './stat.js';

/** Failures that the user is told in one line; anything else is a bug. */
const EXPECTED = [ModeError, ConnectionError, ReplyFormatError, TransferError];

/** With `-c` these work on every master of the cluster. */
const CLUSTER_WIDE: readonly Mode['kind'][] = ['scan', 'bigkeys', 'memkeys', 'hotkeys', 'stat'];

/** Answers the exit code. */
export async function runMode(mode: Mode, context: Omit<ModeContext, 'stop' | 'nodes'>): Promise<number> {
  const { session, output } = context;
  const interrupted = new AbortController();
  const interrupt = () => {
    // The second Ctrl-C does not wait for a tidy end.
    if (interrupted.signal.aborted) process.exit(1);
    interrupted.abort();
  };
  process.on('SIGINT', interrupt);
  let nodes: Session[] = [];
  try {
    if (mode.kind !== 'intrinsic-latency') {
      if (!(await session.connect())) return 1;
      const clusterWide = context.options.cluster && CLUSTER_WIDE.includes(mode.kind);
      nodes = clusterWide ? (await connectMasters(session, output)).map(({ node }) => node) : [session];
    }
    return await start(mode, { ...context, nodes, stop: interrupted.signal });
  } catch (error) {
    if (!EXPECTED.some((kind) => error instanceof kind)) throw error;
    output.writeError(`${(error as Error).message}\n`);
    return 1;
  } finally {
    process.off('SIGINT', interrupt);
    for (const node of nodes) node.close();
  }
}

function start(mode: Mode, context: ModeContext): Promise<number> {
  switch (mode.kind) {
    case 'scan':
      return listKeys(context);
    case 'bigkeys':
      return findBigKeys(context, { by: 'elements' });
    case 'memkeys':
      return findBigKeys(context, { by: 'memory', samples: mode.samples });
    case 'hotkeys':
      return findHotKeys(context);
    case 'stat':
      return showStatistics(context);
    case 'pipe':
      return pipe(context);
    case 'latency':
      return measureLatency(context, mode.history);
    case 'rdb':
      return saveRdb(context, mode.file, mode.functionsOnly);
    case 'replica':
      return followReplication(context);
    case 'eval':
      return runScript(context, mode.file);
    case 'intrinsic-latency':
      return measureIntrinsicLatency(context, mode.seconds);
    case 'lru-test':
      return testCache(context, mode.keys);
  }
}
