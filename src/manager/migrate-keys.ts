/**
 * Moving the keys of one slot with MIGRATE, a batch at a time: the source sends them to the target and deletes
 * them when the target has them, atomically for whoever asks.
 */
import { latin1 } from '../protocol/bytes.js';
import { type Address, formatAddress } from './address.js';
import { type Connections, type ConnectOptions, isRefusal } from './connections.js';
import { ManagerError } from './errors.js';

export interface MigrateOptions {
  /** Keys per MIGRATE, 100 by default: more is faster, fewer block the source for less long at a time. */
  readonly batch?: number;
  /** Milliseconds that one MIGRATE may take, 60,000 by default. */
  readonly migrateTimeout?: number;
  /** Overwrite keys that the target already has, whatever their values. False by default. */
  readonly replace?: boolean;
}

export const DEFAULT_BATCH = 100;
export const DEFAULT_MIGRATE_TIMEOUT = 60_000;

/**
 * Moves every key of the slot and answers their number. Keys that the target has with the same value are
 * overwritten; where values differ it throws INVALID naming the keys, unless `replace` is set.
 */
export async function migrateSlotKeys(
  connections: Connections,
  slot: number,
  source: Address,
  target: Address,
  options: MigrateOptions = {},
): Promise<number> {
  for (let moved = 0; ; ) {
    const keys = (await connections.callForBytes(
      source,
      'CLUSTER',
      'GETKEYSINSLOT',
      slot,
      options.batch ?? DEFAULT_BATCH,
    )) as Uint8Array[];
    if (keys.length === 0) return moved;
    try {
      await migrate(connections, source, target, keys, options);
    } catch (error) {
      if (!isRefusal(error, /BUSYKEY/)) throw error;
      await refuseDifferent(connections, source, target, keys);
      await migrate(connections, source, target, keys, { ...options, replace: true });
    }
    moved += keys.length;
  }
}

/** One MIGRATE. `copy` leaves the keys on the source; `credentials` are those of the target. */
export async function migrate(
  connections: Connections,
  source: Address,
  target: Address,
  keys: readonly Uint8Array[],
  options: MigrateOptions & { copy?: boolean },
  { username, password }: Pick<ConnectOptions, 'username' | 'password'> = connections.options,
): Promise<void> {
  const auth =
    password === undefined ? [] : username === undefined ? ['AUTH', password] : ['AUTH2', username, password];
  await connections.call(
    source,
    ...['MIGRATE', target.host, target.port, '', 0, options.migrateTimeout ?? DEFAULT_MIGRATE_TIMEOUT],
    ...(options.copy ? ['COPY'] : []),
    ...(options.replace ? ['REPLACE'] : []),
    ...auth,
    'KEYS',
    ...keys,
  );
}

/** Lets keys pass that both nodes have with the same value: an interrupted MIGRATE leaves such. */
async function refuseDifferent(
  connections: Connections,
  source: Address,
  target: Address,
  keys: readonly Uint8Array[],
): Promise<void> {
  const [ours, theirs] = (await Promise.all(
    [source, target].map((node) => connections.call(node, 'DEBUG', 'DIGEST-VALUE', ...keys)),
  )) as string[][];
  const absent = '0'.repeat(40);
  const different = keys.filter(
    (_, index) => theirs[index] !== absent && ours[index] !== absent && ours[index] !== theirs[index],
  );
  if (different.length === 0) return;
  throw new ManagerError(
    'INVALID',
    `*** Found ${different.length} key(s) in both source node and target node having different values.\n` +
      `    Source node: ${formatAddress(source)}\n` +
      `    Target node: ${formatAddress(target)}\n` +
      `    Keys(s):\n${different.map((key) => `    - ${printableKey(key)}`).join('\n')}`,
    { hint: 'Fix these keys by hand, or use --replace to overwrite those of the target node.' },
  );
}

/** A key as an ASCII text for messages; bytes that don't print are escaped. */
export function printableKey(key: Uint8Array): string {
  return latin1(key).replace(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
