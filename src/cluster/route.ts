/**
 * Where a request with keys belongs: here, or with which error it is sent away. Nodes ask this only when
 * `SlotMap.serves` said no. Cluster specification, "MOVED Redirection", "ASK redirection", "Multi-keys operations"
 * and "Scaling reads using replica nodes".
 */
import type { ClusterNode } from './cluster-node.js';
import type { ClusterState } from './state.js';
import type { ClusterView } from './view.js';

const CROSS_SLOT = "CROSSSLOT Keys in request don't hash to the same slot";
const TRY_AGAIN = 'TRYAGAIN Multiple keys request during rehashing of slot';
export const DOWN = 'CLUSTERDOWN The cluster is down';
export const DOWN_READ_ONLY = 'CLUSTERDOWN The cluster is down and only accepts read commands';
const UNSERVED = 'CLUSTERDOWN Hash slot not served';

/** A command, or a whole transaction, with keys. */
export interface RoutedRequest {
  /** The slot of its first key. */
  slot: number;
  /** Another key is in another slot. */
  crossesSlots: boolean;
  /** It names more than one key. */
  multipleKeys: boolean;
  write: boolean;
  /** SSUBSCRIBE, SUNSUBSCRIBE or SPUBLISH: the keys are channels. */
  shardedPubsub: boolean;
  /** MIGRATE, which must reach the keys of a slot on the move. */
  migrate: boolean;
  /** The client sent ASKING, or the command implies it. */
  asking: boolean;
  /** The client sent READONLY. */
  readonly: boolean;
  /** The client came without TLS, which matters in a TLS cluster. */
  plain: boolean;
  /** Counts the request's keys that are here and that are not; called for slots on the move only. */
  countKeys(): { existing: number; missing: number };
}

/** The error reply, without its `-`, or null when the request is to be served here. */
export function route(state: ClusterState, view: ClusterView, request: RoutedRequest): string | null {
  const { myself, options, slots } = state;
  const { slot } = request;
  const owner = slots.owner(slot);
  if (!owner) return UNSERVED;
  if (request.crossesSlots) return CROSS_SLOT;

  if (!state.isUp) {
    if (request.shardedPubsub) {
      if (!options.allowPubsubShardWhenDown) return DOWN;
    } else if (!options.allowReadsWhenDown) return DOWN;
    else if (request.write) return DOWN_READ_ONLY;
  }

  const target = owner === myself ? slots.migratingTo(slot) : undefined;
  const importing = !target && slots.importingFrom(slot) !== undefined;
  if (target || importing) {
    if (request.migrate) return null;
    const keys = request.shardedPubsub ? { existing: 0, missing: 0 } : request.countKeys();
    if (target && keys.missing > 0)
      return keys.existing > 0 ? TRY_AGAIN : redirection(view, 'ASK', request, target);
    if (importing && request.asking) return request.multipleKeys && keys.missing > 0 ? TRY_AGAIN : null;
  }

  if (owner === myself) return null;
  const readsHere = (request.readonly || request.shardedPubsub) && !request.write;
  if (readsHere && myself.isReplica && myself.master === owner) return null;
  return redirection(view, 'MOVED', request, owner);
}

/**
 * What happens to a client that is blocked on a key of the slot: the error it is woken with, or null when it may go
 * on waiting. Ask when the cluster's state or its slots have changed.
 */
export function routeBlocked(
  state: ClusterState,
  view: ClusterView,
  request: Pick<RoutedRequest, 'slot' | 'write' | 'readonly' | 'plain'>,
): string | null {
  if (!state.isUp) return DOWN;
  const { myself, slots } = state;
  const owner = slots.owner(request.slot);
  if (owner === myself || slots.importingFrom(request.slot)) return null;
  if (!owner) return UNSERVED;
  if (request.readonly && !request.write && myself.isReplica && myself.master === owner) return null;
  return redirection(view, 'MOVED', request, owner);
}

function redirection(
  view: ClusterView,
  kind: 'MOVED' | 'ASK',
  { slot, plain }: Pick<RoutedRequest, 'slot' | 'plain'>,
  node: ClusterNode,
): string {
  return `${kind} ${slot} ${view.preferredEndpoint(node)}:${view.port(node, plain)}`;
}
