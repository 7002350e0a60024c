/** Bringing the keys of a single server into a cluster, each to the master of its slot. */
import { keySlot } from '../protocol/key-slot.js';
import { type Address, type NodeAddress, nameOf } from './address.js';
import { inspectHealthy } from './agreement.js';
import { type Connections, type ConnectOptions, isRefusal, withConnections } from './connections.js';
import { ManagerError } from './errors.js';
import { DEFAULT_BATCH, DEFAULT_MIGRATE_TIMEOUT, type MigrateOptions, migrate } from './migrate-keys.js';
import type { AddressLike, OperationOptions } from './operation.js';
import { SLOT_COUNT } from './slots.js';
import { type ClusterView, infoField, mastersOf, toAddress } from './view.js';

export interface ImportOptions extends OperationOptions, MigrateOptions {
  /** Leave the keys on the source as well. False by default. */
  readonly copy?: boolean;
  /** Credentials of the source; none by default, whatever the cluster's are. */
  readonly source?: Pick<ConnectOptions, 'username' | 'password' | 'tls'>;
  /** Called with the number of keys of the source, before the first is moved. */
  readonly onSize?: (keys: number) => void;
  /** Called with keys that have arrived at their node. */
  readonly onKeys?: (keys: readonly Uint8Array[], target: NodeAddress) => void;
}

/** The digit with which SCAN begins and ends. */
const ZERO = 0x30;
/** Keys per SCAN. */
const SCAN_COUNT = 1000;

/**
 * Moves (or copies) every key of the source's database 0 into the cluster and answers their number. The source
 * connects to the masters itself (MIGRATE), so it must reach them. Throws NOT_A_NODE when the source is itself
 * a cluster node, and REFUSED with BUSYKEY when a key exists in the cluster and `replace` is not set.
 */
export async function importKeys(
  source: AddressLike,
  seed: AddressLike,
  options: ImportOptions = {},
): Promise<number> {
  const from = toAddress(source);
  const view = await inspectHealthy(seed, options);
  const owners = slotOwners(view);
  const { migrateTimeout = DEFAULT_MIGRATE_TIMEOUT, batch: size = DEFAULT_BATCH } = options;
  return withConnections(
    { ...options.source, commandTimeout: migrateTimeout + 5000 },
    async (connections) => {
      await refuseNode(connections, from);
      options.onSize?.(Number(await connections.call(from, 'DBSIZE')));
      let count = 0;
      let cursor: Uint8Array = Uint8Array.of(ZERO);
      do {
        options.signal?.throwIfAborted();
        const reply = await connections.callForBytes(from, 'SCAN', cursor, 'COUNT', SCAN_COUNT);
        const [next, keys] = reply as [Uint8Array, Uint8Array[]];
        for (const [target, group] of groupByOwner(keys, owners)) {
          for (let start = 0; start < group.length; start += size) {
            const batch = group.slice(start, start + size);
            // MIGRATE carries the cluster's credentials; the connection to the source has its own.
            await migrate(connections, from, target, batch, options, options).catch(explainBusyKey);
            count += batch.length;
            options.onKeys?.(batch, nameOf(target));
          }
        }
        cursor = next;
      } while (!(cursor.length === 1 && cursor[0] === ZERO));
      return count;
    },
  );
}

function explainBusyKey(error: unknown): never {
  if (!isRefusal(error, /BUSYKEY/)) throw error;
  throw new ManagerError('REFUSED', error.message, {
    cause: error.cause,
    hint: 'Keys of the source exist in the cluster already; --replace overwrites them. Keys moved before stay moved.',
  });
}

async function refuseNode(connections: Connections, source: Address): Promise<void> {
  const info = String(await connections.call(source, 'INFO', 'cluster'));
  if (infoField(info, 'cluster_enabled') !== '1') return;
  throw new ManagerError('NOT_A_NODE', 'The source node should not be a cluster node.');
}

function slotOwners(view: ClusterView): NodeAddress[] {
  const owners = new Array<NodeAddress>(SLOT_COUNT);
  for (const master of mastersOf(view)) {
    for (const { start, end } of master.slots) owners.fill(master, start, end + 1);
  }
  return owners;
}

function groupByOwner(
  keys: readonly Uint8Array[],
  owners: readonly NodeAddress[],
): Map<NodeAddress, Uint8Array[]> {
  const groups = new Map<NodeAddress, Uint8Array[]>();
  for (const key of keys) {
    const owner = owners[keySlot(key, 0, key.length)];
    const group = groups.get(owner);
    if (group) group.push(key);
    else groups.set(owner, [key]);
  }
  return groups;
}
