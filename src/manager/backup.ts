/** Saving a cluster: the data of each master as an RDB file, and who they are as nodes.json, as redis-cli does. */
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NodeAddress, nameOf } from './address.js';
import { type CheckReport, checkCluster } from './check.js';
import type { OpenSlot } from './cluster-nodes.js';
import { type ConnectOptions, withConnections } from './connections.js';
import { ManagerError } from './errors.js';
import type { AddressLike } from './operation.js';
import { downloadRdb } from './rdb-download.js';
import { type ClusterView, inspectFrom, mastersOf, type NodeView, slotCount, toAddress } from './view.js';

export interface BackupOptions extends ConnectOptions {
  /** Called when a master's file is begun. */
  readonly onNode?: (node: NodeAddress) => void;
}

export interface Backup {
  readonly files: readonly { readonly node: NodeAddress; readonly path: string; readonly bytes: number }[];
  readonly view: ClusterView;
  /** A backup of a cluster that is not healthy may be incomplete. */
  readonly report: CheckReport;
}

/**
 * Writes `redis-node-HOST-PORT-ID.rdb` for every master and `nodes.json` into the folder, which is made if it is
 * not there. Masters are saved at the same time, but each by itself: this is no snapshot of one moment. A file
 * has its final name only once it is complete. Throws UNWRITABLE when the folder can't be made or written to.
 */
export function backup(seed: AddressLike, folder: string, options: BackupOptions = {}): Promise<Backup> {
  return withConnections(options, async (connections) => {
    const view = await inspectFrom(connections, toAddress(seed));
    const report = checkCluster(view);
    await mkdir(folder, { recursive: true }).catch(explain);
    const files = await Promise.all(
      mastersOf(view).map(async (master) => {
        options.onNode?.(nameOf(master));
        const path = join(folder, `redis-node-${master.host}-${master.port}-${master.id}.rdb`);
        return { node: nameOf(master), path, bytes: await saveRdb(master, path, options) };
      }),
    );
    const nodes = view.nodes.map((node) => describe(node, report));
    await writeFile(join(folder, 'nodes.json'), `${JSON.stringify(nodes, null, 2)}\n`).catch(explain);
    return { files, view, report };
  });
}

async function saveRdb(node: NodeAddress, path: string, options: ConnectOptions): Promise<number> {
  const part = `${path}.part`;
  const file = await open(part, 'w').catch(explain);
  try {
    const bytes = await downloadRdb(node, options, (piece) => file.writeFile(piece).catch(explain));
    await file.sync().catch(explain);
    await rename(part, path).catch(explain);
    return bytes;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** The disk's refusal as one of ours. */
function explain(cause: Error): never {
  throw new ManagerError('UNWRITABLE', `The backup can't be written: ${cause.message}`, { cause });
}

/** A node in redis-cli's form of nodes.json. */
function describe(node: NodeView, report: CheckReport) {
  const errors = (report.agreed ? 0 : 1) + report.open.length + (report.uncovered.length > 0 ? 1 : 0);
  return {
    name: node.id,
    host: node.host,
    port: node.port,
    replicate: node.masterId,
    slots: node.slots.map(({ start, end }) => (start === end ? [start] : [start, end])),
    slots_count: slotCount(node),
    flags: node.flags.join(','),
    current_epoch: node.configEpoch,
    ...(errors > 0 ? { cluster_errors: errors } : {}),
    ...openSlots(node, 'migrating'),
    ...openSlots(node, 'importing'),
  };
}

function openSlots(node: NodeView, state: OpenSlot['state']) {
  const open = node.openSlots.filter((open) => open.state === state);
  return open.length > 0 ? { [state]: Object.fromEntries(open.map(({ slot, peer }) => [slot, peer])) } : {};
}
